"""Whether a paper is a needs list that was printed here: for everybody who holds it, without a word of its entries."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from app.accounts import OrganisationName, names
from app.db.work import Reader, UnitOfWork
from app.kernel.text import Text
from app.needs.models import ListPaper, NeedsList
from app.needs.views import RoundView

_NAMED = re.compile(rb"infrashare-needs-([0-9a-hj-km-np-tv-z]{13})")


@dataclass(frozen=True, slots=True)
class PaperVerdict:
    """What is told of a printed list. `status`: of the list when it was printed; `status_now`: today's."""

    hash: str
    name: Text
    administration: OrganisationName | None
    region: str
    made_on: date
    status: str
    status_now: str


def content_hash(facts: Mapping[str, Any]) -> str:
    """Of everything that a paper says."""
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def keep_paper(work: UnitOfWork, view: RoundView, mark: str, digest: str, data: bytes) -> None:
    """Remember what identifies a copy that is handed out."""
    list_id = work.session.scalars(select(NeedsList.id).where(NeedsList.ref == view.ref)).one()
    file_hash = hashlib.sha256(data).hexdigest()
    work.session.add(
        ListPaper(
            content_hash=digest, needs_list_id=list_id, file_hash=file_hash, mark=mark, status=view.status, made_on=work.today
        )
    )


def paper_by_hash(reader: Reader, digest: str) -> PaperVerdict | None:
    """The printed list of this hash, of its content or of its file."""
    return _told(reader, or_(ListPaper.content_hash == digest, ListPaper.file_hash == digest))


def paper_named(reader: Reader, data: bytes) -> PaperVerdict | None:
    """The printed list that a file says it is."""
    named = _NAMED.search(data)
    return _told(reader, ListPaper.mark == named[1].decode()) if named else None


def _told(reader: Reader, condition: Any) -> PaperVerdict | None:
    paper = select(ListPaper, NeedsList).join(NeedsList, NeedsList.id == ListPaper.needs_list_id).where(condition)
    found = reader.session.execute(paper).first()
    if found is None:
        return None
    kept, listed = found
    name, keeper = Text(listed.name, listed.name_zh or listed.name), names(reader.session, [listed.administration_id])
    return PaperVerdict(
        kept.content_hash, name, keeper.get(listed.administration_id), listed.region, kept.made_on, kept.status, listed.status
    )
