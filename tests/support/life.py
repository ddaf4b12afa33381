"""A small market in Shenzhen for tests of the life of an agreement: a power company's tower with a listing, a carrier's
matched need, the two competent regulators, and a stranger. Everybody acts through the same use cases as in the product."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import CompetenceGrant, Membership, Organisation, User
from app.assets.models import Asset
from app.audit.models import AuditRecord
from app.db.work import Bus
from app.kernel.actor import Actor, Competence, Role
from app.kernel.timewindow import Window
from app.ledger import bulk_totals, free
from app.listings import Listing
from app.matching import Match, MatchRun
from app.needs import Need, NeedsList
from tests.support import places

START, END = date(2027, 1, 1), date(2030, 1, 1)
TERM = Window(START, END)
OPEN = Window(date(2026, 7, 1), date(2036, 7, 1))


@dataclass
class World:
    """Actors by what they are, and the refs that tests use."""

    bus: Bus
    owner: Actor
    requester: Actor
    administration: Actor
    power_regulator: Actor
    stranger: Actor
    asset_id: int
    asset_ref: str
    listing_ref: str
    need_ref: str
    colleagues: dict[int, Actor] = field(default_factory=dict)

    def second(self, officer: Actor) -> Actor:
        """Another officer of the same regulator."""
        return self.colleagues[officer.organisation_id or 0]

    def fresh(self, actor: Actor) -> Actor:
        """The actor who gave the password just now."""
        return replace(actor, authenticated_at=self.bus.clock.now())

    def do(self, actor: Actor, use_case: Any, command: Any) -> Any:
        return self.bus.execute(use_case, actor, command)

    def ask(self, actor: Actor, query: Any, *args: Any) -> Any:
        return self.bus.ask(query, actor, *args)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A read whose rows may be kept after it."""
        with self.bus.database.read() as session:
            yield session
            session.expunge_all()

    def free(self, window: Window = TERM, asset_id: int | None = None) -> dict[str, int]:
        """Dimension → thousandths free."""
        with self.read() as session:
            return {name: state.free_milli for name, state in free(session, asset_id or self.asset_id, window).items()}

    def audit(self) -> list[str]:
        """Every action on record, oldest first."""
        with self.bus.database.read() as session:
            return list(session.scalars(select(AuditRecord.action).order_by(AuditRecord.id)))

    def one(self, model: Any, ref: str) -> Any:
        with self.read() as session:
            return session.scalars(select(model).where(model.ref == ref)).one()


def person(
    session: Session, organisation: Any, role: Role, competences: tuple[Competence, ...] = (), name: str = "", more: str = ""
) -> Actor:
    user = User(
        email=f"{organisation.ref}.{role}{more}@example.org",
        name=name or f"{role} of {organisation.name}",
        locale="en",
        created_at=places.MADE_AT,
    )
    session.add(user)
    session.flush()
    session.add(Membership(user_id=user.id, organisation_id=organisation.id, role=role.value, created_at=places.MADE_AT))
    return Actor(
        user_id=user.id,
        user_ref=user.ref,
        name=user.name,
        organisation_id=organisation.id,
        organisation_ref=organisation.ref,
        organisation_name=organisation.name,
        sector=organisation.sector,
        roles=frozenset({role}),
        subtree=frozenset({organisation.id}),
        competences=competences,
    )


def regulator(session: Session, name: str, sector: str, authority: str, region: str = "440000") -> Actor:
    organisation = places.organisation(session, name, sector, kind="authority")
    sectors = [] if authority == "communications" else [sector]
    session.add(
        CompetenceGrant(organisation_id=organisation.id, authority=authority, level="province", sectors=sectors, regions=[region])
    )
    held = Competence(organisation.id, authority, "province", frozenset(sectors), frozenset({region}))
    return person(session, organisation, Role.OFFICER, (held,))


