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


# What becomes of a request after the window.
CLOSED, SPONSOR, NEVER = "closed", "sponsor", "never"
LATE_RULES: dict[str, Text] = {
    CLOSED: Text("late requests are not taken", "逾期不予受理"),
    SPONSOR: Text("late requests are the sponsor's to take, without a duty", "逾期由建设单位自愿决定"),
    NEVER: Text("no request is late until the works are complete", "建成前不设截止日期"),
}


@dataclass(frozen=True, slots=True)
class LateRule:
    """`then`: one of LATE_RULES. `text`: the consequence in the words of the profile."""

    then: str
    text: Text
    source: Source


@dataclass(frozen=True, slots=True)
class WorksRule:
    """How works of these kinds are coordinated: months of notice before the permit, months before it until which a request to
    join is in time, what is reserved for communications whoever joins (nothing: nothing is mandatory), and what becomes of a
    request that comes later."""

    kinds: tuple[str, ...]
    label: Text
    publish_months: int
    request_months: int
    reserve: tuple[WorksSpace, ...]
    late: LateRule
    source: Source
