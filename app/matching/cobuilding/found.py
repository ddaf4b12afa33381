"""Groups as a reckoning found them, before they have rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.matching.cobuilding.same_place import Near


@dataclass(frozen=True, slots=True)
class MemberFound:
    need_id: int
    organisation_id: int
    alone_minor: int
    alone_stated: bool
    share_minor: int
    proportion_minor: int
    way_m: float | None = None


@dataclass(frozen=True, slots=True)
class GroupFound:
    """`height_m` of a tower; `length_m` and `sections` of a trench (as `CobuildGroup` keeps them)."""

    form: str
    kind: str
    region: str
    profile: str
    currency: str
    lon: float
    lat: float
    start_from: date
    start_until: date
    cost_minor: int
    core_excess_minor: int
    members: tuple[MemberFound, ...]
    near: tuple[Near, ...] = ()
    height_m: float = 0.0
    length_m: float | None = None
    sections: tuple[dict[str, Any], ...] = ()

    @property
    def key(self) -> str:
        """Of everything that a member consents to."""
        terms = [(m.need_id, m.alone_minor, m.share_minor, m.proportion_minor) for m in self.members]
        built: Any = self.height_m if self.form == "site" else self.sections
        told = (self.kind, built, self.start_from, self.start_until, round(self.lon, 6), round(self.lat, 6), terms)
        return hashlib.sha256(repr(told).encode()).hexdigest()
