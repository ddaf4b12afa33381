"""What a profile says of civil works: notice before the permit, until when others may join, what is reserved for communications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.kernel.text import Text

if TYPE_CHECKING:
    from app.catalogue.profiles import Source

WORKS_KINDS: dict[str, Text] = {
    "subway": Text("Subway", "地铁"),
    "tunnel": Text("Tunnel", "隧道"),
    "bridge": Text("Bridge", "桥梁"),
    "road": Text("Road", "道路"),
    "pipeline": Text("Pipeline", "管线"),
}


@dataclass(frozen=True, slots=True)
class WorksSpace:
    """What works must reserve for communications: at least so much of a dimension on their assets of a kind; `along`: on every
    stretch of the route."""

    label: Text
    asset: str
    dimension: str
    least: float
    along: bool


@dataclass(frozen=True, slots=True)
class WorksRule:
    """How works of these kinds are coordinated: months of notice before the permit, months before it until which a request to
    join is in time, and what is reserved for communications whoever joins (nothing: nothing is mandatory)."""

    kinds: tuple[str, ...]
    label: Text
    publish_months: int
    request_months: int
    reserve: tuple[WorksSpace, ...]
    source: Source
