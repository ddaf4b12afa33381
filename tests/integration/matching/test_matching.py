"""Matching over the database: runs and their record, re-matching by itself, what the requester, the owner and others get; both
engines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.assets.models import Asset
from app.bootstrap import job_handlers
from app.db.jobs import Job, Worker
from app.kernel.clock import FixedClock
from app.listings.models import Listing
from app.matching.models import Match, MatchRun, NeedResult
from app.matching.run import pairs_of, run_now
from app.matching.source import Scope, load_problem
from app.needs.models import Need
from tests.support import market
from tests.support.asking import HERE, Region, asked, listed, move, need_body, opened, published

INSIDE = [114.0561, 22.5410]  # the same cell of the grid as HERE


def run(region: Region, kind: str | None = None) -> tuple[str, Any]:
    return run_now(region.bus, kind, lambda percent, message: None)


def work_off(region: Region, clock: FixedClock) -> list[str]:
    """Do every waiting job as the worker does; the tasks that ran."""
    worker, done = Worker(region.bus.database, clock, job_handlers(region.bus)), []
    while True:
        with region.bus.database.read() as session:
            waiting = session.scalars(select(Job.task).where(Job.state == "queued").order_by(Job.id)).all()
        if not worker.run_one():
            return done
        done.append(waiting[0] if waiting else "")


def stored(region: Region) -> set[tuple[str, str, int, int, int | None, int | None]]:
    with region.bus.database.read() as session:
        return set(
            session.execute(
                select(Need.ref, Listing.ref, Match.score, Match.distance_mm, Match.need_rank, Match.listing_rank)
                .join(Need, Need.id == Match.need_id)
                .join(Listing, Listing.id == Match.listing_id)
            ).all()
        )


def status(region: Region, need: str) -> str:
    return str(region.carrier.get(f"/api/v1/needs/{need}").json["status"])


def matches(client: Any, need: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/needs/{need}/matches")
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def test_a_run_stores_what_reproduces_it(region: Region) -> None:
    need, listing = asked(region), listed(region)
    published(region)
    ref, result = run(region)
    record = region.administration.get(f"/api/v1/match-runs/{ref}").json
    assert (
        record["status"],
        record["scope"],
        record["needs"],
        record["listings"],
        record["matches"],
        record["matched_needs"],
    ) == ("done", "all", 1, 1, 1, 1)
    with region.bus.database.read() as session:
        problem = load_problem(session, Scope())
    assert record["input_hash"] == problem.input_hash == result.input_hash
    assert record["params"]["top_k"] == result.params.top_k
    assert record["answer_hash"] == result.answer_hash
    again, _ = run(region)
    repeated = region.administration.get(f"/api/v1/match-runs/{again}").json
    kept = ("input_hash", "params", "seed", "engine_version", "answer_hash", "rejections")
    assert {k: record[k] for k in kept} == {k: repeated[k] for k in kept}
    assert [(n, li) for n, li, *_ in stored(region)] == [(need, listing)]


def test_a_run_without_a_change_writes_no_match_anew(region: Region) -> None:
    asked(region), listed(region)
    published(region)
    first, _ = run(region)
    run(region)
    with region.bus.database.read() as session:
        found = session.scalars(select(MatchRun.ref).join(Match, Match.run_id == MatchRun.id)).all()
    assert found == [first]


def test_stored_pairs_are_the_engines(region: Region) -> None:
    for number in range(4):
        asked(
            region, title=f"N{number}", geometry={"type": "Point", "coordinates": [HERE[0] + number / 500, HERE[1]]}, radius_m=900
        )
        listed(region, at=[HERE[0] + number / 400, HERE[1]], height=22 + 3 * number)
    published(region)
    _, result = run(region)
    with region.bus.database.read() as session:
        problem = load_problem(session, Scope())
        rows = session.execute(
            select(Match.need_id, Match.listing_id, Match.score, Match.distance_mm, Match.need_rank, Match.listing_rank)
        ).all()
        feasible = dict(session.execute(select(NeedResult.need_id, NeedResult.feasible)).all())
    assert {(row[0], row[1]): tuple(row[2:]) for row in rows} == pairs_of(problem, result)
    assert len(rows) > 4
    assert [feasible[n] for n in problem.needs.id.tolist()] == result.feasible.tolist()
    assert all(0 < row[2] <= 100_000 for row in rows)


def test_what_is_published_is_matched_by_the_worker(region: Region, clock: FixedClock) -> None:
    need = asked(region)
    published(region)
    work_off(region, clock)
    assert status(region, need) == "published"
    listing = listed(region)
    assert "match.kind" in work_off(region, clock)
    assert status(region, need) == "matched"
    version = region.grid.get(f"/api/v1/listings/{listing}").headers["ETag"]
    assert region.grid.post(f"/api/v1/listings/{listing}/suspend", headers={"If-Match": version}).status_code == 200
    work_off(region, clock)
    assert (status(region, need), stored(region)) == ("published", set())
    version = region.grid.get(f"/api/v1/listings/{listing}").headers["ETag"]
    region.grid.post(f"/api/v1/listings/{listing}/resume", headers={"If-Match": version})
    work_off(region, clock)
    assert status(region, need) == "matched"
    move(region.carrier, need, "withdraw")
    work_off(region, clock)
    assert stored(region) == set()


def test_a_changed_asset_is_matched_again(region: Region, clock: FixedClock) -> None:
    need, listing = asked(region), listed(region)
    published(region)
    work_off(region, clock)
    [before] = stored(region)
    asset = region.grid.get(f"/api/v1/listings/{listing}").json["asset"]["id"]
    lower = {"attributes": {"structure_height_m": 26, "antenna_top_limit_m": 26}}
    assert region.grid.patch(f"/api/v1/assets/{asset}", json=lower, headers={"If-Match": '"1"'}).status_code == 200
    work_off(region, clock)
    [after] = stored(region)
    assert after[2] < before[2]
    region.grid.patch(
        f"/api/v1/assets/{asset}",
        json={"attributes": {"structure_height_m": 20, "antenna_top_limit_m": 20}},
        headers={"If-Match": '"2"'},
    )
    work_off(region, clock)
    assert status(region, need) == "published"


def test_many_changes_queue_one_run_and_drafts_none(region: Region, clock: FixedClock) -> None:
    work_off(region, clock)
    asked(region, submit=False), asked(region)
    region.grid.post("/api/v1/listings", json={**_draft(), "publish": False})
    with region.bus.database.read() as session:
        assert session.scalar(select(func.count()).where(Job.task == "match.kind", Job.state == "queued")) == 0
    published(region)
    for _ in range(3):
        listed(region)
    with region.bus.database.read() as session:
        assert session.scalar(select(func.count()).where(Job.task == "match.kind", Job.state == "queued")) == 1
    work_off(region, clock)
    with region.bus.database.read() as session:
        assert session.scalar(select(func.count()).where(Job.state == "queued")) == 0


def _draft() -> dict[str, Any]:
    from tests.support.asking import tower_body

    return tower_body()


def test_what_closed_while_a_run_was_solving_is_left_out(region: Region) -> None:
    need, listing = asked(region), listed(region)
    published(region)

    def report(percent: int, message: str) -> None:
        if message == "storing":
            with region.bus.database.write() as session:
                session.execute(update(Listing).where(Listing.ref == listing).values(status="withdrawn"))

    run_now(region.bus, None, report)
    assert stored(region) == set()
    assert need


def test_a_run_that_is_cancelled_says_so(region: Region, clock: FixedClock) -> None:
    started = region.administration.post("/api/v1/match-runs", json={})
    assert started.status_code == 202
    with region.bus.database.write() as session:
        session.execute(update(Job).where(Job.task == "match.run").values(cancel_asked=True))
    work_off(region, clock)
    assert region.administration.get(started.headers["Location"]).json["status"] == "cancelled"


def test_people_start_runs_by_their_role(region: Region, clock: FixedClock) -> None:
    for who in ("carrier", "grid", "regulator", "evaluator"):
        assert getattr(region, who).post("/api/v1/match-runs", json={}).status_code == 403, who
    started = region.administration.post("/api/v1/match-runs", json={"kind": "tower"}, headers={"Idempotency-Key": "r"})
    again = region.administration.post("/api/v1/match-runs", json={"kind": "tower"}, headers={"Idempotency-Key": "r"})
    assert started.json == again.json
    assert region.administration.get(started.headers["Location"]).json["status"] == "running"
    work_off(region, clock)
    assert region.administration.get(started.headers["Location"]).json["status"] == "done"
    assert region.administration.post("/api/v1/match-runs", json={"kind": "lighthouse"}).status_code == 422


def test_matches_come_with_scores_terms_and_reasons(region: Region) -> None:
    need = asked(region)
    near, far = listed(region), listed(region, at=[HERE[0] + 0.003, HERE[1]])
    published(region)
    found = matches(region.carrier, need)
    assert (found["colour"], found["in_reach"], found["feasible"]) == ("green", 2, 2)
    assert [pair["listing"]["id"] for pair in found["results"]] == [near, far]
    best = found["results"][0]
    assert best["score"] == pytest.approx(sum(term["points"] for term in best["terms"]))
    assert sum(term["weight"] for term in best["terms"] if not term["policy"]) == 100
    assert all(reason["passed"] and reason["detail"] for reason in best["reasons"])
    chinese = region.carrier.get(f"/api/v1/needs/{need}/matches", headers={"Accept-Language": "zh-CN"}).json
    assert any("米" in r["detail"] or " m" in r["detail"] for r in chinese["results"][0]["reasons"])
    assert chinese["results"][0]["reasons"][0]["detail"] != best["reasons"][0]["detail"]


@pytest.mark.parametrize(
    ("tower", "need", "criterion"),
    [
        ({"height": 22}, {}, "height"),
        ({}, {"requirements": {"mounts": 4, "height_m": 25}, "budget_minor": 9_000_000}, "mounts"),
        ({}, {"requirements": {"mounts": 1, "height_m": 25, "load_kg": 900}}, "load"),
        ({"price_minor": 9_000_000}, {}, "price"),
        ({"window_start": "2028-01-01"}, {}, "window"),
        ({"at": [HERE[0] + 0.009, HERE[1]]}, {}, "reach"),
    ],
)
def test_a_near_miss_says_what_failed_and_what_would_do(
    region: Region, tower: dict[str, Any], need: dict[str, Any], criterion: str
) -> None:
    ref, listing = asked(region, **need), listed(region, **tower)
    published(region)
    found = matches(region.carrier, ref)
    assert (found["results"], found["colour"]) == ([], "yellow")
    [near] = found["alternates"]
    assert near["listing"]["id"] == listing
    failed = [r["criterion"] for r in near["reasons"] if not r["passed"]]
    assert len(failed) == 1
    assert criterion in failed[0] or failed[0] in criterion, failed
    assert near["smallest_change"]
    pair = region.carrier.get(f"/api/v1/needs/{ref}/matches/{listing}").json
    assert pair == near


def test_a_capacity_that_falls_short_says_when_it_would_do(region: Region) -> None:
    ref, listing = asked(region, requirements={"mounts": 1, "height_m": 25, "load_kg": 100}), listed(region)
    published(region)
    asset = region.grid.get(f"/api/v1/listings/{listing}").json["asset"]["id"]
    need = region.carrier.get(f"/api/v1/needs/{ref}").json
    start, end = (date.fromisoformat(need[side]) for side in ("window_start", "window_end"))
    free = (start + (end - start) / 4).isoformat()
    taken = {
        "kind": "baseline",
        "amounts": {"load_kg": 350},
        "occupant": "China Tower",
        "starts": start.isoformat(),
        "ends": free,
    }
    answer = region.grid.post(f"/api/v1/assets/{asset}/capacity/claims", json=taken)
    assert answer.status_code == 201, answer.json
    [near] = matches(region.carrier, ref)["alternates"]
    said = {reason["criterion"]: reason["would_do"] for reason in near["reasons"]}
    assert said.pop("load") == {"window_start": free, "window_end": end.isoformat()}
    assert set(said.values()) == {None}


def test_why_not_for_a_listing_at_the_other_end_of_the_province(region: Region) -> None:
    ref, listing = asked(region), listed(region, at=[110.4, 21.2])
    published(region)
    assert matches(region.carrier, ref)["alternates"] == []
    pair = region.carrier.get(f"/api/v1/needs/{ref}/matches/{listing}").json
    assert pair["matches"] is False
    assert pair["distance_m"] > 300_000
    assert region.carrier.get(f"/api/v1/needs/{ref}/matches/{'0' * 13}").status_code == 404


def test_nothing_is_compared_that_the_viewer_may_not_see(region: Region) -> None:
    ref, hidden = asked(region), listed(region, tier="T0")
    draft = region.grid.post("/api/v1/listings", json={**_draft(), "publish": False}).json["id"]
    published(region)
    found = matches(region.carrier, ref)
    assert (found["in_reach"], found["feasible"], found["results"], found["alternates"]) == (0, 0, [], [])
    for listing in (hidden, draft):
        assert region.carrier.get(f"/api/v1/needs/{ref}/matches/{listing}").status_code == 404
    assert matches(region.regulator, ref)["feasible"] == 1  # the regulator of the owner's sector sees it exactly
    assert region.regulator.get(f"/api/v1/needs/{ref}/matches/{draft}").status_code == 404
    assert region.rival.get(f"/api/v1/needs/{ref}/matches").status_code == 404


def moved(region: Region, listing: str, to: list[float]) -> None:
    asset = region.grid.get(f"/api/v1/listings/{listing}").json["asset"]
    body = {"geometry": {"type": "Point", "coordinates": to}}
    answer = region.grid.patch(f"/api/v1/assets/{asset['id']}", json=body, headers={"If-Match": f'"{asset["version"]}"'})
    assert answer.status_code == 200, answer.json


@pytest.mark.parametrize("radius_m", [400, 600, 1000])
def test_a_hidden_asset_that_moves_within_its_cell_changes_nothing_for_the_requester(region: Region, radius_m: float) -> None:
    """The place is computed from the cell: no circle, however it is moved, tells where in it the asset stands."""
    listing = listed(region, tier="T1")
    needs = [
        asked(region, geometry={"type": "Point", "coordinates": [HERE[0] + d, HERE[1] - d]}, radius_m=radius_m)
        for d in (-0.004, 0, 0.003, 0.012)
    ]
    published(region)

    def seen(client: Any) -> list[Any]:
        times = {"computed_at", "valid_until"}
        pages = [{k: v for k, v in matches(client, ref).items() if k not in times} for ref in needs]
        pairs = [client.get(f"/api/v1/needs/{ref}/matches/{listing}").json for ref in needs]
        return [pages, pairs, client.get(f"/api/v1/listings/{listing}").json["asset"]["geometry"]]

    before, exact = seen(region.carrier), seen(region.regulator)
    moved(region, listing, INSIDE)
    assert seen(region.carrier) == before
    assert seen(region.regulator) != exact
    assert any(pair["approximate"] and pair["colour"] != "green" for pair in before[1])


def test_only_the_nearest_are_compared_when_there_are_too_many(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.matching.faces.MOST", 2)
    near = [listed(region), listed(region, at=[HERE[0] + 0.001, HERE[1]])]
    listed(region, at=[HERE[0] - 0.003, HERE[1]])
    ref = asked(region)
    published(region)
    found = matches(region.carrier, ref)
    assert {pair["listing"]["id"] for pair in found["results"]} == set(near)
    assert found["not_compared"] == 1


def test_an_owner_sees_the_needs_of_its_listing_and_a_count_of_the_hidden(region: Region) -> None:
    listing = listed(region)
    shown = asked(region, tier="T2", title="Shown")
    roughly = asked(region, tier="T1", title="Roughly")
    asked(region, tier="T0", title="Secret")
    published(region)
    run(region)
    found = region.grid.get(f"/api/v1/listings/{listing}/needs").json
    assert {row["need"]["id"] for row in found["results"]} == {shown, roughly}
    assert found["hidden"] == 1
    for told in ("distance_m", "score"):  # a score tells the distance to a few metres
        assert {row["need"]["id"]: row[told] is None for row in found["results"]} == {shown: False, roughly: True}, told
    assert "roughly known" in region.grid.get(f"/listings/{listing}/needs").text
    assert "Secret" not in str(found)
    for who in ("carrier", "rival", "city"):
        assert getattr(region, who).get(f"/api/v1/listings/{listing}/needs").status_code == 404, who


def test_own_listings_are_no_match(region: Region) -> None:
    ref = asked(region)
    region.carrier.post("/api/v1/listings", json=_draft())
    published(region)
    found = matches(region.carrier, ref)
    assert found["results"] == []
    with region.bus.database.read() as session:
        assert session.scalar(select(func.count(Asset.id))) == 1


def test_a_kind_that_nobody_ships_is_asked_for_and_matched(region: Region) -> None:
    with market.toy_kind() as toy:
        asset = {
            "kind": toy.name,
            "name": "Cabinet",
            "geometry": {"type": "Point", "coordinates": HERE},
            "capacity": {"shelf": 4, "weight_kg": 20},
            "attributes": {"colour": "red", "depth_cm": 80},
        }
        made = region.grid.post(
            "/api/v1/listings", json={"title": "Shelves", "window_start": "2026-07-01", "publish": True, "asset": asset}
        )
        assert made.status_code == 201, made.json
        body = need_body(opened(region, name="Toys"), kind=toy.name, requirements={"shelves": 2, "depth_cm": 60}, submit=True)
        ref = region.carrier.post("/api/v1/needs", json=body).json["id"]
        found = matches(region.carrier, ref)
        assert [pair["listing"]["id"] for pair in found["results"]] == [made.json["id"]]
        assert {term["name"] for term in found["results"][0]["terms"]} >= {"shelves", "depth"}
