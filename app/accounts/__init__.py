"""Organisations in a tree, people, memberships, competences, agencies, credentials. What other features may use is exported here."""

from __future__ import annotations

from app.accounts.directory import (
    OrganisationName,
    administration_of,
    all_organisations,
    competences,
    names,
    organisation_by_ref,
    subtree_ids,
)
from app.accounts.models import Organisation

__all__ = [
    "Organisation", "OrganisationName", "administration_of", "all_organisations", "competences", "names", "organisation_by_ref", "subtree_ids",
]
