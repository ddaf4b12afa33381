"""Nothing reveals more than the tier: wherever in its cell a hidden asset stands, a requester reads the same, byte for byte."""

from __future__ import annotations

from itertools import zip_longest

import pytest
from flask import Flask

from app.db.work import Bus
from app.disclosure import cell_bounds
from app.kernel.geometry import distance_m
from tests.integration.disclosing import requester

# two corners of the cell that holds a place about 750 m from the need: the middle is within neither reach nor both
NEAR_CELL = cell_bounds(114.0645, 22.545)


def corner(cell: tuple[float, float, float, float], east: bool, north: bool) -> tuple[float, float]:
    west, south, right, top = cell
    aside, up = (right - west) * 0.02, (top - south) * 0.02
    return (right - aside if east else west + aside), (top - up if north else south + up)


@pytest.mark.slow
def test_the_same_wherever_in_its_cell(app: Flask, bus: Bus) -> None:
    near, far = corner(NEAR_CELL, False, False), corner(NEAR_CELL, True, True)
    assert (
        distance_m(near, requester.HERE) < 700 < 1100 < distance_m(far, requester.HERE)
    )  # by the exact place the answers differ
    scene = requester.scene(app, bus, {"hidden": near, "counted": near})
    before = requester.answers(scene)
    read = [path for path, (status, _body, _tag) in before.items() if status == 200]
    assert len(read) > 60, read
    for name in ("hidden", "counted"):
        scene.move(scene.refs[name], *far)
        after = requester.answers(scene)
        told = [difference(path, before[path], after[path]) for path in before if after[path] != before[path]]
        assert not told, f"moving the {name} asset shows in:\n" + "\n".join(told)


def difference(path: str, before: requester.Answer, after: requester.Answer) -> str:
    """Where two answers part."""
    if (before[0], before[2]) != (after[0], after[2]):
        return f"{path}: {before[0]} {before[2]} became {after[0]} {after[2]}"
    at = next(n for n, pair in enumerate(zip_longest(before[1], after[1])) if pair[0] != pair[1])
    return f"{path}: {before[1][max(at - 60, 0) : at + 80]!r} became {after[1][max(at - 60, 0) : at + 80]!r}"
