"""The mark of a recipient in coordinates, as other programs write them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.disclosure import agreement, marked

PLACES = st.tuples(
    st.integers(100_000_000, 120_000_000).map(lambda n: n / 1_000_000) | st.integers(10_000, 12_000).map(lambda n: n / 100),
    st.integers(20_000_000, 50_000_000).map(lambda n: n / 1_000_000) | st.integers(2_000, 5_000).map(lambda n: n / 100),
)


def rewritten(lon: float, lat: float, secret: str) -> list[str]:
    """The pair as a program writes it that reads numbers: latitude first, zeros at the end gone."""
    east, north = marked(lon, lat, secret)
    return [repr(float(north)), repr(float(east))]


def zeros(lon: float, lat: float, which: int) -> str:
    """A secret whose canary is 00 in one of the two, so that a short coordinate loses all its marks."""
    tails = ((secret, marked(lon, lat, secret)) for secret in map(str, range(100_000)))
    return next(secret for secret, pair in tails if pair[which].endswith("00") and pair[1 - which][-1] != "0")


def test_a_coordinate_that_lost_all_its_zeros_counts_beside_the_other() -> None:
    """Its two marked decimals were 00: a program wrote 22.543, and the pair still carries the mark."""
    lon, lat = 114.058001, 22.543
    secret = zeros(lon, lat, 1)
    numbers = rewritten(lon, lat, secret)
    assert numbers[0] == "22.543"
    found = agreement(numbers * 3, secret)
    assert (found.places, found.agreeing) == (3, 3)


@given(st.lists(PLACES, min_size=4, max_size=20), st.integers(0, 19), st.sampled_from([0, 1]))
def test_a_short_coordinate_does_not_put_the_rest_out_of_step(places: list[tuple[float, float]], at: int, which: int) -> None:
    short = (114.05, 22.54)
    secret = zeros(*short, which)
    places.insert(at % len(places), short)
    numbers = [number for place in places for number in rewritten(*place, secret)]
    found = agreement(numbers, secret)
    assert found.is_proof
    assert found.agreeing >= len(places) - 1  # a pair that lost both its tails is not counted


@given(st.lists(PLACES, min_size=2, max_size=20), st.sampled_from(["45.5", "0.12345678", "220.0", "-3.14159265"]))
def test_numbers_that_are_no_coordinates_may_stand_between(places: list[tuple[float, float]], other: str) -> None:
    numbers = [number for place in places for number in (other, *rewritten(*place, "s"))]
    found = agreement(numbers, "s")
    assert (found.is_proof, found.places - found.agreeing <= 1) == (True, True)


def test_what_was_rounded_or_is_of_another_copy_carries_nothing() -> None:
    rows = [(114.058123 + n / 1000, 22.543321) for n in range(50)]
    numbers = [number for row in rows for number in rewritten(*row, "s")]
    assert agreement([f"{float(number):.3f}" for number in numbers], "s").places == 0
    assert not agreement([f"{float(number):.6f}" for number in numbers], "s").is_proof
    other = agreement(numbers, "t")
    assert (other.places, other.is_proof) == (50, False)
    assert agreement(numbers, "s").agreeing == 50
