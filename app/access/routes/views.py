"""What a reader gets of requests by route: frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.access.views import OfferView, RequestRow
from app.catalogue.declaration import AssetKind
from app.kernel.permission import Subject
from app.kernel.timewindow import Window


@dataclass(frozen=True, slots=True)
class SectionName:
    ref: str
    title: str


@dataclass(frozen=True, slots=True)
class LegRow:
    """One owner's part. `state`: of its request, withdrawn where its agreement came to nothing. `less`: its offer is not what was
    asked."""

    request: RequestRow
    state: str
    sections: tuple[SectionName, ...]
    offer: OfferView | None
    less: bool

    @property
    def stands(self) -> bool:
        return self.state in ("accepted", "countered", "agreed")


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One line of a list. `title`: of the need, or of the bundle."""

    ref: str
    status: str
    version: int
    kind: AssetKind
    title: str
    need_ref: str
    bundle_ref: str | None
    legs: int
    standing: int
    window: Window
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RouteRequestView:
    """`legs`: as they are now, in the order of the way; `past`: those that left it. `figures`: of the route as it was asked for."""

    row: RouteRow
    units: int
    round: int
    legs: Sequence[LegRow]
    past: Sequence[LegRow]
    figures: Mapping[str, Any]
    message: str | None
    purpose: str | None
    subject: Subject
    asking: bool

    @property
    def ref(self) -> str:
        return self.row.ref

    @property
    def status(self) -> str:
        return self.row.status

    @property
    def version(self) -> int:
        return self.row.version
