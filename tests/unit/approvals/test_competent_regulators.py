"""Who must act on an agreement."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.approvals.rules import Required, competent
from app.catalogue.profiles import get_profile
from app.kernel.actor import Competence
from app.kernel.errors import DomainError
from app.kernel.text import Text

CN = get_profile("cn-default")
GUANGDONG, GUANGXI, SHENZHEN, NANNING = "440000", "450000", "440300", "450102"
ADMIN_GD, ADMIN_GX, POWER_TWO, TRANSPORT_GD, POLICE_GD, MIIT, NEA, BRIDGES = range(1, 9)
OWNER, REQUESTER = 50, 51


def holds(org: int, authority: str, level: str, regions: str, *sectors: str, hosts: str = "") -> Competence:
    return Competence(org, authority, level, frozenset(sectors), frozenset(regions.split()), frozenset(hosts.split()))


REGISTER = (
    holds(ADMIN_GD, "communications", "province", GUANGDONG),
    holds(ADMIN_GX, "communications", "province", GUANGXI),
    holds(POWER_TWO, "sector", "province", f"{GUANGDONG} {GUANGXI}", "power"),
    holds(TRANSPORT_GD, "sector", "province", GUANGDONG, "transport"),
    holds(POLICE_GD, "sector", "province", GUANGDONG, "public_security"),
    holds(MIIT, "communications", "national", "*"),
    holds(NEA, "sector", "national", "000000", "power"),
)


def ask(
    regions: tuple[str, ...] = (SHENZHEN,),
    owner: str = "power",
    requester: str = "telecom",
    hosts: tuple[str, ...] = (),
    grade: str = "general",
    register: tuple[Competence, ...] = REGISTER,
    parties: tuple[int, ...] = (OWNER, REQUESTER),
    kinds: tuple[str, ...] = (),
    more_owners: tuple[str, ...] = (),
) -> tuple[Required, ...]:
    return competent(CN, regions, (owner, *more_owners), requester, hosts, grade, register, parties, kinds)


def who(required: tuple[Required, ...]) -> dict[int, str]:
    return {one.regulator_org_id: one.mode for one in required}


def test_the_administration_and_the_owners_regulator_decide() -> None:
    required = ask()
    assert who(required) == {ADMIN_GD: "decide", POWER_TWO: "decide"}
    assert required[0].region == GUANGDONG
    assert "通信管理部门" in required[0].reason.zh


def test_duplicates_merge_into_the_strongest_mode() -> None:
    """The requester's sector is telecommunications: the administration would only be told, but it decides in its own right."""
    required = ask(owner="power", requester="power")
    assert who(required) == {ADMIN_GD: "decide", POWER_TWO: "decide"}
    power = next(one for one in required if one.regulator_org_id == POWER_TWO)
    assert power.authority == "owner_sector"
    assert power.reason.en.count("regulator of the") == 2


def test_a_regulator_of_two_provinces_acts_once() -> None:
    required = ask(regions=(SHENZHEN, NANNING))
    assert who(required) == {ADMIN_GD: "decide", ADMIN_GX: "decide", POWER_TWO: "decide"}
    assert next(one for one in required if one.regulator_org_id == POWER_TWO).regions == (GUANGDONG, GUANGXI)


def test_the_hosts_regulator_and_public_security_join() -> None:
    assert who(ask(hosts=("transport",))) == {ADMIN_GD: "decide", POWER_TWO: "decide", TRANSPORT_GD: "decide"}
    assert POLICE_GD in who(ask(grade="core"))
    assert POLICE_GD not in who(ask(grade="important"))


def test_the_requesters_regulator_is_told() -> None:
    assert who(ask(owner="telecom", requester="transport")) == {ADMIN_GD: "decide", TRANSPORT_GD: "file"}


def test_in_a_barter_both_sectors_regulators_decide_as_owners() -> None:
    assert who(ask(owner="telecom", requester="power")) == {ADMIN_GD: "decide", POWER_TWO: "file"}
    assert who(ask(owner="telecom", requester="power", more_owners=("power",))) == {ADMIN_GD: "decide", POWER_TWO: "decide"}


def test_a_regulator_that_is_a_party_gives_way_to_the_next_level_up() -> None:
    required = ask(parties=(OWNER, ADMIN_GD))
    assert who(required) == {MIIT: "decide", POWER_TWO: "decide"}
    assert "itself a party" in next(one for one in required if one.regulator_org_id == MIIT).reason.en


def test_a_party_without_anyone_above_it_ends_in_refusal() -> None:
    with pytest.raises(DomainError) as refused:
        ask(owner="transport", parties=(TRANSPORT_GD,))
    assert refused.value.code == "no_competent_regulator"


def test_no_regulator_means_refusal_never_approval_by_default() -> None:
    with pytest.raises(DomainError) as refused:
        ask(owner="municipal")
    assert refused.value.code == "no_competent_regulator"
    assert "Municipal" in refused.value.text.en
    assert "市政" in refused.value.text.zh
    with pytest.raises(DomainError):
        ask(regions=("110105",))
    with pytest.raises(DomainError):
        ask(regions=())


def test_a_national_regulator_does_not_fill_a_gap_in_a_province() -> None:
    with pytest.raises(DomainError):
        ask(register=tuple(c for c in REGISTER if c.organisation_id != POWER_TWO))


def test_reasons_call_regions_by_their_names() -> None:
    names = {GUANGDONG: Text("Guangdong", "广东省")}
    required = competent(CN, [SHENZHEN], ["power"], "telecom", (), "general", REGISTER, (), region_names=names)
    assert required[0].reason.zh.startswith("广东省通信管理部门")
    with pytest.raises(DomainError) as refused:
        competent(CN, [SHENZHEN], ["municipal"], "telecom", (), "general", REGISTER, (), region_names=names)
    assert "in Guangdong is" in refused.value.text.en


def test_a_sector_without_a_regulator_asks_for_none() -> None:
    assert who(ask(owner="other")) == {ADMIN_GD: "decide"}


def test_a_competence_for_bridges_fills_the_hosts_capacity_for_bridges_only() -> None:
    register = (*REGISTER, holds(BRIDGES, "sector", "province", GUANGDONG, "municipal", hosts="bridge"))
    assert BRIDGES in who(ask(hosts=("municipal",), register=register, kinds=("bridge",)))
    with pytest.raises(DomainError):
        ask(hosts=("municipal",), register=register, kinds=("tunnel",))
    with pytest.raises(DomainError):
        ask(owner="municipal", register=register, kinds=("bridge",))


def test_a_competence_without_regions_reaches_nowhere() -> None:
    with pytest.raises(DomainError):
        ask(register=(replace(REGISTER[0], regions=frozenset()), *REGISTER[2:]))


@given(
    st.lists(st.sampled_from(["440305", "440000", "450100", "450102"]), min_size=1),
    st.sampled_from(["power", "telecom", "other"]),
    st.permutations(REGISTER),
)
def test_the_answer_names_each_regulator_once_and_depends_on_no_order(
    regions: list[str], owner: str, register: list[Competence]
) -> None:
    required = ask(regions=tuple(regions), owner=owner, register=tuple(register))
    assert required == ask(regions=tuple(reversed(regions)), owner=owner)
    ids = [one.regulator_org_id for one in required]
    assert len(ids) == len(set(ids))
    assert {one.mode for one in required} <= {"decide", "consult", "file"}
