"""Actors, clients and drafts for tests of the register and its listings, and a kind that nobody ships."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import shapely
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import ApiToken, Membership, Organisation, User
from app.accounts.secret import new_token
from app.assets import AssetDraft
from app.catalogue.declaration import AssetKind, Choice, Criterion, Dimension, Field, Geometry, Sort
from app.catalogue.declaration import Test as CriterionTest
from app.catalogue.kinds import KINDS
from app.kernel.actor import Actor, Competence, Role
from app.kernel.ids import new_ref
from app.kernel.text import Text
from app.listings import ListingTerms
from tests.support import people
from tests.support.places import MADE_AT

SHENZHEN = shapely.Point(114.0579, 22.5431)


def acting(organisation: Organisation, *roles: Role, below: tuple[Organisation, ...] = (), **more: Any) -> Actor:
    """Somebody who acts for `organisation`, a manager unless told otherwise."""
    return Actor(
        user_id=None if more.get("is_system") else organisation.id,
        user_ref=f"u{organisation.ref[1:]}",
        name=f"{organisation.name} person",
        organisation_id=organisation.id,
        organisation_ref=organisation.ref,
        organisation_name=organisation.name,
        sector=organisation.sector,
        roles=frozenset(roles or (Role.MANAGER,)),
        subtree=frozenset({organisation.id, *(o.id for o in below)}),
        **more,
    )


def administration(organisation: Organisation, *regions: str) -> Actor:
    held = Competence(organisation.id, "communications", "province", frozenset(), frozenset(regions))
    return acting(organisation, Role.OFFICER, competences=(held,))


def sector_regulator(organisation: Organisation, sector: str, *regions: str) -> Actor:
    held = Competence(organisation.id, "sector", "province", frozenset({sector}), frozenset(regions))
    return acting(organisation, Role.OFFICER, competences=(held,))


def tower_draft(**more: Any) -> AssetDraft:
    values: dict[str, Any] = {
        "kind": "tower",
        "name": "Shennan 12",
        "geometry": SHENZHEN,
        "owner_ref": None,
        "attributes": {"structure": "monopole", "structure_height_m": 35},
        "capacity": {"platform": 3, "load_kg": 400},
    } | more
    return AssetDraft(**values)


def terms(**more: Any) -> ListingTerms:
    values: dict[str, Any] = {
        "title": "Platforms on a monopole",
        "window_start": date(2026, 7, 1),
        "price_minor": 1_200_000,
    } | more
    return ListingTerms(**values)


def signed_in(
    app: Flask,
    session: Session,
    organisation: Organisation,
    role: Role = Role.MANAGER,
    scopes: tuple[str, ...] = ("read", "write"),
) -> FlaskClient:
    """A program's client that acts for `organisation` with a token of its own."""
    person = User(
        email=f"{new_ref()}@example.org",
        name=f"{organisation.name} {role}",
        locale="en",
        password_hash=people.password_hash(),
        created_at=MADE_AT,
    )
    session.add(person)
    session.flush()
    session.add(Membership(user_id=person.id, organisation_id=organisation.id, role=role.value, created_at=MADE_AT))
    token = new_token()
    session.add(
        ApiToken(
            user_id=person.id,
            organisation_id=organisation.id,
            name="test",
            prefix=token.prefix,
            secret_hash=token.hash,
            scopes=list(scopes),
            created_at=MADE_AT,
            expires_at=datetime(2036, 1, 1, tzinfo=UTC),
        )
    )
    session.flush()
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token.text}"
    return client


TOY = AssetKind(
    name="toy_cabinet",
    label=Text("Toy cabinet", "玩具柜"),
    plural=Text("Toy cabinets", "玩具柜"),
    summary=Text("For tests", "测试用"),
    geometry=(Geometry.POINT,),
    need_geometry=("circle",),
    quantity="shelves",
    icon="room",
    hue="room",
    aliases=("toy cabinet", "玩具柜"),
    attributes=(
        Field(
            "colour",
            Text("Colour", "颜色"),
            "choice",
            required=True,
            choices=(Choice("red", Text("Red", "红"), ("rouge",)), Choice("blue", Text("Blue", "蓝"))),
        ),
        Field("depth_cm", Text("Depth", "深度"), unit="cm", minimum=10, maximum=200, default=60),
        Field("locked", Text("Locked", "上锁"), "boolean"),
        Field("inspected_on", Text("Inspected on", "检查日期"), "date"),
        Field("key_place", Text("Where the key is", "钥匙位置"), "text", grade="important"),
    ),
    dimensions=(
        Dimension("shelf", Text("Shelves", "层板"), Sort.SLOTS, "position"),
        Dimension("weight_kg", Text("Weight", "承重"), Sort.QUANTITY, "kg"),
    ),
    requirements=(
        Field("shelves", Text("Shelves", "层板"), "integer", unit="position", minimum=1, maximum=20, required=True, default=1),
        Field("depth_cm", Text("Depth at least", "深度不低于"), unit="cm", minimum=0, maximum=200, default=0),
    ),
    criteria=(
        Criterion(
            "shelves",
            Text("Shelves", "层板"),
            CriterionTest.CAPACITY,
            supply="shelf",
            demand="shelves",
            unit="position",
            weight=30,
            passed=Text("{supply} free, {demand} asked.", "空闲 {supply}，所需 {demand}。"),
            failed=Text("Only {supply} free, {demand} asked.", "只有 {supply}，所需 {demand}。"),
            change=Text("ask for {value}", "改为 {value}"),
        ),
        Criterion(
            "depth",
            Text("Depth", "深度"),
            CriterionTest.AT_LEAST,
            supply="depth_cm",
            demand="depth_cm",
            unit="cm",
            weight=10,
            passed=Text("{supply} deep: {margin} to spare.", "深 {supply}，余 {margin}。"),
            failed=Text("{supply} deep: {margin} short.", "深 {supply}，缺 {margin}。"),
            change=Text("accept {value}", "放宽到 {value}"),
        ),
    ),
)


@contextmanager
def toy_kind() -> Iterator[AssetKind]:
    """The toy kind is in use while the block runs."""
    KINDS.add(TOY)
    try:
        yield TOY
    finally:
        KINDS.remove(TOY.name)
