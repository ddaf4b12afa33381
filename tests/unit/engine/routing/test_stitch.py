"""How spans become a network: what is joined, what is not, what it costs; and bad input, clear or exact."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from app.engine.problem import ProblemError
from app.engine.routing import (
    APART,
    BUILD,
    CAPACITY,
    HANDOVER,
    LOSS,
    SPAN,
    UDB,
    Answer,
    Ask,
    Chamber,
    Joints,
    Limits,
    Meeting,
    SpanRow,
    Stitched,
    route,
    stitch,
)

GEOD = Geod(ellps="WGS84")
HERE = (114.05, 22.54)
YEAR = 365


def at(east: float, north: float, origin: tuple[float, float] = HERE) -> tuple[float, float]:
    """A place so many metres from the origin."""
    lon, lat, _ = GEOD.fwd(*origin, math.degrees(math.atan2(east, north)), math.hypot(east, north))
    return lon, lat


def span(number: int, owner: int, *places: tuple[float, float], **more: object) -> SpanRow:
    values = {"free": 4, "rent_minor": 1000, **more}
    return SpanRow(number, owner, shapely.LineString([at(*place) for place in places]), **values)  # type: ignore[arg-type]


def asked(made: Stitched, **more: object) -> Answer:
    return route(made.network, made.start, made.goal, Ask(**more))  # type: ignore[arg-type]


def kinds(made: Stitched) -> list[int]:
    return np.bincount(made.network.kind, minlength=3).tolist()


def test_ends_of_one_owner_snap_and_those_of_two_hand_over() -> None:
    rows = [span(1, 1, (0, 0), (500, 0)), span(2, 1, (500.8, 0), (1000, 0)), span(3, 2, (1000.8, 0), (1500, 0))]
    made = stitch(rows, meeting=Meeting(gap_m=0))
    assert kinds(made) == [3, 1, 0]
    assert len(made.network) == 5
    apart = stitch([rows[0], span(2, 1, (502.5, 0), (1000, 0))], meeting=Meeting(gap_m=0))
    assert len(apart.network) == 4


def test_lines_that_cross_are_not_joined_but_a_declared_chamber_splits() -> None:
    rows = [span(1, 1, (-500, 0), (500, 0)), span(2, 1, (0, -500), (0, 500))]
    meeting = Meeting(gap_m=0)
    assert kinds(stitch(rows, meeting=meeting)) == [2, 0, 0]
    assert len(stitch(rows, meeting=meeting).network) == 4
    split = stitch(rows, chambers=[Chamber(1, at(0, 0.4))], meeting=meeting)
    assert kinds(split) == [4, 0, 0]
    assert len(split.network) == 5
    assert kinds(stitch(rows, chambers=[Chamber(2, at(0, 0.4))], meeting=meeting)) == [2, 0, 0]
    assert kinds(stitch(rows, chambers=[Chamber(1, at(3.0, 3.0))], meeting=meeting)) == [2, 0, 0]


@settings(max_examples=60, deadline=None)
@example([20.0, 21.0], 1, 0)  # two chambers within the snap are one joint
@given(st.lists(st.floats(20, 980), min_size=1, max_size=5), st.integers(1, 10**9), st.integers(0, 40))
def test_the_parts_of_a_split_span_sum_to_the_whole(cuts: list[float], rent: int, splices: int) -> None:
    row = span(1, 1, (0, 0), (400, 0), (1000, 0), rent_minor=rent, length_m=1234.567, db_km=0.21, splices=splices)
    whole = stitch([row]).network
    made = stitch([row], chambers=[Chamber(1, at(cut, 0)) for cut in cuts], meeting=Meeting(snap_m=1.5)).network
    sections = made.kind == SPAN
    assert sections.sum() >= 1
    assert made.length_mm[sections].sum() == whole.length_mm.sum() == 1_234_567
    assert made.rent_minor[sections].sum() == rent
    extra = round(Joints().splice_db * UDB) * (int(sections.sum()) - 1)
    assert made.loss_udb[sections].sum() == whole.loss_udb.sum() + extra
    assert whole.loss_udb.sum() == round((1.234567 * 0.21 + (splices + 1) * 0.1) * UDB)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.floats(-400, 400), st.floats(-400, 400)), min_size=2, max_size=12))
def test_gaps_and_handovers_are_all_pairs_within_reach(spots: list[tuple[int, float, float]]) -> None:
    """Against every pair by Karney's geodesic: one far end each, so that only the near ones meet."""
    rows = [SpanRow(k, owner, shapely.LineString([at(x, y), (100.0 + k, 40.0)]), 1, 1) for k, (owner, x, y) in enumerate(spots)]
    meeting = Meeting(snap_m=0.0, site_m=30.0, gap_m=250.0, neighbours=30)
    made = stitch(rows, meeting=meeting).network
    for a in range(len(made)):
        for b in range(a + 1, len(made)):
            far = GEOD.inv(made.lon[a], made.lat[a], made.lon[b], made.lat[b])[2]
            joined = (made.tail == min(a, b)) & (made.head == max(a, b)) & (made.kind != SPAN)
            found = set(made.kind[joined].tolist())
            if min(abs(far - 30.0), abs(far - 250.0)) < 0.05:
                continue
            same = made.owner[a] == made.owner[b]
            assert found == (set() if far > 250 else {HANDOVER} if far < 30 and not same else {BUILD})


