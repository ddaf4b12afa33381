"""Groups from the register: who is grouped, what a member may know before all consent, consents, the same-place rule."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditRecord
from app.bootstrap import job_handlers
from app.kernel.errors import DomainError
from app.matching.allocating.scenario import Scenario
from app.matching.cobuilding.models import CobuildGroup, CobuildMember
from app.matching.cobuilding.reckon import reckon
from app.matching.cobuilding.service import Consent, give_consent
from app.matching.cobuilding.store import Outcome
from app.matching.run import run_now
from app.notices.models import Notice
from app.savings import GROUP, Saving
from tests.integration.allocating.test_allocations import allocated
from tests.support.asking import HERE, Region, asked, listed, move, opened, published

THERE = [HERE[0] + 0.006, HERE[1]]  # 617 m east
SECRET = "Rival site at the stadium"


def quiet(percent: int, message: str) -> None:
    """Progress that nobody watches."""


def pair(region: Region, **more: Any) -> tuple[str, str]:
    """A need of the carrier, and one of its rival whose reach meets the first one's."""
    shared = {"accepts_cobuild": True, "tier": "T0"}
    own = asked(region, **shared)
    theirs = {"title": SECRET, "geometry": {"type": "Point", "coordinates": THERE}, "alternative": {"description": "Own mast"}}
    other = asked(region, region.rival, **{**shared, **theirs, "requirements": {"mounts": 1, "height_m": 40}, **more})
    published(region)
    return own, other


def reckoned(region: Region) -> Outcome:
    return reckon(region.bus, None, quiet)


