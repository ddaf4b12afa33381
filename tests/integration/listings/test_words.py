"""Words are found anywhere in a text, by the index of pairs of letters and without it, whatever became of the text since."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import delete, select, text

from app.assets import Asset
from app.db import words
from app.db.work import Bus
from app.listings import Listing, pageful
from tests.integration.listings.test_explore import found
from tests.support.asking import Region, build, listed

TITLES = ("Tower 014 \u94c1\u5854", "Mast_100%", "Duct A", "towering")
LETTERS = (
    "\u00c9glise",
    "\u0416\u0443\u043a\u043e\u0432",
    "\uff34\uff4f\uff57\uff45\uff52",
    "\u039f\u0394\u039f\u03a3 7",
    "\u0130zmir",
)


@pytest.fixture
def region(app: Flask, bus: Bus) -> Region:
    made = build(app, bus)
    for title in TITLES:
        listed(made, title=title)
    return made


@pytest.mark.parametrize("few", [words.FEW, 0])
@pytest.mark.parametrize(
    ("q", "wanted"),
    [
        ("TOWER", {TITLES[0], TITLES[3]}),
        ("wer 0", {TITLES[0]}),
        ("%E9%93%81%E5%A1%94", {TITLES[0]}),
        ("t_1", {TITLES[1]}),
        ("100%25", {TITLES[1]}),
        ("0%25", {TITLES[1]}),
        ("A", set(TITLES) - {TITLES[3], TITLES[0]}),
        ("er to", set()),
        ("r 014 tower", set()),
    ],
)
def test_words_are_found_anywhere_and_signs_mean_themselves(
    region: Region, monkeypatch: pytest.MonkeyPatch, q: str, wanted: set[str], few: int
) -> None:
    monkeypatch.setattr(words, "FEW", few)
    assert found(region, f"q={q}") == wanted


def test_letters_of_every_script_are_folded_alike(app: Flask, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the index and without it; each title is found in small letters and in capitals."""
    made = build(app, bus)
    for title in LETTERS:
        listed(made, title=title)
    for few in (words.FEW, 0):
        monkeypatch.setattr(words, "FEW", few)
        for title in LETTERS:
            for q in (title, words.fold(title), title.upper(), title[:2], words.fold(title[:2])):
                assert found(made, f"q={quote(q)}") == {title}, q


def test_a_reference_is_found_too_and_the_index_asks_before_the_table(region: Region, bus: Bus) -> None:
    with bus.database.read() as session:
        ref = session.scalar(select(Listing.ref).where(Listing.title == "Duct A"))
        some = words.containing(session, Listing, "tower 014", ("title",))
        compiled = select(Listing.id).where(some).compile(session.get_bind(), compile_kwargs={"render_postcompile": True})
    assert found(region, f"q={ref}") == {"Duct A"}
    assert "json_each" in str(compiled) if bus.database.is_sqlite else "word_pairs(listing.title) @>" in str(compiled)


def test_the_index_follows_every_change(region: Region, bus: Bus) -> None:
    def change(work: Any, command: Any) -> None:
        work.session.execute(text("UPDATE listing SET title = 'Pylon 9' WHERE title = 'Duct A'"))
        work.session.execute(delete(Listing).where(Listing.title == "towering"))

    from app.kernel.actor import SYSTEM

    bus.execute(change, SYSTEM, None)
    assert found(region, "q=duct") == set()
    assert found(region, "q=pylon") == {"Pylon 9"}
    assert found(region, "q=tower") == {TITLES[0]}
    if bus.database.is_sqlite:
        with bus.database.read() as session:
            wanted = " ".join(map(words._code, words.pairs("duct a")))
            assert (
                session.execute(text("SELECT rowid FROM words_listing WHERE words_listing MATCH :q"), {"q": wanted}).all() == []
            )


def test_an_owner_finds_its_own_by_the_name_and_number_of_the_asset(region: Region, bus: Bus) -> None:
    def number(work: Any, command: Any) -> None:
        asset = work.session.scalar(select(Asset).join(Listing, Listing.asset_id == Asset.id).where(Listing.title == "Duct A"))
        asset.owner_ref, asset.name = "GX-77", "Yard"

    from app.kernel.actor import SYSTEM

    bus.execute(number, SYSTEM, None)
    assert found(region, "q=gx-7&owner=mine", region.grid) == {"Duct A"}
    assert found(region, "q=yard&owner=mine", region.grid) == {"Duct A"}
    assert found(region, "q=yardgx&owner=mine", region.grid) == set()
    assert found(region, "q=gx-7") == set()


@pytest.mark.parametrize("sort", ["created", "-created", "title", "-title", "price", "-price"])
@pytest.mark.parametrize("walked", [1, 50_000])
def test_a_walk_finds_the_pages_that_sorting_finds(
    region: Region, monkeypatch: pytest.MonkeyPatch, sort: str, walked: int
) -> None:
    """There and back, in pages of one."""
    monkeypatch.setattr(pageful, "WALKED", walked)
    orders = []
    for many in (1_000, 1):
        monkeypatch.setattr(pageful, "MANY", many)
        order, query = [], f"/api/v1/listings?sort={sort}&limit=1"
        while query:
            answer = region.carrier.get(query)
            order += [row["title"] for row in answer.json["results"]]
            query = answer.json.get("next")
        orders.append(order)
    assert sorted(orders[0]) == sorted(TITLES)
    assert orders[0] == orders[1]
