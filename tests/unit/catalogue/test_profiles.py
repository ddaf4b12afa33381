"""The shipped profiles: whole, sourced, and read strictly."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.catalogue.kinds import KINDS
from app.catalogue.profile_file import ProfileError, read_profile
from app.catalogue.profiles import FOLDER, all_profiles, get_profile, register_profile, unregister_profile
from app.catalogue.regions import ancestor_at
from app.catalogue.sectors import SECTORS, find_sector
from app.catalogue.tiers import TIERS, Tier
from app.kernel.errors import DomainError

SHIPPED = ("cn-default", "eu-gia", "us-fcc")


@pytest.mark.parametrize("code", SHIPPED)
def test_a_shipped_profile_is_whole(code: str) -> None:
    profile = get_profile(code)
    assert {clock.rule for clock in profile.clocks} >= {"request_answer", "offer_acceptance", "approval_decision"}
    assert set(profile.kinds) <= {kind.name for kind in KINDS.all()}
    assert profile.regulated_sectors <= set(SECTORS)
    assert len(profile.refusal_grounds) == 7
    assert all(ground.evidence for ground in profile.refusal_grounds)
    assert profile.authority("communications") is not None
    assert ZoneInfo(profile.time_zone).key == profile.time_zone


@pytest.mark.parametrize("code", SHIPPED)
def test_every_clause_names_its_source(code: str) -> None:
    for label, source in get_profile(code).sources:
        assert source.citation, label
        assert source.text.zh == "建议值" if source.is_proposal else source.citation[0].isupper() or source.citation[0].isdigit()


def test_the_clearance_is_that_of_the_next_voltage_up() -> None:
    cn = get_profile("cn-default")
    assert [c and c.clearance_m for c in map(cn.clearance_m, (10, 11, 110, 220, 1000, 1100))] == [
        Decimal("0.70"),
        Decimal("1.00"),
        Decimal("1.50"),
        Decimal("3.00"),
        Decimal("8.70"),
        None,
    ]


def test_clearances_grow_with_the_voltage() -> None:
    for profile in all_profiles():
        rows = sorted(profile.clearances, key=lambda c: c.up_to_kv)
        assert [c.clearance_m for c in rows] == sorted(c.clearance_m for c in rows)


def test_the_same_place_rule_has_two_settings() -> None:
    cn = get_profile("cn-default")
    assert [(rule.setting, rule.distance_m) for rule in cn.same_place] == [("built_up", 500), ("elsewhere", 3000)]
    assert all(rule.source.is_proposal for rule in cn.same_place)


def test_the_gia_covers_no_cables() -> None:
    assert "cable" not in get_profile("eu-gia").kinds
    clock = get_profile("eu-gia").clock("request_answer")
    assert clock is not None
    assert (clock.length, clock.unit) == (1, "months")


@pytest.mark.parametrize(
    ("rule", "units", "length"),
    [
        ("request_completeness", 1, 10),
        ("request_answer", 300, 45),
        ("request_answer", 301, 60),
        ("request_answer", 3000, 60),
        ("request_answer", 3001, 90),
        ("request_answer", 6000, 90),
        ("request_answer", 6001, None),
        ("estimate", 1, 14),
        ("make_ready", 300, 30),
        ("estimate", 3001, 29),
        ("make_ready", 301, 75),
        ("make_ready", 3001, 120),
    ],
)
def test_fcc_clocks_by_the_size_of_the_order(rule: str, units: int, length: int | None) -> None:
    clock = get_profile("us-fcc").clock(rule)
    assert clock is not None
    assert clock.length_for(units) == length


def test_a_refusal_needs_a_listed_ground_with_its_evidence() -> None:
    cn = get_profile("cn-default")
    with pytest.raises(DomainError) as unlisted:
        cn.check_refusal("we_would_rather_not", frozenset())
    assert unlisted.value.code == "unknown_refusal_ground"
    assert "no_space, safety" in unlisted.value.text.en, "and says which there are"
    with pytest.raises(DomainError) as bounced:
        cn.check_refusal("no_space", frozenset({"capacity_record"}))
    assert bounced.value.text.en.endswith("dated plan that shows the future need.")
    assert cn.check_refusal("no_space", frozenset({"capacity_record", "future_need"})).code == "no_space"


def test_rent_discounts_by_tenants() -> None:
    rent = get_profile("cn-default").rent
    assert [d and d.base for d in map(rent.discount_for, (1, 2, 3, 5))] == [
        None,
        Decimal("0.30"),
        Decimal("0.40"),
        Decimal("0.40"),
    ]


def test_a_registered_profile_is_found_until_it_is_taken_away() -> None:
    register_profile(replace(get_profile("cn-default"), code="test-province"))
    assert get_profile("test-province").currency == "CNY"
    unregister_profile("test-province")
    with pytest.raises(DomainError) as unknown:
        get_profile("test-province")
    assert unknown.value.code == "unknown_profile"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('mode = "decide"', 'mode = "ponder"', "unknown mode"),
        ('rule = "request_answer"', 'rule = "offer_acceptance"', "given twice"),
        ('calendar = "working_days:CN"', 'calendar = "working_days:XX"', "working_days:XX"),
        ('code = "safety"', 'code = "no_space"', "given twice"),
        ("hold_days = 21", "", "hold_days"),
        ('competent_level = "province"', 'competent_level = "galaxy"', "unknown competent level"),
    ],
)
def test_a_wrong_file_is_refused_by_the_place(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = (FOLDER / "cn-default.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "wrong.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises((ProfileError, DomainError), match=complaint):
        read_profile(path)


@pytest.mark.parametrize(
    ("word", "code"),
    [("电信", "telecom"), ("通信行业", "telecom"), ("Police", "public_security"), (" 交通 ", "transport"), ("fishing", None)],
)
def test_sectors_are_found_by_their_names_in_files(word: str, code: str | None) -> None:
    assert find_sector(word) == code


def test_tiers_are_ordered_and_described() -> None:
    assert set(TIERS) == set(Tier)
    assert Tier.T3 > Tier.T0


@pytest.mark.parametrize(
    ("code", "level", "levels", "above"),
    [
        ("440305", "province", None, "440000"),
        ("440305", "prefecture", None, "440300"),
        ("440305", "national", None, "000000"),
        ("440000", "district", None, "440000"),
        ("NZ-AUK", "national", ("national", "province"), "NZ"),
        ("NZ-AUK", "province", ("national", "province"), "NZ-AUK"),
        ("FR", "national", ("national",), "FR"),
    ],
)
def test_ancestors_follow_from_the_code(code: str, level: str, levels: tuple[str, ...] | None, above: str) -> None:
    assert (ancestor_at(code, level, levels) if levels else ancestor_at(code, level)) == above
