"""The legend of a map shows what is drawn: a dot, or a line in the hue of its kind."""

from __future__ import annotations

from typing import Any

import pytest

from app.web.mapview import legend_marks

LINE, AREA = {"type": "MultiLineString"}, {"type": "Polygon"}
DOT = {"state": "fits", "lon": 1, "lat": 2}


@pytest.mark.parametrize(
    ("state", "features", "classes"),
    [
        ("fits", [DOT], "mark-fits"),
        ("fits", [], "mark-fits"),
        ("fits", [{"state": "fits", "geometry": LINE, "hue": "cable"}], "mark-route mark-cable"),
        ("fits", [{"state": "fits", "geometry": LINE, "hue": "cable"}, DOT], "mark-fits"),
        ("near", [{"state": "near", "geometry": LINE}, DOT], "mark-near-line"),
        ("near", [{"state": "near", "geometry": AREA}], "mark-near"),
        ("cell", [{"state": "cell", "geometry": LINE}], "mark-cell"),
        ("cable", [], "mark-cable"),
    ],
)
def test_a_state_is_a_line_where_all_of_it_is(state: str, features: list[dict[str, Any]], classes: str) -> None:
    assert legend_marks(state, features, None) == classes


@pytest.mark.parametrize(
    ("need", "classes"), [(None, "mark-need"), ({"lon": 1, "lat": 2, "radius_m": 5}, "mark-need"), (LINE, "mark-need-line")]
)
def test_the_need_is_a_line_where_it_is_a_route(need: dict[str, Any] | None, classes: str) -> None:
    assert legend_marks("need", [], need) == classes
