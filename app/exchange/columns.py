"""The columns that an import can fill: the general ones of listings and of needs, and those that the kinds declare.

Made from the declarations (attributes, dimensions, requirements with their aliases): a new kind brings its own columns, and
nothing here knows a kind by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from app.catalogue.declaration import AssetKind, Dimension, Field, Sort
from app.exchange.general_columns import LISTINGS, NEEDS, PLACE, SHARED
from app.exchange.reading.labels import normalise
from app.exchange.targets import Part, Subject, Target
from app.kernel.text import Text


@dataclass(frozen=True)
class ColumnSet:
    """All columns of a subject, for the kinds in use."""

    subject: Subject
    targets: dict[str, Target]
    kinds: dict[str, AssetKind]

    def __getitem__(self, name: str) -> Target:
        return self.targets[name]

    def __contains__(self, name: object) -> bool:
        return name in self.targets

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(word for target in self.targets.values() for word in target.words)

    def knows(self, label: str) -> bool:
        """Whether headers use this word: helps to find the header of a sheet."""
        return normalise(label) in self.vocabulary


def column_set(subject: Subject, kinds: Iterable[AssetKind]) -> ColumnSet:
    """The columns of `subject` for `kinds`, general ones first. A name that several kinds declare is one column, read by each
    row's kind."""
    chosen = {kind.name: kind for kind in kinds}
    targets = {target.name: target for target in (*PLACE, *SHARED, *(NEEDS if subject is Subject.NEEDS else LISTINGS))}
    for kind in chosen.values():
        for name, part, made in _declared(subject, kind):
            present = targets.get(name)
            if present is not None and present.is_general:
                raise ValueError(f"{kind.name}.{name}: the name is taken by a general column")
            before = present.by_kind if present else {}
            aliases = tuple(dict.fromkeys((*(present.aliases if present else ()), made.label.en, made.label.zh, *made.aliases)))
            targets[name] = Target(
                name,
                present.label if present else made.label,
                present.field if present else made,
                aliases,
                by_kind={**before, kind.name: (part, made)},
            )
    return ColumnSet(subject, targets, chosen)


def _declared(subject: Subject, kind: AssetKind) -> list[tuple[str, Part, Field]]:
    if subject is Subject.NEEDS:
        return [(f.name, Part.REQUIREMENT, f) for f in kind.requirements]
    made = [(f.name, Part.ATTRIBUTE, f) for f in kind.attributes]
    made += [(d.name, Part.OFFERED, _field_of(d)) for d in kind.dimensions]
    return made + [(f"{d.name}_total", Part.TOTAL, _total_of(d)) for d in kind.dimensions]


def _field_of(dimension: Dimension) -> Field:
    return Field(
        dimension.name,
        dimension.label,
        "integer" if dimension.sort is Sort.SLOTS else "number",
        dimension.unit,
        minimum=0,
        maximum=dimension.limit,
        aliases=(
            *dimension.aliases,
            *(f"{side}{word}" for word in (dimension.label.zh, *dimension.aliases) for side in ("空闲", "剩余", "可用", "开放")),
        ),
    )


def _total_of(dimension: Dimension) -> Field:
    label = Text(f"{dimension.label.en} in all", f"{dimension.label.zh}总量")
    words = (dimension.label.en, dimension.label.zh, *dimension.aliases)
    aliases = tuple(f"{side}{word}" for word in words for side in ("总", "total ", "全部")) + tuple(
        f"{word}总数" for word in words
    )
    return Field(
        f"{dimension.name}_total",
        label,
        "integer" if dimension.sort is Sort.SLOTS else "number",
        dimension.unit,
        minimum=0,
        maximum=dimension.limit,
        aliases=aliases,
    )
