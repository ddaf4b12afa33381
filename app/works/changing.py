"""Use cases of a sponsor on announced works: a slipped date, completion, cancellation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.accounts import names
from app.assets import move_along, reschedule
from app.catalogue.works_terms import NEVER
from app.db.work import UnitOfWork
from app.deadlines import end_deadline, meet_deadline
from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.ledger import PROMISED, active_claims, end_works, tell_holders, too_early
from app.works.projects import SUBJECT, WINDOW, concerned, elements_of, event_of, late_then, load, touch
from app.works.rules import LIFE, dates_wrong


@dataclass(frozen=True, slots=True)
class SlipWorks:
    """New days of start and completion, and why."""

    ref: str
    starts_on: date
    completes_on: date
    reason: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class CloseWorks:
    """`action`: complete or cancel; a cancellation says why."""

    ref: str
    action: str
    reason: str = ""
    seen_version: int | None = None


def slip_works(work: UnitOfWork, command: SlipWorks) -> list[str]:
    """Move the dates of announced works. Their planned assets become available with the new day of completion; every claim that
    counts on an earlier day is listed, and its holder told. Who may: managers of the sponsor. Returns the claims' refs."""
    project = load(work, command.ref, "works.change", command.seen_version)
    LIFE.move(project.status, "complete")
    problems = dates_wrong(project.permit_on, command.starts_on, command.completes_on)
    if not command.reason.strip():
        problems.append(_say_why())
    if problems:
        raise fail("invalid", problems)
    before = {"starts_on": project.starts_on.isoformat(), "completes_on": project.completes_on.isoformat()}
    is_later = command.completes_on > project.completes_on
    project.starts_on, project.completes_on = command.starts_on, command.completes_on
    if late_then(project.terms) == NEVER and project.join_until is not None:
        project.join_until = command.completes_on
    affected: list[str] = []
    moved: list[tuple[int, date | None]] = []
    for row in elements_of(work.session, project):
        if row.asset_id is None:
            continue
        moved.append((row.asset_id, reschedule(work, row.asset_id, command.completes_on)))
        if is_later:
            affected += [claim.ref for claim in too_early(work.session, row.asset_id, command.completes_on)]
    touch(work, project)
    after = {
        "starts_on": command.starts_on.isoformat(),
        "completes_on": command.completes_on.isoformat(),
        "reason": command.reason.strip(),
        "claims": affected,
        "affected": len(affected),
    }
    work.emit(event_of(project, "works.slipped", concerned(work, project), before, after))
    if is_later:
        for asset_id, was in moved:
            tell_holders(work, asset_id, was.isoformat() if was else None)
    return affected


def close_works(work: UnitOfWork, command: CloseWorks) -> int:
    """Complete the works: their assets are in operation and the reservation stands. Or cancel them: the planned assets are
    retired and the reservation ends, unless others were promised capacity. Who may: managers of the sponsor.

    Raises `works_promised`, `illegal_transition`, `invalid`."""
    project = load(work, command.ref, "works.change", command.seen_version)
    if command.action not in ("complete", "cancel"):
        raise fail("not_found")
    told = concerned(work, project)
    before, project.status = project.status, LIFE.move(project.status, command.action)
    if command.action == "cancel" and not command.reason.strip():
        raise fail("invalid", [_say_why()])
    project.closed_at, project.reason = work.now, command.reason.strip() or None
    assets = [row.asset_id for row in elements_of(work.session, project) if row.asset_id is not None]
    if command.action == "cancel":
        _check_unpromised(work, assets)
    project.lacks_reserve = project.lacks_reserve and command.action == "complete"
    touch(work, project)
    if command.action == "cancel":
        end_works(work, project.ref)
    for asset_id in assets:
        move_along(work, asset_id, "commission" if command.action == "complete" else "retire")
    if command.action == "cancel":
        end_deadline(work, SUBJECT, project.ref, WINDOW)
    else:
        meet_deadline(work, SUBJECT, project.ref, WINDOW)
    after = {"status": project.status, "reason": project.reason}
    work.emit(event_of(project, f"works.{project.status}", told, {"status": before}, after))
    return project.version


def _check_unpromised(work: UnitOfWork, asset_ids: list[int]) -> None:
    """Raises `works_promised`, naming who holds capacity."""
    claims = [c for asset_id in asset_ids for c in active_claims(work.session, asset_id) if c.kind in PROMISED]
    if claims:
        known = names(work.session, {claim.organisation_id for claim in claims})
        holders = [known[c.organisation_id] for c in claims if c.organisation_id in known]
        said = Text(
            ", ".join(dict.fromkeys(h.in_("en") for h in holders)) or str(len(claims)),
            "、".join(dict.fromkeys(h.in_("zh") for h in holders)) or str(len(claims)),
        )
        raise fail("works_promised", holders=said)


def _say_why() -> Problem:
    return Problem("invalid", Text("Say why.", "请填写理由。"), pointer="/reason")
