"""What a worker stores of a change is what a full run stores; no committed change is missed, in whatever order they commit."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, insert, select, text, update

from app.db.session import Database
from app.db.work import Bus
from app.ledger import Claim
from app.listings.models import Listing
from app.matching.changelog import MatchChange, position, since
from app.matching.live import Behind, LiveMarket
from app.matching.models import Match, MatchRun, NeedResult
from app.matching.rematch import Markets
from app.matching.run import run_now
from app.matching.source import Scope, load_problem
from app.needs.models import Need
from tests.support.asking import HERE, Region, asked, listed, move, published


def quiet(percent: int, message: str) -> None:
    """Progress that nobody watches."""


def stored(bus: Bus) -> tuple[Any, ...]:
    """All that matching keeps, but for who found it and when."""
    with bus.database.read() as session:
        match = select(Match.need_id, Match.listing_id, Match.score, Match.distance_mm, Match.need_rank, Match.listing_rank)
        result = select(NeedResult.need_id, NeedResult.in_reach, NeedResult.feasible)
        needs = select(Need.id, Need.status)
        return tuple(sorted(map(tuple, session.execute(statement))) for statement in (match, result, needs))


def changed_listing(region: Region, listing: str, **values: Any) -> None:
    with region.bus.database.write() as session:
        session.execute(update(Listing).where(Listing.ref == listing).values(**values))


def claimed(region: Region, listing: str, slots: int) -> None:
    """Somebody takes platforms: a movement of the ledger, past every use case."""
    with region.bus.database.write() as session:
        asset = session.scalars(select(Listing.asset_id).where(Listing.ref == listing)).one()
        made = {"asset_id": asset, "dimension": "platform", "kind": "committed", "amount_milli": 1000, "created_at": func.now()}
        window = {"starts": func.date("2027-01-01"), "ends": func.date("2030-01-01")}
        if session.get_bind().dialect.name == "postgresql":
            window = {name: text(f"DATE '{value}'") for name, value in (("starts", "2027-01-01"), ("ends", "2030-01-01"))}
        for slot in range(1, slots + 1):
            session.execute(
                insert(Claim).values(
                    slot=slot, holder_type="occupant", holder_ref=f"t{slot}", ref=f"claim{slot:08d}", **made, **window
                )
            )


def market_of(region: Region) -> list[str]:
    """Four needs and seven towers, near one another; the listings' refs."""
    for number in range(4):
        at = [HERE[0] + number / 500, HERE[1]]
        asked(region, title=f"N{number}", geometry={"type": "Point", "coordinates": at}, radius_m=700)
    listings = [listed(region, at=[HERE[0] + n / 400, HERE[1]], height=28 + 2 * n) for n in range(7)]
    published(region)
    return listings


def test_each_change_is_stored_as_a_full_run_stores_it(region: Region) -> None:
    listings = market_of(region)
    markets = Markets()
    markets.rematch(region.bus, "tower", quiet)
    changes = [
        lambda: changed_listing(region, listings[0], price_minor=900_000),
        lambda: claimed(region, listings[1], 2),
        lambda: changed_listing(region, listings[2], status="withdrawn"),
        lambda: listed(region, at=[HERE[0] + 0.001, HERE[1] + 0.001], height=40),
        lambda: move(region.carrier, need_ref(region, "N1"), "withdraw"),
        lambda: changed_listing(region, listings[2], status="published"),
        lambda: [changed_listing(region, ref, price_minor=99_000_000) for ref in listings[3:]],
    ]
    for number, change in enumerate(changes):
        before = stored(region.bus)
        change()
        markets.rematch(region.bus, "tower", quiet)
        incremental = stored(region.bus)
        assert incremental != before, number
        with region.bus.database.read() as session:
            last = session.scalars(select(MatchRun).order_by(MatchRun.id.desc()).limit(1)).one()
            assert "changes_to" in last.params, "this was a full run"
        run_now(region.bus, "tower", quiet)
        assert stored(region.bus) == incremental, number


