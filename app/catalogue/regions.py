"""Regions and their trees: codes, names, containment. Boundaries live in `app.regions`.

Two code systems: six-digit adcodes (GB/T 2260: 440305 in 440300 in 440000 in 000000) and dash-separated codes that begin with
ISO 3166 (US-CA in US). Containment and ancestors follow from the code alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus

from app.kernel.errors import declare, fail
from app.kernel.permission import contains
from app.kernel.text import Text

__all__ = ["LEVELS", "LEVEL_NAMES", "Region", "RegionTree", "ancestor_at", "contains", "is_adcode"]

LEVELS = ("national", "province", "prefecture", "district")
LEVEL_NAMES: Mapping[str, Text] = {
    "national": Text("national", "国家级"),
    "province": Text("province", "省级"),
    "prefecture": Text("prefecture", "地级"),
    "district": Text("district", "县级"),
}
NATION_ADCODE = "000000"

declare(
    "unknown_region",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "“{region}” is not a region of this jurisdiction.",
    "“{region}”不是本辖区的行政区划。",
)
declare("unknown_region_tree", HTTPStatus.NOT_FOUND, "There is no region tree “{tree}”.", "没有名为“{tree}”的区划树。")


def is_adcode(code: str) -> bool:
    return len(code) == 6 and code.isdigit()


def ancestor_at(code: str, level: str, levels: tuple[str, ...] = LEVELS) -> str:
    """The region at `level` that contains `code`; `code` itself when it is no deeper than that."""
    depth = levels.index(level)
    if is_adcode(code):
        return code[: 2 * depth].ljust(6, "0")
    return "-".join(code.split("-")[: depth + 1])


@dataclass(frozen=True, slots=True)
class Region:
    """`parent`: code of the region above, None at the top."""

    code: str
    name: Text
    level: str
    parent: str | None


@dataclass(frozen=True)
class RegionTree:
    """The regions of one jurisdiction. `source`: where the boundaries or the list come from, for people."""

    code: str
    regions: Mapping[str, Region]
    source: Text

    @classmethod
    def of(cls, code: str, regions: Iterable[Region], source: Text) -> RegionTree:
        """Build a tree; every parent must be in it."""
        table = {region.code: region for region in regions}
        orphans = sorted(r.code for r in table.values() if r.parent is not None and r.parent not in table)
        if orphans:
            raise ValueError(f"region tree {code}: no parent for {', '.join(orphans[:5])}")
        return cls(code, table, source)

    def __contains__(self, code: object) -> bool:
        return code in self.regions

    def __getitem__(self, code: str) -> Region:
        """The region, or `unknown_region`."""
        if code not in self.regions:
            raise fail("unknown_region", region=code)
        return self.regions[code]

    @cached_property
    def _children(self) -> dict[str | None, tuple[Region, ...]]:
        grouped: dict[str | None, list[Region]] = {}
        for region in sorted(self.regions.values(), key=lambda r: r.code):
            grouped.setdefault(region.parent, []).append(region)
        return {parent: tuple(children) for parent, children in grouped.items()}

    def children(self, code: str | None = None) -> tuple[Region, ...]:
        """The regions directly below `code` (None: the top), by code."""
        return self._children.get(code, ())

    def at_level(self, level: str) -> tuple[Region, ...]:
        return tuple(sorted((r for r in self.regions.values() if r.level == level), key=lambda r: r.code))

    def path(self, code: str) -> tuple[Region, ...]:
        """The region and those above it, topmost first."""
        return tuple(self._climb(code))[::-1]

    def _climb(self, code: str) -> Iterator[Region]:
        above: str | None = code
        while above is not None:
            region = self[above]
            yield region
            above = region.parent

    def full_name(self, code: str) -> Text:
        """ "Nanshan District, Shenzhen, Guangdong" and "广东省深圳市南山区", without the nation unless it is the region itself."""
        path = [r for r in self.path(code) if r.parent is not None] or [self[code]]
        return Text(", ".join(r.name.en for r in reversed(path)), "".join(r.name.zh for r in path))

    @cached_property
    def full_names(self) -> Mapping[str, Text]:
        """The full name of every region, by code."""
        return {code: self.full_name(code) for code in self.regions}

    def find(self, name: str) -> tuple[Region, ...]:
        """The regions called `name` in either language, by code; full names first of all."""
        wanted = name.strip().casefold()
        exact = [r for r in self.regions.values() if wanted in (r.name.en.casefold(), r.name.zh, r.code)]
        whole = [r for r in self.regions.values() if r.name.zh and wanted == self.full_name(r.code).zh]
        return tuple(sorted({r.code: r for r in (*whole, *exact)}.values(), key=lambda r: r.code))
