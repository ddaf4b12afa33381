"""Use cases of a needs list: open, edit, publish, close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from app.accounts import Organisation
from app.db.work import UnitOfWork
from app.kernel.errors import Problem, fail
from app.kernel.event import Event
from app.kernel.permission import Subject, within
from app.kernel.text import Text
from app.kernel.version import check_version
from app.needs.keeping.models import ListInvitation
from app.needs.models import Need, NeedsList
from app.needs.rules import ENTERED_STATES, ENTRY, ROUND
from app.needs.terms import Terms, check_terms, in_order_of_catalogue


@dataclass(frozen=True, slots=True)
class OpenRound:
    """`organisation_refs`: companies that are invited at once; a list by invitation needs one."""

    region: str
    name: str
    opens_on: date
    closes_on: date
    name_zh: str | None = None
    terms: Terms = field(default_factory=Terms)
    organisation_refs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class EditRound:
    ref: str
    name: str
    opens_on: date
    closes_on: date
    name_zh: str | None = None
    terms: Terms = field(default_factory=Terms)
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


def _problems(command: OpenRound | EditRound) -> list[Problem]:
    found = check_terms(command.terms, command.closes_on)
    if command.closes_on <= command.opens_on:
        found.insert(0, Problem("window", Text("Closes before it opens.", "截止日期早于开始日期。"), pointer="/closes_on"))
    return found


def _apply(round_: NeedsList, command: OpenRound | EditRound) -> None:
    terms = command.terms
    round_.name, round_.name_zh = command.name, command.name_zh
    round_.opens_on, round_.closes_on, round_.publishes_on = command.opens_on, command.closes_on, terms.publishes_on
    round_.asks, round_.asks_zh, round_.audience = terms.asks, terms.asks_zh, terms.audience
    round_.kinds, round_.must_state = list(terms.kinds), in_order_of_catalogue(terms.must_state)


def _facts(round_: NeedsList) -> dict[str, object]:
    """What is told of a list, for the record."""
    days = {name: getattr(round_, name) for name in ("opens_on", "closes_on", "publishes_on")}
    return {
        "name": round_.name,
        "asks": round_.asks,
        **{name: day.isoformat() if day else None for name, day in days.items()},
        "kinds": list(round_.kinds),
        "must_state": list(round_.must_state),
        "audience": round_.audience,
    }


def _event(action: str, round_: NeedsList, organisations: tuple[int, ...], **after: object) -> Event:
    return Event(f"needs_list.{action}", "needs_list", round_.ref, organisations, after=after, region=round_.region)


def open_round(work: UnitOfWork, command: OpenRound) -> str:
    """Open a needs list; whom it invites is told, or every company where all may enter. Who may: the communications administration
    of the region. Returns its ref. Raises `invalid`."""
    work.permit("needs_list.open", Subject(region=command.region))
    problems, invited = _problems(command), companies_of(work, command.organisation_refs)
    if invited is None or (command.terms.audience == "invited" and not invited):
        problems.append(choose_companies())
    if problems:
        raise fail("invalid", problems)
    actor = work.actor
    if not any(c.organisation_id == actor.organisation_id and within(command.region, c.regions) for c in actor.competences):
        raise fail("forbidden")
    round_ = NeedsList(
        administration_id=actor.organisation_id,
        region=command.region,
        created_at=work.now,
    )
    _apply(round_, command)
    work.session.add(round_)
    work.session.flush()
    work.session.add_all(
        ListInvitation(needs_list_id=round_.id, organisation_id=number, invited_at=work.now) for number in invited or ()
    )
    told = tuple(invited or ()) if round_.audience == "invited" else _companies(work)
    facts = _facts(round_) | {"name": {"en": round_.name, "zh": round_.name_zh or round_.name}, "invited": len(invited or ())}
    work.emit(_event("opened", round_, told, **facts))
    return round_.ref


def _companies(work: UnitOfWork) -> tuple[int, ...]:
    """Every active company is told that a list collects: any of them may ask."""
    return tuple(
        work.session.scalars(select(Organisation.id).where(Organisation.status == "active", Organisation.kind == "company"))
    )


def companies_of(work: UnitOfWork, refs: Sequence[str]) -> list[int] | None:
    """The active companies of these refs, or None when one of them is none."""
    named = list(dict.fromkeys(refs))
    wanted = (Organisation.ref.in_(named), Organisation.status == "active", Organisation.kind == "company")
    found = list(work.session.scalars(select(Organisation.id).where(*wanted).order_by(Organisation.id)))
    return found if len(found) == len(named) else None


def choose_companies() -> Problem:
    return Problem("invalid", Text("Choose companies.", "请选择企业。"), pointer="/organisations")


def edit_round(work: UnitOfWork, command: EditRound) -> int:
    """Change names, dates and what is asked while the list is open; entries that are in it stay. Returns the new version. Raises
    `invalid`."""
    round_ = round_by_ref(work, command.ref)
    work.permit("needs_list.edit", subject_of(round_))
    check_version(command.seen_version, round_.version)
    if problems := _problems(command):
        raise fail("invalid", problems)
    before = _facts(round_)
    _apply(round_, command)
    round_.version, round_.updated_at = round_.version + 1, work.now
    after = _facts(round_)
    changed = [name for name in after if after[name] != before[name]]
    before, after = ({name: facts[name] for name in changed} for facts in (before, after))
    work.emit(Event("needs_list.edited", "needs_list", round_.ref, before=before, after=after, region=round_.region))
    return round_.version


def publish_round(work: UnitOfWork, command: MoveRound) -> int:
    """Publish the list: every submitted entry becomes published, drafts stay the requester's. Returns how many were published. Raises
    `round_collects_still` before its last day, where the day of publishing was announced."""
    round_ = round_by_ref(work, command.ref)
    work.permit("needs_list.publish", subject_of(round_))
    check_version(command.seen_version, round_.version)
    if round_.status == "open" and round_.publishes_on is not None and work.today < round_.closes_on:
        raise fail("round_collects_still", closes=round_.closes_on)
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