def test_a_route_over_two_owners_is_told_by_leg() -> None:
    rows = [
        span(1, 1, (0, 0), (1000, 0), rent_minor=1000, db_km=0.2),
        span(2, 1, (1000, 0), (2000, 0), rent_minor=500, db_km=0.2),
        span(3, 2, (2005, 0), (3000, 0), rent_minor=2000, db_km=0.3, splices=2),
    ]
    made = stitch(rows, (at(-100, 0), at(3050, 0)), meeting=Meeting())
    found = asked(made, units=2, days=2 * YEAR)
    (best,) = found.routes
    assert [leg.kind for leg in best.legs] == [BUILD, SPAN, HANDOVER, SPAN, BUILD]
    assert [leg.owner for leg in best.legs] == [-1, 1, 1, 2, -1]
    build = [500_000 + 100 * 20_000, 500_000 + 50 * 20_000]
    assert [leg.price_minor for leg in best.legs] == pytest.approx([build[0], 6000, 300_000, 8000, build[1]], abs=250)
    back = route(made.network, made.goal, made.start, Ask(units=2, days=2 * YEAR)).routes[0]
    assert [leg.owner for leg in back.legs] == [-1, 2, 2, 1, -1]
    assert back.price_minor == best.price_minor
    assert best.price_minor == sum(leg.price_minor for leg in best.legs)
    assert best.length_mm == sum(leg.length_mm for leg in best.legs)
    assert best.legs[1].length_mm == pytest.approx(2_000_000, abs=5)
    fibre = [round((1.0 * 0.2 + 0.1) * UDB) * 2, round((0.995 * 0.3 + 0.3) * UDB)]
    assert best.legs[1].loss_udb == pytest.approx(fibre[0], abs=10)
    assert best.legs[3].loss_udb == pytest.approx(fibre[1], abs=10)
    assert best.legs[2].loss_udb == Joints().handover_udb


def test_the_worst_section_is_what_a_route_can_carry() -> None:
    rows = [span(1, 1, (0, 0), (1000, 0), free=8), span(2, 2, (1000, 0), (2000, 0), free=3)]
    made = stitch(rows, (at(0, 10), at(2000, 10)))
    assert asked(made, units=3).routes
    found = asked(made, units=4)
    assert found.routes == ()
    assert found.obstacle is not None
    assert (found.obstacle.kind, found.obstacle.value) == (CAPACITY, 3)
    assert made.network.span[found.obstacle.edges].tolist() == [1]


def test_a_full_section_is_gone_round_or_built_beside() -> None:
    rows = [span(1, 1, (0, 0), (200, 0), free=0), span(2, 1, (200, 0), (1000, 0))]
    found = asked(stitch(rows, (at(0, 5), at(1000, 5)), meeting=Meeting(reach_m=20)))
    assert BUILD in [leg.kind for leg in found.routes[0].legs[1:-1]]


def test_pieces_are_named_with_the_gap_between_them() -> None:
    rows = [span(1, 1, (0, 0), (1000, 0)), span(2, 2, (1700, 0), (3000, 0))]
    found = asked(stitch(rows, (at(0, 10), at(3000, 10))))
    assert found.obstacle is not None
    assert found.obstacle.kind == APART
    assert found.obstacle.value == pytest.approx(700_000, abs=20)
    lonely = asked(stitch(rows, (at(0, 900), at(3000, 10))))
    assert lonely.obstacle is not None
    assert lonely.obstacle.kind == APART
    assert lonely.obstacle.value == pytest.approx(900_000, abs=20)


def test_a_loss_budget_chooses_the_dearer_fibre_or_says_by_how_much_it_fails() -> None:
    rows = [span(1, 1, (0, 0), (1000, 0), rent_minor=100, db_km=2.0), span(2, 2, (0, 1), (1000, 1), rent_minor=900, db_km=0.2)]
    made = stitch(rows, (at(-5, 0), at(1005, 0)))
    free = asked(made).routes[0]
    tight = asked(made, limits=Limits(loss_udb=round(0.9 * UDB))).routes[0]
    assert [leg.owner for leg in free.legs if leg.kind == SPAN] == [1]
    assert [leg.owner for leg in tight.legs if leg.kind == SPAN] == [2]
    none = asked(made, limits=Limits(loss_udb=round(0.3 * UDB)))
    assert none.obstacle is not None
    assert none.obstacle.kind == LOSS
    assert none.obstacle.value == tight.loss_udb


