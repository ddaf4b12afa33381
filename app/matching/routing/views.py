"""A route as a page or a program gets it: frozen, in the viewer's own degree of disclosure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import shapely

from app.accounts import OrganisationName
from app.kernel.text import Text
from app.matching.faces import ListingFace
from app.matching.routing.question import RouteQuestion
from app.matching.routing.risks import RiskView

SPAN, HANDOVER, BUILD = "span", "handover", "build"


@dataclass(frozen=True, slots=True)
class SectionView:
    """One listing that a route uses: its face, how many units are free throughout, and whether its price is assumed. `kept`: it
    stands already for the asker, and costs nothing more."""

    face: ListingFace
    free: int
    on_request: bool
    own: bool
    kept: bool = False


@dataclass(frozen=True, slots=True)
class LegView:
    """What is one owner's, a handover (`owner` to `next_owner`), or what the asker builds (`owner` None). `rough`: as far as
    approximate places tell."""

    kind: str
    owner: OrganisationName | None
    next_owner: OrganisationName | None
    sections: tuple[SectionView, ...]
    length_m: float
    price_minor: int
    loss_db: float | None
    geometry: shapely.Geometry
    rough: bool


@dataclass(frozen=True, slots=True)
class RouteView:
    """`price_minor` over the whole window. `capacity`: what its worst section has free. `key`: what the page calls it."""

    key: str
    legs: tuple[LegView, ...]
    length_m: float
    price_minor: int
    loss_db: float | None
    capacity: int | None
    within: bool
    rough: bool

    @property
    def owners(self) -> tuple[OrganisationName, ...]:
        """Whose it is, in order, each once."""
        return tuple({leg.owner.id: leg.owner for leg in self.legs if leg.kind == SPAN and leg.owner}.values())

    @property
    def listing_refs(self) -> tuple[str, ...]:
        """Every section, in order, each once."""
        return tuple(dict.fromkeys(section.face.ref for leg in self.legs for section in leg.sections))

    @property
    def asks_others(self) -> bool:
        """Whether it runs over anything that is another organisation's."""
        return any(not section.own for leg in self.legs for section in leg.sections)

    @property
    def handovers(self) -> int:
        return sum(1 for leg in self.legs if leg.kind == HANDOVER and leg.owner != leg.next_owner)

    @property
    def built_m(self) -> float:
        return sum(leg.length_m for leg in self.legs if leg.kind == BUILD)

    @property
    def on_request(self) -> int:
        return sum(1 for leg in self.legs for section in leg.sections if section.on_request)


@dataclass(frozen=True, slots=True)
class PairView:
    """Two routes that fail apart; with `shared`, the best and the one that shares least with it. `bound_minor`: no pair is
    cheaper. `proven`: the pair is the cheapest, or there is none. `unavoidable`: what every route runs."""

    first: RouteView
    second: RouteView | None
    diverse: bool
    proven: bool
    bound_minor: int
    shared: tuple[RiskView, ...]
    unavoidable: tuple[RiskView, ...]

    @property
    def price_minor(self) -> int:
        return self.first.price_minor + (self.second.price_minor if self.second else 0)


@dataclass(frozen=True, slots=True)
class ObstacleView:
    """Why there is no route: a sentence, the sections that are to blame, and where."""

    kind: str
    sentence: Text
    sections: tuple[SectionView, ...]
    geometry: shapely.Geometry | None


@dataclass(frozen=True, slots=True)
class RouteAnswer:
    """`compared`: listings that the network was made of; `beyond`: more there are, farther away, that it was not."""

    question: RouteQuestion
    routes: tuple[RouteView, ...]
    complete: bool
    pair: PairView | None
    obstacle: ObstacleView | None
    compared: int
    beyond: int
    engine_version: str
    computed_at: datetime
    seconds: float
