"""Use cases of one entry: create, edit, submit, withdraw."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import shapely
from sqlalchemy import select

from app.accounts import Organisation
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.kernel.version import check_version
from app.needs.checking import Checked, NeedFacts, alternative_problem, check_facts
from app.needs.entering import check_open_to
from app.needs.models import Bundle, Need, NeedsList
from app.needs.rounds import round_by_ref
from app.needs.rules import ENTRY
from app.needs.terms import check_entry, entry_problems
from app.needs.visibility import subject_of


@dataclass(frozen=True, slots=True)
class CreateNeed:
    needs_list_ref: str
    facts: NeedFacts
    organisation_ref: str | None = None  # None: the organisation acted for
    bundle_ref: str | None = None
    submit: bool = False


@dataclass(frozen=True, slots=True)
class EditNeed:
    ref: str
    facts: NeedFacts
    seen_version: int | None = None
    bundle_ref: str | None = None


@dataclass(frozen=True, slots=True)
class MoveNeed:
    ref: str
    seen_version: int | None = None
    reason: str | None = None


def need_by_ref(work: UnitOfWork, ref: str) -> Need:
    found = work.session.scalar(select(Need).where(Need.ref == ref))
    if found is None:
        raise fail("not_found")
    return found


def _requester(work: UnitOfWork, ref: str | None) -> Organisation:
    """Who asks: the organisation acted for, or one below it in the tree."""
    condition = Organisation.id == work.actor.organisation_id if ref is None else Organisation.ref == ref
    found = work.session.scalar(select(Organisation).where(condition))
    if found is None:
        raise fail("not_found")
    work.permit("need.create", Subject(requester_id=found.id))
    return found


def _bundle_id(work: UnitOfWork, ref: str | None, organisation_id: int) -> int | None:
    if ref is None:
        return None
    bundle = work.session.scalar(select(Bundle).where(Bundle.ref == ref, Bundle.organisation_id == organisation_id))
    if bundle is None:
        raise fail("not_found")
    return bundle.id


def create_need(work: UnitOfWork, command: CreateNeed) -> str:
    """Add an entry to a list that collects and takes it; with `submit`, submit it in the same step. Who may: drafters of the
    requester. Raises `invalid`, `round_not_collecting`, `list_by_invitation`."""
    round_ = round_by_ref(work, command.needs_list_ref)
    requester = _requester(work, command.organisation_ref)
    check_open_to(work, round_, requester.id)
    wanting = entry_problems(round_.terms, command.facts.kind, command.facts, submit=command.submit)
    checked = check_facts(command.facts, requester.profile, wanting)
    need = Need(needs_list_id=round_.id, organisation_id=requester.id, created_at=work.now, status="draft")
    _apply(need, command.facts, checked)
    need.bundle_id = _bundle_id(work, command.bundle_ref, requester.id)
    work.session.add(need)
    work.session.flush()
    if command.submit:
        work.permit("need.submit", subject_of(need))
        _submit(need, work.today)
    work.emit(
        _event(
            "submitted" if command.submit else "created",
            need,
            after={"title": need.title, "status": need.status, "kind": need.kind},
        )
    )
    return need.ref


def _apply(need: Need, facts: NeedFacts, checked: Checked) -> None:
    for name in (f.name for f in fields(NeedFacts)):
        if name not in ("geometry", "requirements", "assumed"):
            setattr(need, name, getattr(facts, name))
    need.geom, need.requirements, need.assumed = facts.geometry, checked.requirements, list(facts.assumed)
    need.quantity = need.quantity_outstanding = checked.quantity
    need.region, need.face_region = checked.region, checked.face_region


def _event(action: str, need: Need, *, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None) -> Event:
    return Event(
        f"need.{action}", "need", need.ref, (need.organisation_id,), before or {}, after or {}, need.region, {"need_id": need.id}
    )


def snapshot(need: Need) -> dict[str, Any]:
    """The entry's facts, JSON-ready, for the record."""
    names = [f.name for f in fields(NeedFacts) if f.name not in ("geometry", "assumed")]
    found = {name: getattr(need, name) for name in names}
    found["geometry"] = shapely.to_wkt(need.geom, rounding_precision=7)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


def edit_need(work: UnitOfWork, command: EditNeed) -> int:
    """Change a draft. Returns the new version."""
    need = need_by_ref(work, command.ref)
    work.permit("need.edit", subject_of(need))
    check_version(command.seen_version, need.version)
    ENTRY.move(need.status, "edit")
    requester = work.session.get_one(Organisation, need.organisation_id)
    terms = work.session.get_one(NeedsList, need.needs_list_id).terms
    before = snapshot(need)
    wanting = entry_problems(terms, command.facts.kind, command.facts, submit=False)
    _apply(need, command.facts, check_facts(command.facts, requester.profile, wanting))
    need.bundle_id = _bundle_id(work, command.bundle_ref, need.organisation_id)
    need.version, need.updated_at = need.version + 1, work.now
    after = snapshot(need)
    changed = [name for name in after if after[name] != before[name]]
    work.emit(_event("edited", need, before={n: before[n] for n in changed}, after={n: after[n] for n in changed}))
    return need.version


def _submit(need: Need, today: date) -> None:
    if not need.alternative:
        raise fail("alternative_missing", [alternative_problem()])
    need.status, need.submitted_on = ENTRY.move(need.status, "submit"), today


def submit_need(work: UnitOfWork, command: MoveNeed) -> None:
    """Submit a draft to its list; from here the stand-alone alternative stands. Raises `alternative_missing`, `invalid` with
    each field that the list asks for, `round_not_collecting`, `list_by_invitation`."""
    need = need_by_ref(work, command.ref)
    work.permit("need.submit", subject_of(need))
    check_version(command.seen_version, need.version)
    round_ = work.session.get_one(NeedsList, need.needs_list_id)
    check_open_to(work, round_, need.organisation_id)
    _submit(need, work.today)
    check_entry(round_.terms, need.kind, need, submit=True)
    need.version, need.updated_at = need.version + 1, work.now
    work.emit(_event("submitted", need, before={"status": "draft"}, after={"status": need.status}))


def withdraw_need(work: UnitOfWork, command: MoveNeed) -> None:
    """Take an entry back, whatever its state; it leaves the list with the outcome withdrawn."""
    need = need_by_ref(work, command.ref)
    work.permit("need.withdraw", subject_of(need))
    check_version(command.seen_version, need.version)
    before = need.status
    need.status, need.outcome, need.outcome_reason = ENTRY.move(need.status, "withdraw"), "withdrawn", command.reason
    need.version, need.updated_at = need.version + 1, work.now
    work.emit(_event("withdrawn", need, before={"status": before}, after={"status": need.status, "outcome": need.outcome}))
