"""Keep a reckoning: groups that still hold keep their consents, those that do not are superseded, new ones are proposed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db.work import UnitOfWork
from app.kernel.event import Event
from app.matching.cobuilding.found import GroupFound
from app.matching.cobuilding.models import CobuildConsent, CobuildGroup, CobuildMember, CobuildRun
from app.matching.cobuilding.rules import GROUP
from app.matching.cobuilding.source import to_build
from app.needs import Need

STORING = 0x636F6275696C6421  # the advisory lock of who stores a reckoning


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reckoning changed. `needs`: unserved ones that took part."""

    ref: str
    needs: int
    proposed: int
    kept: int
    superseded: int


def store(work: UnitOfWork, command: tuple[dict[str, Any], list[GroupFound]]) -> Outcome:
    """Write the difference. A group whose need was published no more while it was reckoned is left out."""
    record, groups = command
    session = work.session
    _one_at_a_time(session)
    run = CobuildRun(computed_at=work.now, **record)
    session.add(run)
    session.flush()
    open_ = set(session.scalars(select(Need.id).where(to_build())))
    found = {g.key: g for g in groups if all(m.need_id in open_ for m in g.members)}
    standing = {g.key: g for g in session.scalars(select(CobuildGroup).where(CobuildGroup.status == "proposed"))}
    gone = [group for key, group in sorted(standing.items()) if key not in found]
    for group in gone:
        supersede(work, group)
    for key in standing.keys() & found.keys():
        standing[key].near = [asdict(near) for near in found[key].near]
    new = [found[key] for key in found if key not in standing]
    for one in new:
        _propose(work, run, one)
    outcome = Outcome(
        run.ref, sum(r["needs"] for r in record["results"]), len(new), len(standing.keys() & found.keys()), len(gone)
    )
    after = {"needs": outcome.needs, "proposed": outcome.proposed, "kept": outcome.kept, "superseded": outcome.superseded}
    work.emit(Event("cobuild_run.done", "cobuild_run", run.ref, after=after))
    return outcome


def _one_at_a_time(session: Session) -> None:
    """Two reckonings must not store at once: on SQLite writers come one at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": STORING})


def supersede(work: UnitOfWork, group: CobuildGroup) -> None:
    """The group no longer holds; its consents lapse, and its members are told."""
    before = group.status
    group.status, group.settled_at = GROUP.move(before, "supersede"), work.now
    for consent in consents(work, group):
        consent.withdrawn_at = work.now
    work.emit(_event("superseded", group, organisations(work, group), {"status": before}, {"status": group.status}))


def organisations(work: UnitOfWork, group: CobuildGroup) -> tuple[int, ...]:
    found = select(CobuildMember.organisation_id).where(CobuildMember.group_id == group.id).distinct()
    return tuple(sorted(work.session.scalars(found)))


def consents(work: UnitOfWork, group: CobuildGroup) -> list[CobuildConsent]:
    """Those that stand."""
    standing = select(CobuildConsent).where(CobuildConsent.group_id == group.id, CobuildConsent.withdrawn_at.is_(None))
    return list(work.session.scalars(standing.order_by(CobuildConsent.id)))


def _propose(work: UnitOfWork, run: CobuildRun, found: GroupFound) -> None:
    names = ("form", "key", "kind", "region", "profile", "currency", "lon", "lat", "height_m", "length_m", "start_from",
             "start_until", "cost_minor", "core_excess_minor")  # fmt: skip
    kept = {"near": [asdict(near) for near in found.near], "sections": list(found.sections)}
    group = CobuildGroup(run_id=run.id, created_at=work.now, **kept, **{n: getattr(found, n) for n in names})
    work.session.add(group)
    work.session.flush()
    work.session.add_all([CobuildMember(group_id=group.id, **asdict(member)) for member in found.members])
    work.session.flush()
    told = tuple(sorted({member.organisation_id for member in found.members}))
    work.emit(_event("proposed", group, told, {}, {"status": "proposed", "kind": group.kind, "needs": len(found.members)}))


def _event(action: str, group: CobuildGroup, told: tuple[int, ...], before: dict[str, Any], after: dict[str, Any]) -> Event:
    """What is recorded names no member, no place and no figure: the record of one is read by others."""
    return Event(f"cobuild_group.{action}", "cobuild_group", group.ref, told, before, after, group.region)
