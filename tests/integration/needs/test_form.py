"""The form of a need: all that is wrong is said at once, in the order of the form, each with its link."""

from __future__ import annotations

import re
from html import unescape

import pytest

from app.needs import MAX_RADIUS_M, RADIUS
from tests.support import people
from tests.support.asking import Region, asked, published

NEED = {
    "kind": "tower",
    "title": "5G macro",
    "shape": "circle",
    "lon": "114.0579",
    "lat": "22.5431",
    "radius_m": "300",
    "requirements.mounts": "2",
    "requirements.height_m": "25",
    "window_start": "2027-01-01",
    "window_last": "2029-12-31",
    "alternative.description": "A pole of our own",
    "alternative.cost": "400,000",
    "submit": "1",
}
ALL_WRONG = {
    "title": "",
    "lon": "far away",
    "radius_m": "0",
    "requirements.mounts": "two",
    "requirements.height_m": "",
    "window_start": "",
    "window_last": "31/12/2029",
    "minimum_term_months": "half",
    "budget": "much",
    "alternative.description": "",
    "alternative.cost": "",
}


def summary(page: str) -> list[str]:
    """The fields that the summary on top links to."""
    return re.findall(r'href="#f-([^"]+)"', page.split("data-error-summary")[1].split("</ul>")[0])


@pytest.mark.parametrize("form", ["new", "edit"])
def test_unreadable_and_missing_values_are_told_together_in_the_order_of_the_form(region: Region, form: str) -> None:
    client, path = region.carrier, "/needs/new"
    given = {**NEED, "needs_list": region.list_ref}
    if form == "edit":
        del given["submit"]
        path = people.post(client, "/needs/new", given, page="/needs/new?kind=tower").headers["Location"] + "/edit"
    answer = people.post(client, path, given | ALL_WRONG | {"needs_list": ""}, page="/needs/new?kind=tower")
    assert answer.status_code == 422
    told = summary(answer.text)
    expected = set(ALL_WRONG) - {"alternative.cost"}
    if form == "new":
        assert set(told) == expected | {"needs_list"}
    else:  # a draft may lack its alternative, and stays in its list
        assert set(told) == expected - {"alternative.description"}
    places = [answer.text.index(f'id="f-{name}"') for name in told]
    assert places == sorted(places)
    assert all(f'id="e-{name}"' in answer.text for name in told)
    assert 'value="far away"' in answer.text


def test_the_last_day_there_is_may_be_typed(region: Region) -> None:
    given = {**NEED, "needs_list": region.list_ref, "window_last": "9999-12-31"}
    assert people.post(region.carrier, "/needs/new", given, page="/needs/new?kind=tower").status_code == 303


def test_the_price_of_an_alternative_that_nobody_described_is_not_dropped(region: Region) -> None:
    given = NEED | {"needs_list": region.list_ref, "alternative.description": "", "submit": ""}
    answer = people.post(region.carrier, "/needs/new", given, page="/needs/new?kind=tower")
    assert answer.status_code == 422
    assert summary(answer.text) == ["alternative.description"]
    assert people.post(region.carrier, "/needs/new", NEED | {"needs_list": region.list_ref}).status_code == 303


def test_the_list_has_its_map_as_precisely_as_each_may_see(region: Region) -> None:
    """Its requester sees the place, an owner of another sector the cell, a rival nothing."""
    ref = asked(region, tier="T1")
    published(region)
    own, grid, rival = (client.get("/needs/", headers=people.PAGE).text for client in (region.carrier, region.grid, region.rival))
    assert f'data-feature="{ref}"' in own
    assert "114.0579" in own
    assert f'data-feature="{ref}"' in grid
    assert "Polygon" in grid
    assert "114.0579" not in grid
    assert ref not in rival


def test_the_forms_and_the_checks_have_one_number_for_the_widest_radius(region: Region) -> None:
    """In the form of a need and in that of “what if”, and both say it of a wider one."""
    limit = f'data-maximum="{MAX_RADIUS_M:.0f}"'
    assert limit in region.carrier.get("/needs/new?kind=tower").text
    wide = NEED | {"needs_list": region.list_ref, "radius_m": f"{MAX_RADIUS_M + 1:.0f}"}
    answer = people.post(region.carrier, "/needs/new", wide, page="/needs/new?kind=tower")
    assert RADIUS.en in unescape(answer.text)
    other = f"/needs/{asked(region)}/what-if"
    assert limit in region.carrier.get(other).text
    assert RADIUS.en in unescape(region.carrier.get(f"{other}?radius_m={MAX_RADIUS_M + 1:.0f}").text)
