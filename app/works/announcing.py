"""Use cases of a sponsor until its works stand announced: draft, elements, announcement with planned assets and reservations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import shapely
from shapely.ops import substring
from sqlalchemy import select

from app.accounts import Organisation, names
from app.assets import AssetDraft, add_asset, region_of
from app.catalogue.declaration import Geometry
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.catalogue.works_terms import NEVER, WORKS_KINDS, WorksRule
from app.db.work import UnitOfWork
from app.deadlines import start_deadline
from app.kernel.errors import Problem, fail
from app.kernel.permission import Subject
from app.kernel.quantity import to_milli
from app.kernel.text import Text, counted
from app.kernel.timewindow import FAR, Window
from app.ledger import reserve_for_works
from app.works.models import WorksElement, WorksProject
from app.works.projects import SUBJECT, WINDOW, concerned, elements_of, event_of, lacks, late_then, load, touch
from app.works.rules import LIFE, Element, dates_wrong, element_wrong, first_permit, join_until

IN_TUNNEL = ("subway", "tunnel", "bridge")


@dataclass(frozen=True, slots=True)
class ElementIn:
    """`capacity`, `reserved`: dimension → amount in its unit."""

    kind: str
    name: str
    from_m: int
    to_m: int
    level: str = ""
    bore_mm: int | None = None
    capacity: Mapping[str, float] = field(default_factory=dict)
    reserved: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DraftWorks:
    """`geometry`: the route, WGS-84; its chainage runs from `from_m` to `to_m`."""

    kind: str
    name: str
    geometry: shapely.Geometry | None
    from_m: int
    to_m: int
    permit_on: date
    starts_on: date
    completes_on: date
    description: str = ""
    region: str | None = None
    elements: Sequence[ElementIn] = ()


@dataclass(frozen=True, slots=True)
class AddElement:
    ref: str
    element: ElementIn
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class AnnounceWorks:
    ref: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ReserveMore:
    """`amounts`: dimension → how much more, in its unit."""

    ref: str
    number: int
    amounts: Mapping[str, float]
    seen_version: int | None = None


def draft_works(work: UnitOfWork, command: DraftWorks) -> str:
    """Begin a project, seen by its sponsor alone. Who may: drafters of the sponsor. Returns its ref. Raises `invalid`."""
    sponsor = work.session.get(Organisation, work.actor.organisation_id)
    if sponsor is None:
        raise fail("forbidden")
    problems = [Problem("invalid", text, pointer=pointer) for text, pointer in _draft_wrong(command)]
    problems += dates_wrong(command.permit_on, command.starts_on, command.completes_on)
    problems += [
        problem
        for number, element in enumerate(command.elements)
        for problem in element_wrong(_element(element), command.from_m, command.to_m, f"/elements/{number}")
    ]
    if problems:
        raise fail("invalid", problems)
    region = region_of(command.geometry, sponsor.profile, command.region)
    work.permit("works.draft", Subject(owner_id=sponsor.id, region=region))
    project = WorksProject(
        sponsor_id=sponsor.id,
        kind=command.kind,
        name=command.name.strip()[:200],
        description=command.description.strip(),
        region=region,
        profile=sponsor.profile,
        geom=command.geometry,
        from_m=command.from_m,
        to_m=command.to_m,
        permit_on=command.permit_on,
        starts_on=command.starts_on,
        completes_on=command.completes_on,
        terms={},
        created_at=work.now,
    )
    work.session.add(project)
    work.session.flush()
    for number, element in enumerate(command.elements, 1):
        work.session.add(_row(project, number, element))
    after = {"status": "draft", "kind": project.kind, "elements": len(command.elements), **_dates(project)}
    work.emit(event_of(project, "works.drafted", [project.sponsor_id], {}, after))
    return project.ref


def add_element(work: UnitOfWork, command: AddElement) -> int:
    """Add what the works build to a draft. Who may: drafters of the sponsor. Returns the new version. Raises `invalid`."""
    project = load(work, command.ref, "works.draft", command.seen_version)
    LIFE.move(project.status, "announce")
    if problems := element_wrong(_element(command.element), project.from_m, project.to_m):
        raise fail("invalid", problems)
    row = _row(project, len(elements_of(work.session, project)) + 1, command.element)
    work.session.add(row)
    touch(work, project)
    work.emit(event_of(project, "works.element_added", [project.sponsor_id], {}, {"element": row.name, "number": row.number}))
    return project.version


def announce_works(work: UnitOfWork, command: AnnounceWorks) -> int:
    """Announce: the elements become planned assets with their capacity, what is reserved enters the ledger, the join window opens
    with its clock. Who may: managers of the sponsor.

    Raises `works_too_soon`, `works_without_elements`, `illegal_transition`."""
    project = load(work, command.ref, "works.announce", command.seen_version)
    status = LIFE.move(project.status, "announce")
    profile = get_profile(project.profile)
    rule = profile.works_rule(project.kind)
    earliest = first_permit(work.today, rule)
    if project.permit_on < earliest:
        raise fail(
            "works_too_soon", months=counted(rule.publish_months if rule else 0, "month", "months", " {n} 个月"), first=earliest
        )
    elements = elements_of(work.session, project)
    if not elements:
        raise fail("works_without_elements")
    project.status, project.announced_on = status, work.today
    project.join_until, project.terms = join_until(project.permit_on, project.completes_on, rule), terms_of(rule)
    for row in elements:
        _plan(work, project, row)
    project.lacks_reserve = bool(lacks(work.session, project, elements))
    touch(work, project)
    told = tuple(dict.fromkeys((*concerned(work, project), *_carriers(work))))
    ends = late_then(project.terms) != NEVER
    if ends and profile.clock(WINDOW) is not None:
        days = (project.join_until - work.today).days
        start_deadline(work, profile, WINDOW, SUBJECT, project.ref, project.sponsor_id, work.now, length=days)
    after = {
        "status": status,
        "join_until": project.join_until.isoformat() if ends else {"en": "the works are complete", "zh": "工程建成之日"},
        "lacks_reserve": project.lacks_reserve,
        "reserved": {row.number: dict(row.reserved) for row in elements},
        **_dates(project),
    }
    work.emit(event_of(project, "works.announced", told, {"status": "draft"}, after))
    return project.version


def reserve_more(work: UnitOfWork, command: ReserveMore) -> int:
    """Reserve more for communications on an element; what is reserved only grows. Who may: managers of the sponsor. Returns the
    new version. Raises `no_capacity`, `amount_missing`, `not_found`."""
    project = load(work, command.ref, "works.reserve", command.seen_version)
    LIFE.move(project.status, "complete")
    elements = elements_of(work.session, project)
    row = next((one for one in elements if one.number == command.number), None)
    if row is None or row.asset_id is None:
        raise fail("not_found")
    amounts = {name: to_milli(amount) for name, amount in command.amounts.items() if amount}
    reserve_for_works(work, row.asset_id, amounts, Window(project.completes_on, FAR), project.ref)
    was = dict(row.reserved)
    row.reserved = {name: was.get(name, 0) + command.amounts.get(name, 0) for name in {**was, **command.amounts}}
    project.lacks_reserve = bool(lacks(work.session, project, elements))
    touch(work, project)
    after = {"element": row.name, "reserved": dict(row.reserved), "lacks_reserve": project.lacks_reserve}
    work.emit(event_of(project, "works.reserved", concerned(work, project), {"reserved": was}, after))
    return project.version


def terms_of(rule: WorksRule | None) -> dict[str, Any]:
    """The rule as it is kept with the project: what the works were announced by, whatever the profile says later."""
    if rule is None:
        return {}
    return {
        "label": {"en": rule.label.en, "zh": rule.label.zh},
        "publish_months": rule.publish_months,
        "request_months": rule.request_months,
        "source": {"en": rule.source.text.en, "zh": rule.source.text.zh},
        "reserve": [
            {"en": s.label.en, "zh": s.label.zh, "asset": s.asset, "dimension": s.dimension, "least": s.least, "along": s.along}
            for s in rule.reserve
        ],
        "late": {
            "then": rule.late.then,
            "en": rule.late.text.en,
            "zh": rule.late.text.zh,
            "source": {"en": rule.late.source.text.en, "zh": rule.late.source.text.zh},
        },
    }


def _plan(work: UnitOfWork, project: WorksProject, row: WorksElement) -> None:
    """The planned asset of an element, with its reservation."""
    sponsor = names(work.session, [project.sponsor_id])[project.sponsor_id]
    asset = add_asset(
        work,
        AssetDraft(
            kind=row.kind,
            name=f"{project.name} {row.name}"[:200],
            geometry=_place(project, row),
            attributes=_attributes(project, row),
            capacity=dict(row.capacity),
            owner=sponsor.ref,
            status="planned",
            available_from=project.completes_on,
            region=project.region,
        ),
    )
    row.asset_id = asset.id
    amounts = {name: to_milli(amount) for name, amount in row.reserved.items() if amount}
    if amounts:
        reserve_for_works(work, asset.id, amounts, Window(project.completes_on, FAR), project.ref)


def _place(project: WorksProject, row: WorksElement) -> shapely.Geometry:
    """The element's part of the route, in proportion to the chainage; the middle of it where the kind is a point."""
    length = project.to_m - project.from_m
    start, end = ((at - project.from_m) / length for at in (row.from_m, row.to_m))
    if Geometry.LINE in KINDS[row.kind].geometry:
        return substring(project.geom, start, end, normalized=True)
    return project.geom.interpolate((start + end) / 2, normalized=True)


