"""Whose needs come first: a profile's terms, applied to one need. Pure; the only place where policy becomes points.

Points are added to the score of each of the need's matches: they order needs with one another, at a listing and in an allocation,
never the listings of one need, and they decide no match.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import prod

from app.catalogue.profiles import FairnessTerm, Profile


@dataclass(frozen=True, slots=True)
class Standing:
    """What fairness looks at: the need's declared purpose, when it was submitted, and its list's collection period."""

    purpose: str
    submitted_on: date | None
    opens_on: date
    closes_on: date


@dataclass(frozen=True, slots=True)
class Granted:
    """What one term of the profile gives: of its points, in thousandths."""

    term: FairnessTerm
    milli: int


def granted(profile: Profile, need: Standing) -> tuple[Granted, ...]:
    """Every term of the profile with what it gives this need, 0 included."""
    return tuple(Granted(term, _milli(term, need)) for term in profile.fairness)


def _milli(term: FairnessTerm, need: Standing) -> int:
    whole = term.points * 1000
    if term.term != "earlier_first":
        return whole if need.purpose == term.term else 0
    if need.submitted_on is None:
        return 0
    days = (need.closes_on - need.opens_on).days
    left = min(max((need.closes_on - need.submitted_on).days, 0), days)
    return whole * left // days


def bonus_milli(profile: Profile, need: Standing) -> int:
    return sum(one.milli for one in granted(profile, need))


def times(profile: Profile, purpose: str) -> int:
    """How many times a need of this purpose counts in an allocation."""
    return prod(term.times for term in profile.fairness if term.term == purpose)
