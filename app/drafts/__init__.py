"""Forms that a person has not finished: kept until they are sent, given up or forgotten. Serves any feature with a long form."""

from app.drafts.naming import NamedForm, forms_named
from app.drafts.queries import KeptDraft, kept_draft
from app.drafts.service import finishing

__all__ = ["KeptDraft", "NamedForm", "finishing", "forms_named", "kept_draft"]
