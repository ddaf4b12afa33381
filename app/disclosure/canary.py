"""The mark of a recipient in the coordinates of an export: the seventh and eighth decimals, a millimetre to a centimetre. Pure.

They are drawn from the sixth-decimal place itself, by a hash keyed with the export's secret: whoever holds the secrets can tell
from the coordinates alone whose copy a file is, whatever became of its name, its columns, its order and its metadata, as long as eight
decimals are kept. A file with a hundred places carries a hundred such witnesses; by chance one in ten thousand agrees.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass

DECIMALS = 6
STEPS = 100


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many of a file's places carry the canary of an export, of those that have eight decimals."""

    places: int
    agreeing: int

    @property
    def is_proof(self) -> bool:
        """One chance agreement in 10⁴ a place: two are one in 10⁸; half of the places must agree."""
        return self.agreeing >= min(self.places, 2) > 0 and 2 * self.agreeing >= self.places


def marked(lon: float, lat: float, secret: str) -> tuple[str, str]:
    """The place with the canary of an export, eight decimals each."""
    east, north = f"{lon:.{DECIMALS}f}", f"{lat:.{DECIMALS}f}"
    first, second = _tails(east, north, secret)
    return f"{east}{first:02d}", f"{north}{second:02d}"


def agreement(places: Iterable[tuple[str, str]], secret: str) -> Agreement:
    """`places`: lon and lat as they stand in a file, as text."""
    cut = [pair for place in places if (pair := _cut(place)) is not None]
    agreeing = sum(_tails(lon, lat, secret) == tails for (lon, lat), tails in cut)
    return Agreement(len(cut), agreeing)


def _cut(place: tuple[str, str]) -> tuple[tuple[str, str], tuple[int, int]] | None:
    """Sixth-decimal texts, and the two digits behind; trailing zeros that a program dropped are put back. None where neither of
    the two has decimals enough: of one alone it may be that zeros were dropped."""
    heads, tails = [], []
    if max(len(text.partition(".")[2]) for text in place) < DECIMALS - 2:
        return None
    for text in place:
        whole, dot, decimals = text.partition(".")
        if not dot or not decimals.isdigit():
            return None
        padded = decimals.ljust(DECIMALS + 2, "0")
        heads.append(f"{whole}.{padded[:DECIMALS]}")
        tails.append(int(padded[DECIMALS : DECIMALS + 2]))
    return (heads[0], heads[1]), (tails[0], tails[1])


def _tails(lon: str, lat: str, secret: str) -> tuple[int, int]:
    digest = hmac.digest(secret.encode(), f"{lon}|{lat}".encode(), "sha256")
    return int.from_bytes(digest[:4], "big") % STEPS, int.from_bytes(digest[4:8], "big") % STEPS
