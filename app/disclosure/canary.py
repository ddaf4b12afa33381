"""The mark of a recipient in the coordinates of an export: the seventh and eighth decimals, a millimetre to a centimetre. Pure.

They are drawn from the sixth-decimal place itself, by a hash keyed with the export's secret: whoever holds the secrets can tell
from the coordinates alone whose copy a file is, whatever became of its name, its columns, its order and its metadata, as long as eight
decimals are kept. A file with a hundred places carries a hundred such witnesses; by chance one in five thousand agrees.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

DECIMALS = 6
STEPS = 100
FEWEST = DECIMALS - 2
"""Decimals that tell a coordinate from another number, where a program may have dropped the zeros at the end."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many of a file's places carry the canary of an export, of those that have decimals enough."""

    places: int
    agreeing: int

    @property
    def is_proof(self) -> bool:
        """Two chance agreements in 10⁴ a place, for each number is tried with both its neighbours: two places are four in 10⁸;
        half of the places must agree."""
        return self.agreeing >= min(self.places, 2) > 0 and 2 * self.agreeing >= self.places


def marked(lon: float, lat: float, secret: str) -> tuple[str, str]:
    """The place with the canary of an export, eight decimals each."""
    east, north = f"{lon:.{DECIMALS}f}", f"{lat:.{DECIMALS}f}"
    first, second = _tails(east, north, secret)
    return f"{east}{first:02d}", f"{north}{second:02d}"


def agreement(numbers: Sequence[str], secret: str) -> Agreement:
    """`numbers`: a file's decimal numbers in their order, as text. A place is two neighbours, in either order, and a number is of one
    place at most. Which neighbours belong together the canary says where it agrees, so that a number between that is no coordinate,
    or a coordinate that lost its zeros with all its marks, does not put the rest out of step. O(n)."""
    places = agreeing = at = 0
    while at + 1 < len(numbers):
        first, second = numbers[at], numbers[at + 1]
        if _carries(first, second, secret):
            places, agreeing, at = places + 1, agreeing + 1, at + 2
        elif _is_long(first) and _is_long(second) and not (at + 2 < len(numbers) and _carries(second, numbers[at + 2], secret)):
            places, at = places + 1, at + 2
        else:
            at += 1
    return Agreement(places, agreeing)


def _carries(first: str, second: str, secret: str) -> bool:
    """Whether two numbers are a place with the canary. Not where neither has decimals enough: of one alone it may be that its zeros
    were dropped."""
    if not (_is_long(first) or _is_long(second)):
        return False
    lon, lat = (first, second) if abs(float(first)) > abs(float(second)) else (second, first)
    (east, first_tail), (north, second_tail) = _cut(lon), _cut(lat)
    return _tails(east, north, secret) == (first_tail, second_tail)


def _is_long(number: str) -> bool:
    return len(number.partition(".")[2]) > FEWEST


def _cut(number: str) -> tuple[str, int]:
    """The sixth-decimal text, and the two digits behind; trailing zeros that a program dropped are put back."""
    whole, _, decimals = number.partition(".")
    padded = decimals.ljust(DECIMALS + 2, "0")
    return f"{whole}.{padded[:DECIMALS]}", int(padded[DECIMALS : DECIMALS + 2])


def _tails(lon: str, lat: str, secret: str) -> tuple[int, int]:
    digest = hmac.digest(secret.encode(), f"{lon}|{lat}".encode(), "sha256")
    return int.from_bytes(digest[:4], "big") % STEPS, int.from_bytes(digest[4:8], "big") % STEPS
