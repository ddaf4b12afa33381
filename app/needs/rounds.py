"""Use cases of a needs list: open, edit, publish, close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.accounts import Organisation
from app.db.work import UnitOfWork
from app.kernel.errors import Problem, fail
from app.kernel.event import Event
from app.kernel.permission import Subject, within
from app.kernel.text import Text
from app.kernel.version import check_version
from app.needs.models import Need, NeedsList
from app.needs.rules import ENTERED_STATES, ENTRY, ROUND


@dataclass(frozen=True, slots=True)
class OpenRound:
    region: str
    name: str
    opens_on: date
    closes_on: date
    name_zh: str | None = None


@dataclass(frozen=True, slots=True)
class EditRound:
    ref: str
    name: str
    opens_on: date
    closes_on: date
    name_zh: str | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class MoveRound:
    ref: str
    seen_version: int | None = None


def round_by_ref(work: UnitOfWork, ref: str) -> NeedsList:
    found = work.session.scalar(select(NeedsList).where(NeedsList.ref == ref))
    if found is None:
        raise fail("not_found")
    return found


def subject_of(round_: NeedsList) -> Subject:
    return Subject(region=round_.region, status=round_.status)


def _check_period(opens_on: date, closes_on: date) -> None:
    if closes_on <= opens_on:
        raise fail(
            "invalid", [Problem("window", Text("Closes before it opens.", "截止日期早于开始日期。"), pointer="/closes_on")]
        )


def _event(action: str, round_: NeedsList, organisations: tuple[int, ...], **after: object) -> Event:
    return Event(f"needs_list.{action}", "needs_list", round_.ref, organisations, after=after, region=round_.region)


def open_round(work: UnitOfWork, command: OpenRound) -> str:
    """Open a needs list. Who may: the communications administration of the region. Returns its ref."""
    work.permit("needs_list.open", Subject(region=command.region))
    _check_period(command.opens_on, command.closes_on)
    actor = work.actor
    if not any(c.organisation_id == actor.organisation_id and within(command.region, c.regions) for c in actor.competences):
        raise fail("forbidden")
    round_ = NeedsList(
        administration_id=actor.organisation_id,
        region=command.region,
        name=command.name,
        name_zh=command.name_zh,
        opens_on=command.opens_on,
        closes_on=command.closes_on,
        created_at=work.now,
    )
    work.session.add(round_)
    work.session.flush()
    work.emit(
        _event(
            "opened",
            round_,
            _invited(work),
            name={"en": round_.name, "zh": round_.name_zh or round_.name},
            opens_on=command.opens_on.isoformat(),
            closes_on=command.closes_on.isoformat(),
        )
    )
    return round_.ref


def _invited(work: UnitOfWork) -> tuple[int, ...]:
    """Every active company is told that a list collects: any of them may ask."""
    return tuple(
        work.session.scalars(select(Organisation.id).where(Organisation.status == "active", Organisation.kind == "company"))
    )


def edit_round(work: UnitOfWork, command: EditRound) -> int:
    """Change names and dates while the list is open. Returns the new version."""
    round_ = round_by_ref(work, command.ref)
    work.permit("needs_list.edit", subject_of(round_))
    check_version(command.seen_version, round_.version)
    _check_period(command.opens_on, command.closes_on)
    before = {"name": round_.name, "opens_on": round_.opens_on.isoformat(), "closes_on": round_.closes_on.isoformat()}
    round_.name, round_.name_zh, round_.opens_on, round_.closes_on = (
        command.name,
        command.name_zh,
        command.opens_on,
        command.closes_on,
    )
    round_.version, round_.updated_at = round_.version + 1, work.now
    after = {"name": round_.name, "opens_on": round_.opens_on.isoformat(), "closes_on": round_.closes_on.isoformat()}
    work.emit(Event("needs_list.edited", "needs_list", round_.ref, before=before, after=after, region=round_.region))
    return round_.version


def publish_round(work: UnitOfWork, command: MoveRound) -> int:
    """Publish the list: every submitted entry becomes published, drafts stay the requester's. Returns how many were published."""
    round_ = round_by_ref(work, command.ref)
    work.permit("needs_list.publish", subject_of(round_))
    check_version(command.seen_version, round_.version)
    round_.status, round_.version, round_.updated_at = ROUND.move(round_.status, "publish"), round_.version + 1, work.now
    entries = work.session.scalars(select(Need).where(Need.needs_list_id == round_.id, Need.status == "submitted")).all()
    for need in entries:
        need.status, need.version, need.updated_at = ENTRY.move(need.status, "publish"), need.version + 1, work.now
    concerned = tuple(sorted({need.organisation_id for need in entries}))
    work.emit(
        Event(
            "needs_list.published",
            "needs_list",
            round_.ref,
            concerned,
            before={"status": "open"},
            after={"status": "published", "entries": len(entries)},
            region=round_.region,
            data={"rematch": sorted({n.kind for n in entries})},
        )
    )
    return len(entries)


def close_round(work: UnitOfWork, command: MoveRound) -> None:
    """Close the list. Refused while an entry lacks an outcome, with the first of them named. Drafts that were never submitted are
    withdrawn with it, so that afterwards nothing in it is without an outcome."""
    round_ = round_by_ref(work, command.ref)
    work.permit("needs_list.close", subject_of(round_))
    check_version(command.seen_version, round_.version)
    target = ROUND.move(round_.status, "close")
    waiting = work.session.scalars(
        select(Need.title).where(Need.needs_list_id == round_.id, Need.status.in_(ENTERED_STATES)).order_by(Need.id)
    ).all()
    if waiting:
        raise fail(
            "round_has_open_entries", count=len(waiting), titles=", ".join(waiting[:3]) + ("…" if len(waiting) > 3 else "")
        )
    for draft in work.session.scalars(
        select(Need).where(Need.needs_list_id == round_.id, Need.status == "draft").order_by(Need.id)
    ).all():
        draft.status, draft.outcome = ENTRY.move(draft.status, "withdraw"), "withdrawn"
        draft.version, draft.updated_at = draft.version + 1, work.now
        after = {"status": draft.status, "outcome": draft.outcome}
        work.emit(Event("need.withdrawn", "need", draft.ref, (draft.organisation_id,), {"status": "draft"}, after, draft.region))
    asked = tuple(work.session.scalars(select(Need.organisation_id).where(Need.needs_list_id == round_.id).distinct()))
    round_.status, round_.version, round_.updated_at = target, round_.version + 1, work.now
    work.emit(_event("closed", round_, asked, status="closed"))