def test_a_shared_bridge_is_named_whoever_owns_what_hangs_from_it() -> None:
    bridge, other = 77, 78
    rows = [
        span(1, 1, (0, 0), (1000, 0), risks=(bridge,)),
        span(2, 2, (0, 200), (1000, 200), risks=(other, bridge)),
        span(3, 1, (0, 0), (0, 200)),
        span(4, 2, (1000, 200), (1000, 0)),
    ]
    made = stitch(rows, (at(-50, 100), at(1050, 100)))
    edge = asked(made, diversity="edge").pair
    risk = asked(made, diversity="risk").pair
    assert edge is not None
    assert edge.shared is None
    assert risk is not None
    assert risk.shared is not None
    assert risk.unavoidable is not None
    assert risk.proven
    assert made.risk_ids[risk.unavoidable.risks].tolist() == [bridge]
    dry = asked(
        stitch([rows[0], span(2, 2, (0, 200), (1000, 200), risks=(other,))], (at(-50, 100), at(1050, 100))), diversity="risk"
    )
    assert dry.pair is not None
    assert dry.pair.shared is None


def test_a_rough_span_meets_what_stands_in_its_cell() -> None:
    def cell(lon: float, lat: float) -> int:
        return math.floor(lon * 100)

    rows = [
        SpanRow(1, 1, shapely.LineString([(10.005, 0.0), (10.025, 0.0)]), 4, 10, rough=True),
        SpanRow(2, 2, shapely.LineString([(10.029, 0.003), (10.055, 0.0)]), 4, 10),
    ]
    ends = ((10.001, 0.001), (10.0551, 0.0))
    assert asked(stitch(rows, ends)).routes == ()
    made = stitch(rows, ends, cell_of=cell)
    (best,) = asked(made).routes
    assert [leg.kind for leg in best.legs] == [BUILD, SPAN, HANDOVER, SPAN, BUILD]
    assert made.rough[best.edges].tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("origin", [(179.999, -16.5), (-179.999, 65.0), (30.0, 89.999)])
def test_nothing_happens_at_the_antimeridian_or_at_a_pole(origin: tuple[float, float]) -> None:
    places = [at(0, 0, origin), at(400, 0, origin), at(400.5, 0, origin), at(800, 0, origin)]
    rows = [SpanRow(k, 1, shapely.LineString(places[2 * k : 2 * k + 2]), 2, 5) for k in range(2)]
    (best,) = asked(stitch(rows, (at(-40, 0, origin), at(840, 0, origin)))).routes
    assert [leg.kind for leg in best.legs] == [BUILD, SPAN, BUILD]
    assert best.length_mm == pytest.approx(880_000, abs=700)


def test_nothing_to_build_on_is_a_clear_answer() -> None:
    assert asked(stitch([], (at(0, 0), at(5000, 0)))).obstacle is not None
    assert stitch([]).network.edges == 0
    ring = SpanRow(1, 1, shapely.LineString([at(0, 0), at(50, 50), at(0, 0)]), 1, 1)
    assert stitch([ring]).network.edges == 0
    direct = asked(stitch([], (at(0, 0), at(100, 0))))
    assert [leg.kind for leg in direct.routes[0].legs] == [BUILD]


BAD = {
    "line": [shapely.LineString(), shapely.LineString([(0, 0), (math.nan, 1)]), shapely.LineString([(0, 0), (181, 1)])],
    "length_m": [-1.0, math.nan, math.inf],
    "db_km": [-0.1, math.nan],
    "splices": [-1],
    "free": [-1],
    "rent_minor": [-1],
}


@pytest.mark.parametrize(("column", "value"), [(column, value) for column, values in BAD.items() for value in values])
def test_what_is_no_span_is_refused_by_row(column: str, value: object) -> None:
    values = {"line": shapely.LineString([at(0, 0), at(9, 9)]), "free": 1, "rent_minor": 1, column: value}
    with pytest.raises(ProblemError) as refused:
        stitch([span(0, 1, (0, 0), (9, 0)), SpanRow(1, 1, **values)])  # type: ignore[arg-type]
    assert (refused.value.column, refused.value.row) == (column, 1)


def test_ends_that_are_no_question_are_refused() -> None:
    for ends, column in (((HERE, HERE), "goal"), (((math.nan, 0.0), HERE), "start"), ((HERE, (0.0, 91.0)), "goal")):
        with pytest.raises(ProblemError) as refused:
            stitch([], ends)
        assert refused.value.column == column
    for wrong in ({"snap_m": 3.0}, {"gap_m": math.nan}, {"handover_minor": -1}, {"neighbours": 0}):
        with pytest.raises(ProblemError):
            Meeting(**wrong)
    made = stitch([span(0, 1, (0, 0), (9, 0))])
    assert route(made.network, 0, 0, Ask()).routes[0].price_minor == 0
    for start, goal in ((0, 2), (-1, 0)):
        with pytest.raises(ProblemError):
            route(made.network, start, goal, Ask())
    with pytest.raises(ValueError, match="diversity"):
        Ask(diversity="somehow")