def groups(client: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/cobuild-groups")
    assert answer.status_code == 200, answer.json
    found: list[dict[str, Any]] = answer.json["results"]
    return found


def consent(client: Any, ref: str, step: str = "consent") -> Any:
    return client.post(f"/api/v1/cobuild-groups/{ref}/{step}")


def test_two_needs_that_meet_are_one_group_with_a_split_that_sums(region: Region) -> None:
    own, other = pair(region)
    assert (reckoned(region).needs, reckoned(region).kept) == (2, 1)
    [group] = groups(region.administration)
    members = {m["need"]: m for m in group["members"]}
    assert set(members) == {own, other}
    assert sum(m["share_minor"] for m in members.values()) == group["site"]["cost_minor"]
    assert sum(m["proportion_minor"] for m in members.values()) == group["site"]["cost_minor"]
    assert group["site"]["height_m"] == 40
    assert members[own]["alone_stated"]
    assert members[own]["gain_minor"] == 40_000_000 - members[own]["share_minor"]
    assert not members[other]["alone_stated"]
    assert members[other]["share_minor"] > members[own]["share_minor"] - 800_000
    assert group["site"]["stable"]


@pytest.mark.parametrize(
    "other",
    [
        {"accepts_cobuild": False},
        {"geometry": {"type": "Point", "coordinates": [HERE[0] + 0.02, HERE[1]]}},
        {"window_start": "2028-06-01"},
        {"requirements": {"mounts": 5, "height_m": 40}},
    ],
    ids=["would not", "too far", "never at once", "too many mounts"],
)
def test_what_cannot_or_would_not_be_built_together_is_not_grouped(region: Region, other: dict[str, Any]) -> None:
    pair(region, **other)
    assert reckoned(region).proposed == 0
    assert groups(region.administration) == []


def test_needs_of_one_tree_are_no_group(region: Region) -> None:
    asked(region, accepts_cobuild=True)
    asked(region, accepts_cobuild=True, geometry={"type": "Point", "coordinates": THERE})
    published(region)
    assert reckoned(region).proposed == 0


def test_a_served_need_is_in_no_group(region: Region) -> None:
    listed(region)
    own, _ = pair(region)
    run_now(region.bus, "tower", quiet)
    assert region.carrier.get(f"/api/v1/needs/{own}").json["status"] == "matched"
    assert reckoned(region).proposed == 0


def test_before_consent_a_member_learns_neither_who_nor_where(region: Region) -> None:
    """Nothing that a member can read differs with the other's place or name, within what its own gain says anyway."""
    _, other = pair(region)
    reckoned(region)
    [group] = groups(region.carrier)
    assert (group["needs"], group["organisations"], group["site"], group["near"]) == (2, 2, None, [])
    assert [m["own"] for m in group["members"]] == [True]
    west, south, east, north = group["cell"]
    assert west <= HERE[0] <= east
    assert south <= HERE[1] <= north
    ref = group["id"]
    addresses = [f"/api/v1/cobuild-groups/{ref}", "/api/v1/cobuild-groups", f"/cobuilding/{ref}", "/cobuilding", "/notices",
                 "/api/v1/notices", "/"]  # fmt: skip
    for address in addresses:
        answer = region.carrier.get(address, headers={"Accept": "*/*"})
        for hidden in (SECRET, other, "Rival Mobile", str(THERE[0]), "114.06", "40 m"):
            assert hidden not in answer.text, (address, hidden)


def test_where_the_other_stands_changes_nothing_that_a_member_sees(region: Region) -> None:
    own, other = pair(region)
    reckoned(region)
    times = {"created_at", "id"}
    before = [{k: v for k, v in g.items() if k not in times} for g in groups(region.carrier)]
    moved = opened(region, name="Next", name_zh=None)
    assert move(region.rival, other, "withdraw", reason="elsewhere").status_code == 200
    nearer = {"type": "Point", "coordinates": [HERE[0], HERE[1] + 0.003]}
    asked(
        region, region.rival, needs_list=moved, accepts_cobuild=True, geometry=nearer, title="Nearer",
        alternative={"description": "Own mast"}, requirements={"mounts": 1, "height_m": 40},
    )  # fmt: skip
    published(region, moved)
    reckoned(region)
    after = [{k: v for k, v in g.items() if k not in times} for g in groups(region.carrier)]
    assert after == before
    assert own in str(after)


def test_others_do_not_see_a_group_at_all(region: Region) -> None:
    pair(region)
    reckoned(region)
    [group] = groups(region.carrier)
    for client in (region.grid, region.city, region.far):
        assert groups(client) == []
        assert client.get(f"/api/v1/cobuild-groups/{group['id']}").status_code == 404
        assert consent(client, group["id"]).status_code in (403, 404)  # an officer consents to nothing anywhere
    assert consent(region.drafter, group["id"]).status_code == 403
    assert consent(region.administration, group["id"]).status_code == 403
    assert region.carrier.get("/cobuilding/gaps", headers={"Accept": "text/html"}).status_code in (403, 404)
    assert region.evaluator.get(f"/api/v1/cobuild-groups/{group['id']}").json["site"] is not None


def test_all_consents_open_the_group_and_then_stand(region: Region) -> None:
    pair(region)
    reckoned(region)
    [group] = groups(region.carrier)
    ref = group["id"]
    assert consent(region.carrier, ref).json["status"] == "proposed"
    assert groups(region.carrier)[0]["consented"]
    assert not groups(region.rival)[0]["consented"]
    assert all(len(g["members"]) == 1 for g in (*groups(region.carrier), *groups(region.rival)))
    assert consent(region.carrier, ref, "withdraw").json["status"] == "proposed"
    assert consent(region.rival, ref).json["status"] == "proposed"
    assert consent(region.carrier, ref).json["status"] == "agreed"
    with region.bus.database.read() as session:
        saved = session.scalars(select(Saving).order_by(Saving.need_id)).all()
        members = session.scalars(select(CobuildMember).order_by(CobuildMember.need_id)).all()
    assert [(one.need_id, one.saved_minor) for one in saved] == [(m.need_id, m.alone_minor - m.share_minor) for m in members]
    assert len(saved) == 2
    assert {one.definition for one in saved} == {GROUP}
    for client in (region.carrier, region.rival):
        [seen] = groups(client)
        assert {m["organisation"]["name"] for m in seen["members"]} == {"Bay Mobile", "Rival Mobile"}
        assert seen["site"]["place"]["lon"] == pytest.approx((HERE[0] + THERE[0]) / 2, abs=1e-4)
        assert client.get(f"/cobuilding/{ref}", headers={"Accept": "text/html"}).status_code == 200
    assert consent(region.carrier, ref, "withdraw").status_code == 409
    assert reckoned(region).needs == 0
    assert groups(region.carrier)[0]["status"] == "agreed"


def test_a_member_is_told_without_a_word_on_the_others(region: Region) -> None:
    pair(region)
    reckoned(region)
    ref = groups(region.carrier)[0]["id"]
    consent(region.rival, ref)
    with region.bus.database.read() as session:
        told = session.scalars(
            select(Notice).where(Notice.organisation_id == region.ids["carrier"], Notice.subject_ref == ref)
        ).all()
        records = session.scalars(select(AuditRecord).where(AuditRecord.subject_ref == ref).order_by(AuditRecord.id)).all()
        assert [n.code for n in told] == ["cobuild_group.proposed"]
        assert [r.action for r in records] == ["cobuild_group.proposed", "cobuild_group.consented"]
        assert records[1].concerned == [region.ids["rival"]]
        assert SECRET not in json.dumps([r.after for r in records])
    consent(region.carrier, ref)
    with region.bus.database.read() as session:
        told = session.scalars(
            select(Notice.code)
            .where(Notice.organisation_id == region.ids["rival"], Notice.subject_ref == ref)
            .order_by(Notice.id)
        ).all()
        assert told[-1] == "cobuild_group.agreed"


def test_a_need_that_leaves_takes_the_group_and_its_consents_along(region: Region) -> None:
    _, other = pair(region)
    reckoned(region)
    ref = groups(region.carrier)[0]["id"]
    consent(region.carrier, ref)
    assert move(region.rival, other, "withdraw", reason="not needed").status_code == 200
    assert groups(region.carrier) == []
    assert consent(region.carrier, ref).status_code in (404, 409)
    with region.bus.database.read() as session:
        assert session.scalar(select(CobuildGroup.status)) == "superseded"
    with pytest.raises(DomainError):
        region.bus.execute(give_consent, region.actors["carrier"], Consent(ref))


def test_a_standing_tower_that_could_serve_asks_for_an_exemption(region: Region) -> None:
    """2.4 km away: out of both reaches, within the 3 km of places that are not built up; a short one could not serve."""
    tower = listed(region, at=[HERE[0] + 0.003, HERE[1] + 0.0217], height=60)
    listed(region, at=[HERE[0] + 0.003, HERE[1] - 0.0217], height=20)
    pair(region)
    reckoned(region)
    [group] = groups(region.administration)
    assert [n["listing"] for n in group["near"]] == [tower]
    assert group["near"][0]["rule_m"] == 3000
    assert 2000 < group["near"][0]["distance_m"] < 3000
    assert groups(region.carrier)[0]["near"] == []
    address = f"/api/v1/cobuild-groups/{group['id']}/exemption"
    assert region.carrier.post(address, json={"reason": "we want"}).status_code == 403
    assert region.administration.post(address, json={"reason": " "}).status_code == 422
    refusal = region.administration.post(address, json={"reason": "no", "decision": "refused"})
    assert refusal.json["code"] == "exemption_not_asked"
    assert region.administration.post(address, json={"reason": "The tower is full."}).status_code == 204
    [after] = groups(region.administration)
    assert after["exemption_reason"] == "The tower is full."
    assert [(case["status"], case["requested_by"]) for case in after["exemptions"]] == [("granted", None)]
    assert region.administration.post(address, json={"reason": "again"}).json["code"] == "exemption_not_needed"


def test_a_member_asks_for_an_exemption_once_all_consented_and_the_administration_decides(region: Region) -> None:
    tower = listed(region, at=[HERE[0] + 0.003, HERE[1] + 0.0217], height=60)
    pair(region)
    reckoned(region)
    ref = groups(region.carrier)[0]["id"]
    decide, ask_ = f"/api/v1/cobuild-groups/{ref}/exemption", f"/api/v1/cobuild-groups/{ref}/exemption-request"
    assert region.carrier.post(ask_, json={"grounds": "full"}).status_code == 409
    assert groups(region.carrier)[0]["near_count"] == 0
    consent(region.carrier, ref)
    consent(region.rival, ref)
    [seen] = groups(region.carrier)
    assert (seen["near_count"], seen["near"]) == (1, [])
    assert tower not in region.carrier.get(f"/cobuilding/{ref}", headers={"Accept": "text/html"}).text
    assert region.grid.post(ask_, json={"grounds": "full"}).status_code == 404
    assert region.administration.post(ask_, json={"grounds": "full"}).status_code == 403
    assert region.carrier.post(ask_, json={"grounds": "Its owner let the last platform."}).status_code == 204
    assert region.rival.post(ask_, json={"grounds": "too"}).json["code"] == "exemption_pending"
    assert (
        region.administration.post(decide, json={"reason": "A platform is free again.", "decision": "refused"}).status_code == 204
    )
    assert region.rival.post(ask_, json={"grounds": "It was let."}).status_code == 204
    assert region.administration.post(decide, json={"reason": "Agreed."}).status_code == 204
    [after] = groups(region.rival)
    assert [(case["status"], case["requested_by"]["name"], case["decision_reason"]) for case in after["exemptions"]] == [
        ("refused", "Bay Mobile", "A platform is free again."),
        ("granted", "Rival Mobile", "Agreed."),
    ]
    page = region.rival.get(f"/cobuilding/{ref}", headers={"Accept": "text/html"}).text
    assert "It was let." in page
    with region.bus.database.read() as session:
        actions = session.scalars(select(AuditRecord.action).where(AuditRecord.subject_ref == ref).order_by(AuditRecord.id)).all()
    wanted = ["exemption_requested", "exemption_refused", "exemption_requested", "exempted"]
    assert [a.removeprefix("cobuild_group.") for a in actions][-4:] == wanted


def test_no_exemption_without_a_reason_to(region: Region) -> None:
    pair(region)
    reckoned(region)
    ref = groups(region.administration)[0]["id"]
    answer = region.administration.post(f"/api/v1/cobuild-groups/{ref}/exemption", json={"reason": "because"})
    assert (answer.status_code, answer.json["code"]) == (409, "exemption_not_needed")


def test_a_match_run_queues_a_reckoning_and_the_command_does_one(region: Region) -> None:
    pair(region)
    run_now(region.bus, "tower", quiet)
    assert "cobuild.reckon" in job_handlers(region.bus)
    from app.db.jobs import Job

    with region.bus.database.read() as session:
        assert "cobuild.reckon" in session.scalars(select(Job.task)).all()
    assert "being reckoned now" in region.administration.get("/cobuilding/gaps", headers={"Accept": "text/html"}).text
    answer = region.app.test_cli_runner().invoke(args=["match", "cobuild"])
    assert answer.exit_code == 0, answer.output
    assert "groups: 1 new, 0 kept, 0 superseded" in answer.output


def test_the_gap_map_shows_needs_and_groups_in_both_languages(region: Region) -> None:
    pair(region)
    reckoned(region)
    ref = groups(region.administration)[0]["id"]
    for language, words in (("en", "What nothing serves"), ("zh_CN", "无资源可满足")):
        region.administration.set_cookie("language", language)
        page = region.administration.get(f"/cobuilding/gaps?list={region.list_ref}", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert words in page.text
        assert ref in page.text
        assert SECRET in page.text
    for query, shown in (
        ("show=needs", True),
        ("form=trench", False),
        ("q=stadium", True),
        ("q=nowhere", False),
        ("page=2", False),
    ):
        page = region.administration.get(f"/cobuilding/gaps?{query}", headers={"Accept": "text/html"})
        assert (f"/cobuilding/{ref}" in page.text.partition('class="split-map"')[0]) == shown, query
    other = opened(region, name="Empty", name_zh=None)
    page = region.administration.get(f"/cobuilding/gaps?list={other}", headers={"Accept": "text/html"})
    assert ref not in page.text


def test_the_gap_map_shows_the_list_as_it_is_and_no_scenario(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    pair(region)
    base = allocated(region)
    allocated(region, Scenario(exclusive=True), base)
    monkeypatch.setattr("app.matching.cobuilding.pages.LOOKED_AT", 1)
    page = region.administration.get("/cobuilding/gaps", headers={"Accept": "text/html"}).text
    assert f"/allocations/{base}" in page
    assert page.count("/allocations/") == 1


def test_the_need_its_list_and_the_home_page_lead_to_the_group(region: Region) -> None:
    own, other = pair(region)
    reckoned(region)
    ref = groups(region.carrier)[0]["id"]
    html = {"Accept": "text/html"}
    for address in (f"/needs/{own}", "/"):
        page = region.carrier.get(address, headers=html).text
        assert f"/cobuilding/{ref}" in page, address
        assert SECRET not in page
    assert f"/cobuilding/{ref}" not in region.regulator.get(f"/needs/{other}", headers=html).text
    assert f"list={region.list_ref}" in region.administration.get(f"/needs/lists/{region.list_ref}", headers=html).text
    consent(region.carrier, ref)
    assert "waits for your consent" not in region.carrier.get("/", headers=html).text


def test_the_outcome_to_be_co_built_keeps_the_group_and_leads_to_it(region: Region) -> None:
    own, other = pair(region)
    reckoned(region)
    ref = groups(region.carrier)[0]["id"]
    consent(region.carrier, ref)
    for need in (own, other):
        assert move(region.administration, need, "outcome", outcome="to_be_cobuilt").status_code == 200
    assert reckoned(region).kept == 1
    assert groups(region.carrier)[0]["consented"]
    assert f"/cobuilding/{ref}" in region.carrier.get(f"/needs/{own}", headers={"Accept": "text/html"}).text
    assert consent(region.rival, ref).json["status"] == "agreed"
