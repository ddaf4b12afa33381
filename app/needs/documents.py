"""Documents on a need: site lists, sketches. For who asks and for the administration that keeps its list; a rival sees none."""

from __future__ import annotations

from sqlalchemy import select

from app.attachments import register_subject
from app.db.work import Reader
from app.kernel.errors import fail
from app.kernel.permission import Relation, Subject, policy
from app.needs.models import Need
from app.needs.visibility import subject_of

policy("need_document.view", Relation.REQUESTER, Relation.ADMINISTRATION)


def documented(reader: Reader, ref: str) -> Subject:
    """The facts of a need for the policies of its documents, or `not_found`."""
    need = reader.session.scalar(select(Need).where(Need.ref == ref))
    if need is None:
        raise fail("not_found")
    return subject_of(need)


def init() -> None:
    register_subject("need", documented, view="need_document.view", attach="need.edit")
