"""The mark of a recipient in coordinates, as other programs write them."""

from __future__ import annotations

from app.disclosure import agreement, marked


def test_a_coordinate_that_lost_all_its_zeros_counts_beside_the_other() -> None:
    """Its two marked decimals were 00: a program wrote 22.543, and the pair still carries the mark."""
    lon, lat = 114.058001, 22.543
    secret = next(
        s for s in map(str, range(100_000)) if marked(lon, lat, s)[1].endswith("00") and marked(lon, lat, s)[0][-1] != "0"
    )
    east, north = marked(lon, lat, secret)
    assert repr(float(north)) == "22.543"
    found = agreement([(repr(float(east)), repr(float(north)))] * 3, secret)
    assert (found.places, found.agreeing) == (3, 3)


def test_what_was_rounded_carries_nothing() -> None:
    east, north = marked(114.058123, 22.543321, "s")
    assert not agreement([(f"{float(east):.3f}", f"{float(north):.3f}")], "s").is_proof
    assert agreement([(f"{float(east):.3f}", f"{float(north):.3f}")], "s").places == 0
