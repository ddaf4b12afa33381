"""The page of a need with many matches: twenty at a time, each once, small enough to send."""

from __future__ import annotations

import re

import pytest

from app.matching.pages import SHOWN
from app.matching.queries import NEAREST_MISSES
from app.web.writing import kept_together
from tests.support.asking import HERE, Region, asked, listed, published

MORE = 3
MOST_BYTES = 110_000


@pytest.fixture
def need(region: Region) -> str:
    """A published need that more listings fit than one page shows, and one listing that is too low."""
    ref = asked(region, radius_m=2_000)
    for number in range(SHOWN + MORE):
        listed(region, at=[HERE[0] + number / 10_000, HERE[1]], height=40)
    listed(region, at=[HERE[0], HERE[1]], height=5)
    published(region)
    return ref


def cards(page: str) -> list[str]:
    return re.findall(r'data-feature="([0-9a-z]{13})"', page)


def test_matches_come_twenty_at_a_time_and_each_once(region: Region, need: str) -> None:
    first, second = (region.carrier.get(f"/needs/{need}?page={number}") for number in (1, 2))
    assert (len(cards(first.text)), len(cards(second.text))) == (SHOWN, MORE)
    assert len({*cards(first.text), *cards(second.text)}) == SHOWN + MORE
    assert f"1 to {SHOWN} of {SHOWN + MORE}" in first.text
    assert f"{SHOWN + 1} to {SHOWN + MORE} of {SHOWN + MORE}" in second.text
    assert f'rel="next" href="/needs/{need}?show=matches&amp;page=2"' in first.text
    assert 'rel="next"' not in second.text
    assert f'rel="prev" href="/needs/{need}?show=matches"' in second.text
    assert len(first.data) < MOST_BYTES
    ranked = [row["listing"]["id"] for row in region.carrier.get(f"/api/v1/needs/{need}/matches").json["results"]]
    assert [*cards(first.text), *cards(second.text)] == ranked


def test_the_near_misses_are_counted_beside_the_matches_and_explained_on_their_own(region: Region, need: str) -> None:
    near = region.carrier.get(f"/needs/{need}?show=near").text
    assert len(cards(near)) == 1
    assert not set(cards(near)) & set(cards(region.carrier.get(f"/needs/{need}").text))
    for page in (near, region.carrier.get(f"/needs/{need}").text):
        assert re.findall(r'class="tab-count">(\d+)<', page) == [str(SHOWN + MORE), "1"]


def test_where_nothing_fits_the_smallest_change_of_all_is_told(region: Region) -> None:
    """Also where more listings than are shown fail fewer conditions, each by much."""
    ref = asked(region)
    for _ in range(NEAREST_MISSES):
        listed(region, height=5)
    nearly = listed(region, height=24, price_minor=2_010_000, title="Almost tall enough")
    published(region)
    answer = region.carrier.get(f"/api/v1/needs/{ref}/matches").json
    least = answer["smallest_change"]
    assert nearly not in [row["listing"]["id"] for row in answer["alternates"]]
    assert (least["listing"]["id"], least["matches"]) == (nearly, False)
    page = region.carrier.get(f"/needs/{ref}").text
    assert kept_together(least["smallest_change"]) in page
    assert f'href="/needs/{ref}/listings/{nearly}">Almost tall enough</a>' in page


@pytest.mark.parametrize("number", ["9", "0", "-1", "x", "99999"])
def test_a_page_that_is_not_there_leads_to_the_first(region: Region, need: str, number: str) -> None:
    answer = region.carrier.get(f"/needs/{need}?page={number}", follow_redirects=True)
    assert answer.status_code == 200
    assert len(cards(answer.text)) == SHOWN