def _attributes(project: WorksProject, row: WorksElement) -> dict[str, Any]:
    """What the element says of itself in the words of its kind; what the kind demands and nobody stated takes its default."""
    known = {
        "line_reference": project.name,
        "chainage_from_m": row.from_m,
        "chainage_to_m": row.to_m,
        "length_m": row.to_m - row.from_m,
        "level": row.level or None,
        "bore_mm": row.bore_mm,
        "deployment": "tray" if project.kind in IN_TUNNEL else "buried",
    }
    found = {f.name: known[f.name] for f in KINDS[row.kind].attributes if known.get(f.name) is not None}
    return {f.name: f.default for f in KINDS[row.kind].attributes if f.required and f.default is not None} | found


def _carriers(work: UnitOfWork) -> list[int]:
    """Whom an announcement is for: every company of the telecommunications sector."""
    statement = select(Organisation.id).where(Organisation.sector == "telecom", Organisation.kind == "company")
    return list(work.session.scalars(statement.order_by(Organisation.id)))


def _draft_wrong(command: DraftWorks) -> list[tuple[Text, str]]:
    found = []
    if command.kind not in WORKS_KINDS:
        found.append((Text("Choose the kind of works.", "请选择工程类型。"), "/kind"))
    if not command.name.strip():
        found.append((Text("Give it a name.", "请填写名称。"), "/name"))
    if command.geometry is None or command.geometry.geom_type != "LineString" or command.geometry.length == 0:
        found.append((Text("The route is a line.", "线路应为线。"), "/geometry"))
    if command.from_m >= command.to_m:
        found.append((Text("The chainage ends after it begins.", "终点里程应大于起点里程。"), "/to_m"))
    return found


def _element(given: ElementIn) -> Element:
    return Element(given.kind, given.name, given.from_m, given.to_m, given.level, given.bore_mm, given.capacity, given.reserved)


def _row(project: WorksProject, number: int, given: ElementIn) -> WorksElement:
    return WorksElement(
        project_id=project.id,
        number=number,
        kind=given.kind,
        name=given.name.strip()[:200],
        from_m=given.from_m,
        to_m=given.to_m,
        level=given.level.strip()[:40],
        bore_mm=given.bore_mm,
        capacity={name: amount for name, amount in given.capacity.items() if amount},
        reserved={name: amount for name, amount in given.reserved.items() if amount},
    )


def _dates(project: WorksProject) -> dict[str, str]:
    return {name: getattr(project, name).isoformat() for name in ("permit_on", "starts_on", "completes_on")}
