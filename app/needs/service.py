"""Use cases of one entry: create, edit, submit, withdraw."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import shapely
from sqlalchemy import select

from app.accounts import Organisation
from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.catalogue.validation import validate_values
from app.db.work import UnitOfWork
from app.disclosure import anchor, snapped
from app.kernel.errors import Problem, fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.kernel.version import check_version
from app.needs.models import Bundle, Need, NeedsList
from app.needs.rounds import round_by_ref
from app.needs.rules import ENTRY, PRIORITIES, PURPOSES, check_collecting
from app.needs.visibility import subject_of
from app.regions import locate_one

MAX_RADIUS_M = 200_000.0


@dataclass(frozen=True, slots=True)
class NeedFacts:
    """What a requester states. `geometry`: WGS-84 point (circle), polygon (area) or A–B line (route); `radius_m`: radius, extra
    reach or half width of the corridor. `requirements`: values of the kind's declared requirements in their units."""

    kind: str
    title: str
    shape: str
    geometry: shapely.Geometry
    radius_m: float
    requirements: dict[str, Any]
    window_start: date
    window_end: date
    latest_start: date | None = None
    minimum_term_months: int | None = None
    budget_minor: int | None = None
    currency: str = "CNY"
    priority: str = "normal"
    purpose: str = "general"
    accepts_cobuild: bool = False
    divisible: bool = False
    tier: str = "T0"
    alternative: dict[str, Any] | None = None
    note: str | None = None
    owner_ref: str | None = None
    declared_crs: str = "EPSG:4326"
    provenance: str = "declared"
    assumed: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Checked:
    """Facts that hold: the values to store, and the region that the geometry lies in."""

    kind: AssetKind
    requirements: dict[str, Any]
    quantity: int
    region: str
    face_region: str | None


GEOMETRY_OF = {"circle": {"Point"}, "area": {"Polygon", "MultiPolygon"}, "route": {"LineString"}}


def check_facts(facts: NeedFacts, profile: str) -> Checked:
    """All that is wrong with the facts at once, each with its pointer; the place must lie in the profile's region tree."""
    if facts.kind not in KINDS:
        raise fail("invalid", [Problem("unknown_kind", Text("Unknown kind.", "未知类型。"), pointer="/kind")])
    kind = KINDS[facts.kind]
    values, found = validate_values(kind.requirements, facts.requirements, pointer="/requirements")
    problems = list(found)

    def wrong(pointer: str, en: str, zh: str) -> None:
        problems.append(Problem("invalid", Text(en, zh), pointer=pointer))

    if facts.shape not in kind.need_geometry or facts.geometry.geom_type not in GEOMETRY_OF.get(facts.shape, ()):
        wrong("/shape", "This kind is not asked for with this shape.", "该类型的需求不能使用此几何形状。")
    sound = facts.geometry.is_valid and not facts.geometry.is_empty
    region = locate_need(profile, facts.geometry) if sound else None
    if not sound:
        wrong("/geometry", "The geometry is empty or crosses itself.", "几何为空或自相交。")
    elif region is None:
        wrong("/geometry", "The place lies outside the regions of your jurisdiction.", "位置不在所属辖区范围内。")
    if not 0 <= facts.radius_m <= MAX_RADIUS_M or (facts.shape == "circle" and facts.radius_m == 0):
        wrong("/radius_m", "Give a radius from 1 m to 200 km.", "请填写 1 米到 200 公里的半径。")
    if facts.window_end <= facts.window_start:
        wrong("/window_end", "Ends before it starts.", "结束日期早于开始日期。")
    if facts.latest_start is not None and not facts.window_start <= facts.latest_start < facts.window_end:
        wrong("/latest_start", "The latest start lies outside the period.", "最迟开始日期不在期限内。")
    if not facts.title.strip():
        wrong("/title", "Give it a name.", "请填写名称。")
    if facts.priority not in PRIORITIES:
        wrong("/priority", "Choose high, normal or low.", "请选择高、中、低。")
    if facts.purpose not in PURPOSES:
        wrong("/purpose", "Choose general, universal service or emergency.", "请选择一般、普遍服务或应急通信保障。")
    elif facts.purpose != "general" and not (facts.note or "").strip():
        wrong(
            "/note",
            "State the programme or order that this purpose rests on.",
            "请注明该需求性质所依据的项目或指令。",
        )
    if facts.tier not in ("T0", "T1", "T2"):
        wrong("/tier", "Choose a disclosure tier.", "请选择公开层级。")
    quantity = values.get(kind.quantity) or 0
    if not problems and quantity < 1:
        wrong(f"/requirements/{kind.quantity}", "Ask for at least one.", "数量至少为 1。")
    if problems:
        raise fail("invalid", problems)
    return Checked(kind, values, int(quantity), region or "", locate_need(profile, snapped(facts.geometry)))


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


def locate_need(profile: str, geometry: shapely.Geometry) -> str | None:
    """The smallest region of the profile's tree that holds the need's middle."""
    lon, lat = anchor(geometry)
    return locate_one(lon, lat, get_profile(profile).region_tree)


def create_need(work: UnitOfWork, command: CreateNeed) -> str:
    """Add an entry to a list that collects; with `submit`, submit it in the same step. Who may: drafters of the requester."""
    round_ = round_by_ref(work, command.needs_list_ref)
    requester = _requester(work, command.organisation_ref)
    check_collecting(round_.status, round_.opens_on, round_.closes_on, work.today)
    checked = check_facts(command.facts, requester.profile)
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
    before = snapshot(need)
    _apply(need, command.facts, check_facts(command.facts, requester.profile))
    need.bundle_id = _bundle_id(work, command.bundle_ref, need.organisation_id)
    need.version, need.updated_at = need.version + 1, work.now
    after = snapshot(need)
    changed = [name for name in after if after[name] != before[name]]
    work.emit(_event("edited", need, before={n: before[n] for n in changed}, after={n: after[n] for n in changed}))
    return need.version


def _submit(need: Need, today: date) -> None:
    if not need.alternative:
        raise fail(
            "alternative_missing",
            [Problem("required", Text("State the alternative.", "请填写独立建设方案。"), pointer="/alternative")],
        )
    need.status, need.submitted_on = ENTRY.move(need.status, "submit"), today


def submit_need(work: UnitOfWork, command: MoveNeed) -> None:
    """Submit a draft to its list; from here the stand-alone alternative stands."""
    need = need_by_ref(work, command.ref)
    work.permit("need.submit", subject_of(need))
    check_version(command.seen_version, need.version)
    round_ = work.session.get_one(NeedsList, need.needs_list_id)
    check_collecting(round_.status, round_.opens_on, round_.closes_on, work.today)
    _submit(need, work.today)
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
