"""A profile's fairness over the database: it orders needs at a listing and in an allocation as stated, shows in the score's terms,
and changes nobody's matches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from app.catalogue.profiles import get_profile, register_profile, unregister_profile
from app.kernel.clock import FixedClock
from app.listings.models import Listing
from app.matching.allocating.run import StartAllocation, run_allocation
from app.matching.allocating.scenario import Scenario
from app.matching.models import Match
from app.matching.run import run_now
from app.needs.models import Need
from tests.integration.matching.test_live import quiet
from tests.support.asking import Region, asked, listed, need_body, published
from tests.support.now import NOW

CN = get_profile("cn-default")
ONE: dict[str, Any] = {"requirements": {"mounts": 1, "height_m": 25, "load_kg": 10}, "budget_minor": 9_000_000}
RESTED = {"note": "Programme 9"}


@pytest.fixture
def profile() -> Iterator[None]:
    """What the test registers is gone afterwards."""
    yield
    unregister_profile(CN.code)


def points(**given: int) -> None:
    """The profile, each of these terms giving so many points and counting once in an allocation; others nothing."""
    register_profile(replace(CN, fairness=tuple(replace(t, points=given.get(t.term, 0), times=1) for t in CN.fairness)))


def counts(**given: int) -> None:
    register_profile(replace(CN, fairness=tuple(replace(t, points=0, times=given.get(t.term, 1)) for t in CN.fairness)))


def needs(region: Region, clock: FixedClock) -> dict[str, str]:
    """Four equal needs beside one tower, the last submitted a month after the others."""
    found = {
        "general": asked(region, **ONE, title="General"),
        "universal_service": asked(region, **ONE, **RESTED, title="Universal", purpose="universal_service"),
        "emergency": asked(region, **ONE, **RESTED, title="Emergency", purpose="emergency"),
    }
    found["late"] = asked(region, **ONE, title="Late")
    with region.bus.database.write() as session:
        session.execute(
            update(Need).where(Need.ref == found["late"]).values(submitted_on=NOW.date().replace(month=NOW.month + 1))
        )
    published(region)
    return found


def ranked(region: Region, names: dict[str, str]) -> tuple[list[str], set[tuple[str, str]]]:
    """The needs in the order in which they stand at the listing, and every match there is."""
    run_now(region.bus, None, quiet)
    with region.bus.database.read() as session:
        rows = session.execute(
            select(Need.ref, Listing.ref)
            .select_from(Match)
            .join(Need, Need.id == Match.need_id)
            .join(Listing, Listing.id == Match.listing_id)
            .order_by(Match.listing_rank)
        ).all()
    by_ref = {ref: name for name, ref in names.items()}
    return [by_ref[need] for need, _ in rows], {(need, listing) for need, listing in rows}


def test_another_profile_another_order_and_the_same_matches(region: Region, clock: FixedClock, profile: None) -> None:
    listed(region)
    names = needs(region, clock)
    stated = {
        (): ["general", "universal_service", "emergency", "late"],
        (("emergency", 20), ("universal_service", 10)): ["emergency", "universal_service", "general", "late"],
        (("emergency", 10), ("universal_service", 20)): ["universal_service", "emergency", "general", "late"],
        (("earlier_first", 50),): ["general", "universal_service", "emergency", "late"],
        (("earlier_first", 5), ("universal_service", 10)): ["universal_service", "general", "emergency", "late"],
    }
    found = []
    for terms, order in stated.items():
        points(**dict(terms))
        got, matches = ranked(region, names)
        assert got == order, terms
        found.append(matches)
    assert len(found[0]) == 4
    assert all(matches == found[0] for matches in found)


def test_the_earlier_request_comes_first_though_its_number_is_higher(region: Region, clock: FixedClock, profile: None) -> None:
    listed(region)
    names = needs(region, clock)
    with region.bus.database.write() as session:
        session.execute(
            update(Need).where(Need.ref == names["general"]).values(submitted_on=NOW.date().replace(month=NOW.month + 2))
        )
    points(earlier_first=5)
    assert ranked(region, names)[0] == ["universal_service", "emergency", "late", "general"]


def test_in_an_allocation_they_count_so_many_times(region: Region, clock: FixedClock, profile: None) -> None:
    """Three places on the tower, four needs: who goes without follows the profile."""
    listed(region)
    needs(region, clock)
    left = {}
    for name, weights in (
        ("emergency first", {"emergency": 4, "universal_service": 2}),
        ("nobody first", {}),
    ):
        counts(**weights)
        ref = run_allocation(region.bus, StartAllocation(region.list_ref, Scenario(), None), quiet)
        rows = region.administration.get(f"/api/v1/allocations/{ref}/needs").json["results"]
        assert all(row["candidates"] == 1 for row in rows)
        left[name] = {row["need"]["title"]: (row["weight"], row["outcome"]) for row in rows}
    assert {t: w for t, (w, _) in left["emergency first"].items()} == {"General": 2, "Universal": 4, "Emergency": 8, "Late": 2}
    assert left["emergency first"]["Emergency"][1] == left["emergency first"]["Universal"][1] == "served"
    assert {w for w, _ in left["nobody first"].values()} == {2}


def test_the_terms_show_with_their_source(region: Region, clock: FixedClock) -> None:
    listing = listed(region)
    names = needs(region, clock)
    answer = region.carrier.get(f"/api/v1/needs/{names['emergency']}/matches").json["results"][0]
    policy = {t["name"]: t for t in answer["terms"] if t["policy"]}
    assert {name: (t["points"], t["weight"], t["source"]) for name, t in policy.items()} == {
        "universal_service": (0, 10, "proposal"),
        "emergency": (20, 20, "proposal"),
        "earlier_first": (policy["earlier_first"]["points"], 5, "proposal"),
    }
    assert answer["score"] == pytest.approx(sum(t["points"] for t in answer["terms"]), abs=0.01)
    page = region.carrier.get(f"/needs/{names['emergency']}/listings/{listing}").text
    assert "Emergency communications" in page
    assert "Order among needs" in page
    assert "proposal" in page


def test_a_purpose_names_what_it_rests_on(region: Region) -> None:
    for more, pointer in (({"purpose": "emergency"}, "/note"), ({"purpose": "emergency", "note": "  "}, "/note")):
        answer = region.carrier.post("/api/v1/needs", json=need_body(region.list_ref, **more))
        assert answer.status_code == 422
        assert [e["pointer"] for e in answer.json["errors"]] == [pointer]
    kept = region.carrier.get(f"/api/v1/needs/{asked(region, purpose='emergency', **RESTED)}").json
    assert (kept["purpose"], kept["submitted_on"]) == ("emergency", NOW.date().isoformat())


def test_the_database_knows_the_purposes(region: Region) -> None:
    ref = asked(region)

    def unknown() -> None:
        with region.bus.database.write() as session:
            session.execute(update(Need).where(Need.ref == ref).values(purpose="friends"))

    with pytest.raises(Exception, match="ck_need_purpose"):
        unknown()