def need_ref(region: Region, title: str) -> str:
    with region.bus.database.read() as session:
        return str(session.scalars(select(Need.ref).where(Need.title == title)).one())


def test_nothing_is_recorded_when_nothing_was_affected(region: Region) -> None:
    market_of(region)
    markets = Markets()
    markets.rematch(region.bus, "tower", quiet)
    before = stored(region.bus)
    with region.bus.database.read() as session:
        runs = session.scalar(select(func.count(MatchRun.id)))
    markets.rematch(region.bus, "tower", quiet)
    with region.bus.database.read() as session:
        assert session.scalar(select(func.count(MatchRun.id))) == runs
    assert stored(region.bus) == before


def test_an_answer_is_never_older_than_the_writers_own_change(region: Region) -> None:
    listings = market_of(region)
    database = region.bus.database
    markets = [LiveMarket.load(database, "tower"), LiveMarket.load(database, "tower")]
    with database.read() as session:
        number = session.scalars(select(Listing.id).where(Listing.ref == listings[0])).one()
    sequence = 0
    for price in (10_000_000, 700_000, 12_000_000):
        changed_listing(region, listings[0], price_minor=price)
        with database.snapshot() as session:
            problem, now = load_problem(session, Scope(kind="tower")), position(session)
        answers = [market.answer(database, listings=[number]) for market in markets]
        assert answers[0] == answers[1]
        assert answers[0].sequence == now.sequence > sequence
        sequence = now.sequence
        assert markets[0].index.problem().input_hash == problem.input_hash
        assert bool(answers[0].listings[0].feasible) == (price < 2_000_000)


def test_changes_are_seen_in_the_order_in_which_they_commit(database: Database) -> None:
    """The one with the lower number commits last: a reader that followed numbers would never see it."""
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time: numbers are in the order of commits")
    one, two = database.engine.connect(), database.engine.connect()
    note = "INSERT INTO match_change (subject, row_id, xid) VALUES ('listing', {}, pg_current_xact_id()::text::bigint)"
    with database.snapshot() as session:
        begun = position(session)
    one.execute(text(note.format(1)))
    two.execute(text(note.format(2)))
    two.commit()
    with database.snapshot() as session:
        assert since(session, begun) == {("listing", 2)}
        seen = position(session)
    one.commit()
    with database.snapshot() as session:
        assert since(session, seen) == {("listing", 1)}
        seen = position(session)
    one.execute(text(note.format(3)))
    one.rollback()
    with database.snapshot() as session:
        assert since(session, seen) == set()
    one.close()
    two.close()


def test_a_reader_too_far_behind_says_so(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    listings = market_of(region)
    database = region.bus.database
    market = LiveMarket.load(database, "tower")
    monkeypatch.setattr("app.matching.live.MOST", 2)
    for ref in listings[:3]:
        changed_listing(region, ref, price_minor=1)
    with pytest.raises(Behind):
        market.catch_up(database)
    monkeypatch.undo()
    with database.write() as session:
        newest = session.scalar(select(func.max(MatchChange.id))) or 0
        session.execute(text("DELETE FROM match_change WHERE id < :n"), {"n": newest})
    with pytest.raises(Behind):
        market.catch_up(database)
    Markets().rematch(region.bus, "tower", quiet)
    assert stored(region.bus)[0]


def test_a_run_that_was_overtaken_has_the_rest_matched_again(region: Region) -> None:
    """While a full run solves, a price changes and another worker stores that; the run's older answer does not stand."""
    listings = market_of(region)
    markets = Markets()
    markets.rematch(region.bus, "tower", quiet)

    def report(percent: int, message: str) -> None:
        if message == "storing":
            changed_listing(region, listings[0], price_minor=99_000_000)
            markets.rematch(region.bus, "tower", quiet)

    run_now(region.bus, "tower", report)
    overtaken = stored(region.bus)
    markets.rematch(region.bus, "tower", quiet)
    newest = stored(region.bus)
    assert newest != overtaken
    run_now(region.bus, "tower", quiet)
    assert stored(region.bus) == newest