def listing(session: Session, asset: Asset, **more: Any) -> Listing:
    values: dict[str, Any] = {
        "kind": asset.kind,
        "region": asset.region,
        "sector": "power",
        "title": f"Space on {asset.name}",
        "geom": asset.geom,
        "status": "published",
        "window_start": OPEN.start,
        "window_end": OPEN.end,
        "price_minor": 1_200_000,
        "face_tier": "T1",
        "face_geom": asset.geom,
        "face_region": asset.region,
    } | more
    known = {column.key for column in Listing.__table__.columns}
    row = Listing(
        asset_id=asset.id, owner_id=asset.owner_id, created_at=places.MADE_AT, **{k: v for k, v in values.items() if k in known}
    )
    session.add(row)
    session.flush()
    return row


def need(session: Session, organisation_id: int, needs_list: NeedsList, **more: Any) -> Need:
    values: dict[str, Any] = {
        "kind": "tower",
        "region": "440304",
        "title": "5G macro at Huaqiangbei",
        "shape": "circle",
        "geom": shapely.Point(114.058, 22.543),
        "radius_m": 300.0,
        "requirements": {"mounts": 2, "height_m": 30, "load_kg": 120, "wind_area_m2": 0, "power_kw": 0},
        "quantity": 2,
        "quantity_outstanding": 2,
        "window_start": START,
        "window_end": END,
        "status": "matched",
        "budget_minor": 4_000_000,
        "alternative": {"description": "A monopole of our own"},
    } | more
    row = Need(organisation_id=organisation_id, needs_list_id=needs_list.id, created_at=places.MADE_AT, **values)
    session.add(row)
    session.flush()
    return row


def matched(session: Session, need_row: Need, listing_row: Listing) -> None:
    run = MatchRun(scope="full", status="done", started_at=places.MADE_AT, engine_version="test", seed=0, params={})
    session.add(run)
    session.flush()
    session.add(
        Match(
            need_id=need_row.id,
            listing_id=listing_row.id,
            run_id=run.id,
            score=80_000,
            distance_mm=5000,
            need_rank=1,
            listing_rank=1,
        )
    )


def build(bus: Bus) -> World:
    with bus.database.write() as session:
        power = places.organisation(session, "Southern Grid", "power", name_zh="南方电网")
        carrier = places.organisation(session, "Bay Mobile", "telecom", name_zh="湾区移动")
        administration = regulator(session, "Guangdong Communications Administration", "telecom", "communications")
        power_regulator = regulator(session, "Guangdong Energy Bureau", "power", "sector")
        tower = places.asset(
            session,
            power,
            name="Tower 7",
            geom=shapely.Point(114.0579, 22.5431),
            region="440304",
            public_tier="T1",
            attributes={"structure": "monopole", "structure_height_m": 40},
        )
        bulk_totals(session, [(tower.id, "tower", {"platform": 4, "load_kg": 500, "wind_area_m2": 12, "power_kw": 20})])
        offer = listing(session, tower, offered={"platform": 3})
        round_ = NeedsList(
            administration_id=administration.organisation_id,
            region="440000",
            name="Autumn 2026",
            opens_on=date(2026, 6, 1),
            closes_on=date(2026, 12, 1),
            status="published",
            created_at=places.MADE_AT,
        )
        session.add(round_)
        session.flush()
        entry = need(session, carrier.id, round_)
        matched(session, entry, offer)
        return World(
            bus,
            person(session, power, Role.MANAGER),
            person(session, carrier, Role.MANAGER),
            administration,
            power_regulator,
            person(session, places.organisation(session, "Rival Mobile", "telecom"), Role.MANAGER),
            tower.id,
            tower.ref,
            offer.ref,
            entry.ref,
            {
                officer.organisation_id or 0: person(
                    session,
                    session.get_one(Organisation, officer.organisation_id),
                    Role.OFFICER,
                    officer.competences,
                    f"second of {officer.organisation_name}",
                    "second",
                )
                for officer in (administration, power_regulator)
            },
        )
