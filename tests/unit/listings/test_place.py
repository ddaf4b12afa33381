"""The boxes along a line hold all that is within its reach, and less than its own box."""

from __future__ import annotations

import random

import shapely

from app.listings.place import Near, distances

LINE = shapely.LineString([(113.9, 22.5), (114.0, 22.55), (114.2, 22.6)])


def test_boxes_hold_all_that_is_within_reach() -> None:
    dice, near = random.Random(5), Near(LINE, 500)
    points = [shapely.Point(dice.uniform(113.88, 114.22), dice.uniform(22.48, 22.62)) for _ in range(4_000)]
    reached = [point for point, metres in zip(points, distances(near, points), strict=True) if metres <= 500]
    assert len(reached) > 50
    boxes = [shapely.box(*box) for box in near.boxes]
    assert all(any(box.intersects(point) for box in boxes) for point in reached)
    assert shapely.union_all(boxes).area < shapely.box(*near.bounds).area / 3


def test_what_small_boxes_would_not_narrow_keeps_its_own() -> None:
    for near in (Near.at(114.0, 22.5, 2_000), Near(LINE, 50_000), Near(LINE.buffer(0.01), 0)):
        assert near.boxes == [near.bounds]
