"""What the use cases of works share: loading with leave, the event, the elements as the ledger has them, what is lacking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import administration_of
from app.catalogue.declaration import MILLI
from app.catalogue.works_terms import CLOSED, WorksSpace
from app.db.work import Reader, UnitOfWork
from app.kernel.actor import Actor
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.kernel.version import check_version
from app.ledger import held_by
from app.works.models import WorksElement, WorksJoin, WorksProject
from app.works.rules import LATE, STANDING, STANDS, Element, Lack, lacking

SUBJECT, WINDOW, ANSWER = "works", "works_join", "works_answer"


def subject_of(project: WorksProject, actor: Actor) -> Subject:
    """The project as policies see it: whoever is of another organisation may stand to it as one that joins."""
    return Subject(project.sponsor_id, actor.organisation_id, region=project.region, status=project.status)


def found(reader: Reader, ref: str, *, lock: bool = False) -> WorksProject:
    """The project, when the actor may see it: a draft is its sponsor's alone. Raises `not_found`."""
    statement = select(WorksProject).where(WorksProject.ref == ref)
    project = reader.session.scalar(statement.with_for_update() if lock else statement)
    if project is None:
        raise fail("not_found")
    reader.permit("works.view", subject_of(project, reader.actor))
    if project.announced_on is None and project.sponsor_id not in reader.actor.subtree and not reader.actor.is_system:
        raise fail("not_found")
    return project


def load(work: UnitOfWork, ref: str, policy: str, seen_version: int | None) -> WorksProject:
    """The project for a change. Raises `not_found`, `forbidden`, `stale_version`."""
    project = found(work, ref, lock=True)
    work.permit(policy, subject_of(project, work.actor))
    check_version(seen_version, project.version)
    return project


def touch(work: UnitOfWork, project: WorksProject) -> None:
    project.version += 1
    project.updated_at = work.now
    work.session.flush()


def elements_of(session: Session, project: WorksProject) -> list[WorksElement]:
    statement = select(WorksElement).where(WorksElement.project_id == project.id).order_by(WorksElement.number)
    return list(session.scalars(statement))


def joins_of(session: Session, project: WorksProject) -> list[WorksJoin]:
    return list(session.scalars(select(WorksJoin).where(WorksJoin.project_id == project.id).order_by(WorksJoin.number)))


def late_then(terms: Mapping[str, Any]) -> str:
    """What the rule by which the works were announced says of late requests; where it said nothing, they are not taken."""
    return str(terms["late"]["then"]) if "late" in terms else CLOSED


def late_text(terms: Mapping[str, Any]) -> Text:
    """The consequence in the words of that rule."""
    return Text(terms["late"]["en"], terms["late"]["zh"]) if "late" in terms else STANDS


def answer_words(row: WorksJoin, terms: Mapping[str, Any]) -> Text | None:
    """What was answered: in the words of whoever wrote it; that a request is late, and what follows, in any language."""
    if row.status in ("late", "too_late"):
        said, consequence = LATE.format(last=row.join_until, asked=row.asked_on), late_text(terms)
        return Text(f"{said.en} {consequence.en}", f"{said.zh}{consequence.zh}")
    return None if row.answer is None else Text(row.answer, row.answer)


def reserved_of(session: Session, project: WorksProject) -> dict[int, dict[str, float]]:
    """Asset → dimension → what the ledger holds for communications, in units."""
    found_: dict[int, dict[str, float]] = {}
    for claim in held_by(session, SUBJECT, project.ref):
        of_asset = found_.setdefault(claim.asset_id, {})
        of_asset[claim.dimension] = of_asset.get(claim.dimension, 0.0) + claim.amount_milli / MILLI
    return found_


def as_stated(row: WorksElement, reserved: Mapping[int, Mapping[str, float]] | None = None) -> Element:
    """The element for the rules. `reserved`: by the ledger, else as planned."""
    amounts = row.reserved if reserved is None else reserved.get(row.asset_id or 0, {})
    return Element(row.kind, row.name, row.from_m, row.to_m, row.level, row.bore_mm, row.capacity, amounts)


def spaces_of(terms: Mapping[str, Any]) -> list[WorksSpace]:
    """What was mandatory when the works were announced."""
    return [
        WorksSpace(Text(s["en"], s["zh"]), s["asset"], s["dimension"], float(s["least"]), bool(s["along"]))
        for s in terms.get("reserve", ())
    ]


def lacks(session: Session, project: WorksProject, elements: Sequence[WorksElement]) -> list[Lack]:
    """What of the mandatory reservation is not in the ledger."""
    reserved = reserved_of(session, project)
    return lacking(spaces_of(project.terms), [as_stated(row, reserved) for row in elements], project.from_m, project.to_m)


def concerned(work: UnitOfWork, project: WorksProject) -> tuple[int, ...]:
    """The sponsor, the administration there, and whoever asked to join and still may."""
    there = administration_of(work.session, project.region)
    waiting = [row.organisation_id for row in joins_of(work.session, project) if row.status in STANDING]
    return tuple(dict.fromkeys((project.sponsor_id, *([there.id] if there else []), *waiting)))


def event_of(
    project: WorksProject, action: str, told: Sequence[int], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Event:
    return Event(action, SUBJECT, project.ref, tuple(told), before, {"name": project.name, **after}, project.region)
