"""Allocations over the database: what is stored, scenarios, comparison, who sees what; both engines."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.bootstrap import job_handlers
from app.db.jobs import Job, Worker
from app.engine.allocation import allocate
from app.kernel.clock import FixedClock
from app.matching.allocating.market import load_market
from app.matching.allocating.models import AllocationLine, AllocationNeed, AllocationRun
from app.matching.allocating.run import StartAllocation, run_allocation
from app.matching.allocating.scenario import Scenario
from tests.support.asking import HERE, Region, asked, listed, opened, published

ONE = {"requirements": {"mounts": 1, "height_m": 25, "load_kg": 10}, "budget_minor": 9_000_000}
TWO = {"requirements": {"mounts": 2, "height_m": 25, "load_kg": 10}, "budget_minor": 9_000_000}


def beside(steps: int) -> list[float]:
    return [HERE[0] + steps / 2000, HERE[1]]


def allocated(region: Region, scenario: Scenario | None = None, base: str | None = None) -> str:
    return run_allocation(
        region.bus, StartAllocation(region.list_ref, scenario or Scenario(), base), lambda percent, message: None
    )


def record(region: Region, ref: str) -> dict[str, Any]:
    answer = region.administration.get(f"/api/v1/allocations/{ref}")
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def rows(region: Region, ref: str, client: Any = None, query: str = "") -> dict[str | None, dict[str, Any]]:
    answer = (client or region.administration).get(f"/api/v1/allocations/{ref}/needs{query}")
    assert answer.status_code == 200, answer.json
    return {row["need"]["id"] if row["need"] else None: row for row in answer.json["results"]}


def work_off(region: Region, clock: FixedClock) -> None:
    worker = Worker(region.bus.database, clock, job_handlers(region.bus))
    while worker.run_one():
        pass


def test_scarce_places_go_to_the_needs_that_are_worth_more(region: Region) -> None:
    """Three places on one tower; four needs of one place each, one of low and one of high priority."""
    tower = listed(region)
    low = asked(region, **ONE, priority="low", title="Low")
    others = [asked(region, **ONE, title=f"N{i}") for i in range(2)]
    high = asked(region, **ONE, priority="high", title="High")
    far = asked(region, **ONE, geometry={"type": "Point", "coordinates": [110.4, 21.2]}, title="Far")
    published(region)
    ref = allocated(region)
    run = record(region, ref)
    assert (run["status"], run["proven"], run["gap"], run["needs"], run["served"]) == ("done", True, 0, 5, 3)
    assert run["value"] == run["bound"] > 0
    found = rows(region, ref)
    assert {n: found[n]["outcome"] for n in found} == {
        low: "contested",
        others[0]: "served",
        others[1]: "served",
        high: "served",
        far: "no_candidate",
    }
    taken = [found[n]["from"][0] for n in (*others, high)]
    assert {share["listing"]["id"] for share in taken} == {tower}
    assert sorted(share["slots"]["platform"][0] for share in taken) == [1, 2, 3]
    assert (found[high]["wanted"], found[high]["given"], found[high]["candidates"], found[high]["weight"]) == (1, 1, 1, 4)
    assert set(rows(region, ref, query="?served=false")) == {low, far}


def test_the_record_reproduces_the_answer(region: Region) -> None:
    listed(region), listed(region, at=beside(2))
    for number in range(4):
        asked(region, **TWO, title=f"N{number}")
    published(region)
    first, second = (record(region, allocated(region)) for _ in range(2))
    kept = ("input_hash", "seed", "params", "engine_version", "value", "bound", "scenario", "methods")
    assert {k: first[k] for k in kept} == {k: second[k] for k in kept}
    with region.bus.database.read() as session:
        number = session.scalar(select(AllocationRun.needs_list_id).limit(1))
        market = load_market(session, number, Scenario())
    assert first["input_hash"] == market.allocation.input_hash
    assert first["value"] == allocate(market.allocation).value * market.scale


def test_an_owner_that_opens_more_serves_more_but_never_more_than_there_is(region: Region) -> None:
    listed(region, offered={"platform": 1})
    needs = [asked(region, **ONE, title=f"N{i}") for i in range(4)]
    published(region)
    owner = region.grid.get("/api/v1/listings").json["results"][0]["owner"]["id"]
    plain = allocated(region)
    assert record(region, plain)["served"] == 1
    twice = allocated(region, Scenario(opened={owner: 100}), plain)
    assert record(region, twice)["served"] == 2
    assert record(region, twice)["base"] == plain
    assert record(region, allocated(region, Scenario(opened={owner: 1000})))["served"] == 3
    assert record(region, allocated(region, Scenario(opened={owner: -100})))["served"] == 0
    assert record(region, allocated(region, Scenario(opened={owner: 1000}, reserve={owner: 50})))["served"] == 1
    compared = region.administration.get(f"/api/v1/allocations/{plain}/compare/{twice}").json
    assert (compared["counts"]["gained"], compared["counts"]["same"]) == (1, 3)
    [difference] = compared["differences"]
    assert (difference["change"], difference["before"], difference["after"]) == ("gained", 0, 1)
    assert difference["need"]["id"] in needs


def test_what_comes_first_is_served_first(region: Region) -> None:
    listed(region, offered={"platform": 1})
    asked(region, **ONE, priority="high", title="High")
    low = asked(region, **ONE, priority="low", title="Low")
    rival = asked(region, region.rival, **ONE, priority="low", title="Of the rival")
    published(region)
    assert rows(region, allocated(region, Scenario(first=(low,))))[low]["outcome"] == "served"
    organisation = region.rival.get(f"/api/v1/needs/{rival}").json["organisation"]["id"]
    assert rows(region, allocated(region, Scenario(first=(organisation,))))[rival]["outcome"] == "served"


def test_weights_in_the_same_proportions_answer_the_same(region: Region) -> None:
    """What they have in common is left out while it is solved, and counted again in what the answer is worth."""
    listed(region)
    for number, priority in enumerate(("high", "normal", "normal", "low", "low")):
        asked(region, **ONE, priority=priority, title=f"N{number}")
    published(region)
    small, large = (allocated(region, Scenario(weights={"high": 4 * n, "normal": 2 * n, "low": n})) for n in (1, 250))
    told = [record(region, ref) for ref in (small, large)]
    assert [told[1][name] for name in ("value", "bound")] == [250 * told[0][name] for name in ("value", "bound")]
    assert told[0]["input_hash"] == told[1]["input_hash"]
    found = [rows(region, ref) for ref in (small, large)]
    assert {n: row["outcome"] for n, row in found[0].items()} == {n: row["outcome"] for n, row in found[1].items()}
    assert sorted(row["weight"] for row in found[1].values()) == [250, 250, 500, 500, 1000]


def test_a_need_of_several_units_may_be_divided(region: Region) -> None:
    listed(region, offered={"platform": 1}), listed(region, at=beside(1), offered={"platform": 1})
    need = asked(region, **TWO)
    published(region)
    assert rows(region, allocated(region))[need]["outcome"] == "no_candidate"
    found = rows(region, allocated(region, Scenario(divisible=True)))[need]
    assert (found["outcome"], found["given"], [share["quantity"] for share in found["from"]]) == ("served", 2, [1, 1])
    listings = [share["listing"]["id"] for share in found["from"]]
    assert len(set(listings)) == 2


def test_an_exclusive_asset_serves_one_organisation(region: Region) -> None:
    listed(region)
    own = [asked(region, **ONE, title=f"N{i}") for i in range(2)]
    rival = asked(region, region.rival, **ONE, title="Of the rival")
    published(region)
    assert record(region, allocated(region))["served"] == 3
    found = rows(region, allocated(region, Scenario(exclusive=True)))
    assert {n for n in found if found[n]["given"]} == set(own)
    assert found[rival]["outcome"] == "exclusive"


def test_a_budget_is_kept_and_buys_nothing_without_a_price(region: Region) -> None:
    listed(region), listed(region, at=beside(1), price_minor=None)
    needs = [asked(region, **ONE, title=f"N{i}") for i in range(3)]
    published(region)
    payer = region.carrier.get(f"/api/v1/needs/{needs[0]}").json["organisation"]["id"]
    assert record(region, allocated(region))["served"] == 3
    assert record(region, allocated(region, Scenario(budgets={payer: 2_500_000})))["served"] == 2  # at 1.2 million each
    assert record(region, allocated(region, Scenario(budgets={payer: 0})))["served"] == 0


def test_a_bundle_is_served_whole_or_not_at_all(region: Region) -> None:
    listed(region)
    near = asked(region, **ONE, title="Near")
    far = asked(region, **ONE, geometry={"type": "Point", "coordinates": [110.4, 21.2]}, title="Far")
    alone = asked(region, **ONE, title="Alone")
    made = region.carrier.post("/api/v1/bundles", json={"name": "Together", "needs": [near, far]})
    assert made.status_code == 201, made.json
    published(region)
    found = rows(region, allocated(region))
    assert {n: found[n]["outcome"] for n in found} == {near: "bundle", far: "no_candidate", alone: "served"}


def test_two_listings_of_one_asset_do_not_sell_it_twice(region: Region) -> None:
    """An asset of three places, opened in two listings of two."""
    first = listed(region, offered={"platform": 2})
    asset = region.grid.get(f"/api/v1/listings/{first}").json["asset"]["id"]
    body = {"asset": asset, "title": "The rest", "window_start": "2026-07-01", "publish": True}
    again = region.grid.post("/api/v1/listings", json={**body, "price_minor": 1_200_000, "offered": {"platform": 2}})
    assert again.status_code == 201, again.json
    for number in range(4):
        asked(region, **ONE, title=f"N{number}")
    published(region)
    found = rows(region, allocated(region))
    numbers = [share["slots"]["platform"][0] for row in found.values() for share in row["from"]]
    assert sorted(numbers) == [1, 2, 3]


def test_the_job_solves_and_a_cancelled_one_keeps_nothing(region: Region, clock: FixedClock) -> None:
    listed(region), asked(region, **ONE)
    published(region)
    started = region.administration.post("/api/v1/allocations", json={"needs_list": region.list_ref})
    assert started.status_code == 202
    ref = started.json["id"]
    assert record(region, ref)["status"] == "running"
    work_off(region, clock)
    assert (record(region, ref)["status"], record(region, ref)["served"]) == ("done", 1)
    other = region.administration.post("/api/v1/allocations", json={"needs_list": region.list_ref}).json["id"]
    assert region.administration.post(f"/api/v1/allocations/{other}/stop").status_code == 202
    work_off(region, clock)
    assert (record(region, other)["status"], record(region, other)["value"]) == ("cancelled", None)
    with region.bus.database.read() as session:
        runs = set(session.scalars(select(AllocationNeed.run_id).distinct()))
        assert session.scalar(select(func.count()).select_from(AllocationLine)) == len(runs) == 1


def test_a_job_that_runs_again_changes_nothing(region: Region, clock: FixedClock) -> None:
    listed(region), asked(region, **ONE)
    published(region)
    ref = region.administration.post("/api/v1/allocations", json={"needs_list": region.list_ref}).json["id"]
    work_off(region, clock)
    before = record(region, ref)
    with region.bus.database.write() as session:
        session.execute(update(Job).where(Job.task == "match.allocate").values(state="queued"))
    work_off(region, clock)
    assert record(region, ref) == before


def test_others_see_their_own_rows_and_no_totals(region: Region) -> None:
    listed(region)
    own = asked(region, **ONE, title="Own", tier="T0")
    rival = asked(region, region.rival, **ONE, title="Of the rival", tier="T0")
    published(region)
    ref = allocated(region)
    assert set(rows(region, ref)) == set(rows(region, ref, region.regulator)) == {own, rival}
    assert set(rows(region, ref, region.carrier)) == {own}
    assert set(rows(region, ref, region.grid)) == {None}
    for client in (region.carrier, region.rival, region.grid):
        seen = client.get(f"/api/v1/allocations/{ref}").json
        assert not {"value", "bound", "served", "needs", "scenario", "message"} & seen.keys()
        text = str(client.get(f"/api/v1/allocations/{ref}/needs").json)
        assert ("Of the rival" in text) == (client is region.rival)
        assert client.get(f"/api/v1/allocations/{ref}/owners").status_code == 403
        assert client.get(f"/api/v1/allocations/{ref}/compare/{ref}").status_code == 403
        assert [r["id"] for r in client.get("/api/v1/allocations").json["results"]] == [ref]
    for client in (region.city, region.far, region.evaluator):
        assert client.get(f"/api/v1/allocations/{ref}").status_code == 404
        assert client.get(f"/api/v1/allocations/{ref}/needs").status_code == 404
        assert client.get("/api/v1/allocations").json["results"] == []
    [use] = region.administration.get(f"/api/v1/allocations/{ref}/owners").json["results"]
    assert (use["listings"], use["needs"], use["units"]) == (1, 2, {"tower": {"quantity": 2, "of": "mounts"}})


@pytest.mark.parametrize(("tier", "told"), [("T0", False), ("T1", False), ("T2", True)])
def test_an_owner_learns_how_far_a_need_is_only_where_it_may_see_the_place(region: Region, tier: str, told: bool) -> None:
    """Three own listings and their distances would say where a rival builds."""
    listed(region)
    asked(region, **ONE, title="Planned", tier=tier)
    published(region)
    [row] = rows(region, allocated(region), region.grid).values()
    [share] = row["from"]
    assert share["slots"]
    assert {"score", "distance_m"} <= share.keys() if told else not {"score", "distance_m"} & share.keys()


def test_who_may_start_and_what_is_refused(region: Region) -> None:
    asked(region, **ONE)
    published(region)
    body = {"needs_list": region.list_ref}
    for who in ("carrier", "grid", "regulator", "evaluator", "far"):
        assert getattr(region, who).post("/api/v1/allocations", json=body).status_code == 403, who
    assert region.administration.post("/api/v1/allocations", json={}).status_code == 403  # every list of every region
    assert region.administration.post("/api/v1/allocations", json={"needs_list": "0" * 13}).status_code == 404
    for wrong in (
        {"seconds": 0},
        {"seconds": 10**6},
        {"opened": {"x": 5}},
        {"opened": {"x": 10**9}},
        {"weights": {"high": -1}},
        {"weights": {"highest": 1}},
        {"first": ["0" * 13]},
        {"budgets": {"x": -1}},
        {"unheard": 1},
    ):
        answer = region.administration.post("/api/v1/allocations", json={**body, **wrong})
        assert answer.status_code == 422, (wrong, answer.json)
    ref = region.administration.post("/api/v1/allocations", json=body, headers={"Idempotency-Key": "a"}).json["id"]
    assert region.administration.post("/api/v1/allocations", json=body, headers={"Idempotency-Key": "a"}).json["id"] == ref
    other = opened(region, name="Another")
    assert region.administration.post("/api/v1/allocations", json={"needs_list": other, "base": ref}).status_code == 404


def test_nothing_to_allocate_is_an_answer(region: Region) -> None:
    published(region)
    run = record(region, allocated(region))
    assert (run["status"], run["value"], run["bound"], run["proven"], run["gap"]) == ("done", 0, 0, True, 0)


def test_the_command_says_what_came_out(region: Region) -> None:
    listed(region), asked(region, **ONE)
    published(region)
    said = region.app.test_cli_runner().invoke(args=["match", "allocate", "--list", region.list_ref, "--seconds", "20"])
    assert said.exit_code == 0, said.output
    assert "1 of 1 needs served" in said.output
    assert "proven best" in said.output


@pytest.mark.parametrize("who", ["administration", "carrier"])
def test_an_unknown_allocation_is_not_found(region: Region, who: str) -> None:
    assert getattr(region, who).get(f"/api/v1/allocations/{'0' * 13}").status_code == 404


def test_a_listing_for_one_user_only_serves_one_organisation(region: Region) -> None:
    listed(region, exclusivity="listing")
    own = [asked(region, **ONE, title=f"N{i}") for i in range(2)]
    rival = asked(region, region.rival, **ONE, title="Of the rival")
    published(region)
    found = rows(region, allocated(region))
    assert {n for n in found if found[n]["given"]} == set(own)
    assert found[rival]["outcome"] == "exclusive"


def test_one_user_of_the_whole_asset_keeps_others_from_its_other_listings(region: Region) -> None:
    """Two listings of one tower, of which one says that the asset is for one user only."""
    first = listed(region, offered={"platform": 1}, exclusivity="asset")
    tower = region.grid.get(f"/api/v1/listings/{first}").json["asset"]["id"]
    listed(region, offered={"platform": 1}, asset=tower)
    own = asked(region, **ONE, priority="high", title="Own")
    rival = asked(region, region.rival, **ONE, title="Of the rival")
    published(region)
    found = rows(region, allocated(region))
    assert (found[own]["outcome"], found[rival]["outcome"]) == ("served", "exclusive")


def test_a_need_says_itself_that_it_may_be_divided(region: Region) -> None:
    listed(region, offered={"platform": 1}), listed(region, at=beside(1), offered={"platform": 1})
    whole, divided = asked(region, **TWO, title="Whole"), asked(region, **TWO, title="Divided", divisible=True)
    published(region)
    found = rows(region, allocated(region))
    assert (found[whole]["outcome"], found[divided]["outcome"], found[divided]["given"]) == ("no_candidate", "served", 2)
    assert region.carrier.get(f"/api/v1/needs/{divided}").json["divisible"] is True


def test_the_budget_of_a_list_bounds_what_is_chosen_and_is_said_to_be_the_reason(region: Region) -> None:
    listed(region)
    needs = [asked(region, **ONE, title=f"N{i}") for i in range(3)]
    path = f"/api/v1/needs-lists/{region.list_ref}/budget"
    assert region.carrier.get(path).json == {"limit_minor": None, "currency": "CNY"}
    answer = region.carrier.put(path, json={"limit_minor": 2_500_000})
    assert (answer.status_code, answer.json) == (200, {"limit_minor": 2_500_000, "currency": "CNY"})
    assert region.rival.get(path).json["limit_minor"] is None
    published(region)
    found = rows(region, allocated(region))
    outcomes = sorted(found[n]["outcome"] for n in needs)
    assert outcomes == ["budget", "served", "served"]
    payer = region.carrier.get(f"/api/v1/needs/{needs[0]}").json["organisation"]["id"]
    assert record(region, allocated(region, Scenario(budgets={payer: 9_000_000})))["served"] == 3  # a scenario says otherwise
    assert region.carrier.put(path, json={"limit_minor": None}).json["limit_minor"] is None
    assert record(region, allocated(region))["served"] == 3
    assert region.carrier.put(path, json={"limit_minor": -1}).status_code == 422
