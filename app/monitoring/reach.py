"""How far the reader's oversight reaches, as conditions: an evaluator counts everything; a regulator the tasks that it has, the agreements
that they are on, and the requests that it may read."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from app.access import AccessRequest
from app.agreements import Agreement
from app.approvals import Approval
from app.db.containment import region_within_any
from app.db.work import Reader
from app.kernel.permission import Subject
from app.monitoring.wanted import Wanted, in_region
from app.savings import Saving


def permit_oversight(reader: Reader) -> None:
    """Regulators and evaluators. Raises `forbidden`."""
    actor = reader.actor
    held = {actor.organisation_id} if actor.competences and actor.organisation_id is not None else set()
    reader.permit("board.oversee", Subject(regulator_ids=frozenset(held)))


def _sees_all(reader: Reader) -> bool:
    return reader.actor.is_evaluator or reader.actor.is_system


def tasks(reader: Reader, wanted: Wanted) -> ColumnElement[bool]:
    """Approvals; their region is the agreement's, not that of the competence."""
    own = true() if _sees_all(reader) else Approval.regulator_id == reader.actor.organisation_id
    if not wanted.region:
        return own
    return and_(own, Approval.agreement_id.in_(select(Agreement.id).where(in_region(Agreement.region, wanted))))


def agreements(reader: Reader, wanted: Wanted) -> ColumnElement[bool]:
    """Agreements that were submitted to the reader's regulator."""
    chosen = in_region(Agreement.region, wanted)
    if _sees_all(reader):
        return chosen
    before = select(Approval.agreement_id).where(Approval.regulator_id == reader.actor.organisation_id)
    return and_(chosen, Agreement.id.in_(before))


def savings(reader: Reader, wanted: Wanted) -> ColumnElement[bool]:
    """Savings: of the agreements that are the reader's to see; the administration's of its regions, those of groups too."""
    chosen = in_region(Saving.region, wanted)
    if _sees_all(reader):
        return chosen
    parts: list[ColumnElement[bool]] = [Saving.agreement_id.in_(select(Agreement.id).where(agreements(reader, wanted)))]
    held = [one for one in reader.actor.competences if one.authority == "communications"]
    parts += [region_within_any(Saving.region, one.regions) for one in held]
    return and_(chosen, or_(*parts))


def requests(reader: Reader, wanted: Wanted) -> ColumnElement[bool]:
    """Access requests: the administration's of its regions; another regulator's where it settles the dispute."""
    chosen = in_region(AccessRequest.region, wanted)
    if _sees_all(reader):
        return chosen
    parts: list[ColumnElement[bool]] = [false(), AccessRequest.settler_id == reader.actor.organisation_id]
    held = [one for one in reader.actor.competences if one.authority == "communications"]
    parts += [region_within_any(AccessRequest.region, one.regions) for one in held]
    return and_(chosen, or_(*parts))
