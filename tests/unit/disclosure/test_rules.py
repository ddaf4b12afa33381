"""Who sees an asset how precisely, every way in."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from app.catalogue.tiers import Tier
from app.disclosure import AssetFacts, public_tier, tier_of
from app.kernel.actor import ANONYMOUS, SYSTEM, Actor, Competence

ASSET = AssetFacts(
    id=1,
    ref="a",
    kind="tower",
    name="",
    owner_id=7,
    operator_id=8,
    owner_sector="power",
    region="440304",
    geometry=shapely.Point(114, 22),
)
OPEN = replace(ASSET, public_tier=Tier.T1)


def someone(*subtree: int, regions: tuple[str, ...] = (), competence: Competence | None = None) -> Actor:
    return Actor(
        user_id=1,
        organisation_id=subtree[0],
        subtree=frozenset(subtree),
        regions=frozenset(regions),
        competences=(competence,) if competence else (),
    )


def competence(authority: str, *regions: str, sectors: tuple[str, ...] = (), hosts: tuple[str, ...] = ()) -> Competence:
    return Competence(9, authority, "province", frozenset(sectors), frozenset(regions), frozenset(hosts))


@pytest.mark.parametrize(
    ("actor", "asset", "tier"),
    [
        (SYSTEM, ASSET, Tier.T3),
        (ANONYMOUS, OPEN, None),
        (someone(7), ASSET, Tier.T3),
        (someone(8), ASSET, Tier.T3),
        (someone(5, 7), ASSET, Tier.T3),
        (someone(6), ASSET, None),
        (someone(6), OPEN, Tier.T1),
        (someone(7, regions=("440300",)), ASSET, Tier.T3),
        (someone(7, regions=("440100",)), ASSET, None),
        (someone(7, regions=("440100",)), OPEN, Tier.T1),
        (someone(9, competence=competence("communications", "440000")), ASSET, Tier.T2),
        (someone(9, competence=competence("communications", "110000")), ASSET, None),
        (someone(9, competence=competence("sector", "440000", sectors=("power",))), ASSET, Tier.T2),
        (someone(9, competence=competence("sector", "440000", sectors=("transport",))), ASSET, None),
        (someone(9, competence=competence("sector", "440000", sectors=("power",), hosts=("duct",))), ASSET, None),
        (someone(9, competence=competence("sector", "440000", sectors=("power",), hosts=("tower",))), ASSET, Tier.T2),
    ],
)
def test_who_sees_what(actor: Actor, asset: AssetFacts, tier: Tier | None) -> None:
    assert tier_of(actor, asset) == tier


def test_a_grant_raises_and_never_lowers() -> None:
    assert tier_of(someone(6), ASSET, [Tier.T1, Tier.T2]) is Tier.T2
    assert tier_of(someone(6), replace(ASSET, public_tier=Tier.T2), [Tier.T1]) is Tier.T2
    assert tier_of(someone(7), ASSET, [Tier.T1]) is Tier.T3


@pytest.mark.parametrize(
    ("tier", "grade", "shown"),
    [
        (Tier.T2, "general", Tier.T2),
        (Tier.T2, "important", Tier.T1),
        (Tier.T2, "core", Tier.T0),
        (Tier.T1, "important", Tier.T1),
        (Tier.T0, "general", Tier.T0),
        (Tier.T1, "core", Tier.T0),
    ],
)
def test_the_grade_lowers_what_the_owner_chose(tier: Tier, grade: str, shown: Tier) -> None:
    assert public_tier(tier, grade) is shown
