"""One column that an import can fill: what it is called, where its value goes, how it is read."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.catalogue.declaration import Field
from app.exchange.reading.labels import normalise
from app.kernel.text import Text


class Subject(StrEnum):
    """What the rows of a file are."""

    LISTINGS = "listings"
    NEEDS = "needs"


class Part(StrEnum):
    """Where a column's value goes."""

    GENERAL = "general"
    ATTRIBUTE = "attribute"
    OFFERED = "offered"  # what is open of a dimension
    TOTAL = "total"  # what there is of it in all
    REQUIREMENT = "requirement"


class Reading(StrEnum):
    """How a general column is read, where its field's type does not say it."""

    FIELD = "field"
    ANGLE = "angle"
    GEOMETRY = "geometry"
    MONEY = "money"
    KIND = "kind"
    SECTOR = "sector"
    LAST_DAY = "last_day"
    UNIT = "unit"


@dataclass(frozen=True)
class Target:
    """One column that can be filled. `by_kind`: kind → (part, field), for those that kinds declare."""

    name: str
    label: Text
    field: Field
    aliases: tuple[str, ...] = ()
    reading: Reading = Reading.FIELD
    by_kind: dict[str, tuple[Part, Field]] = dataclasses.field(default_factory=dict)

    @property
    def is_general(self) -> bool:
        return not self.by_kind

    @cached_property
    def words(self) -> frozenset[str]:
        """Header words for it, normalised."""
        given = (self.name, self.label.en, self.label.zh, *self.aliases)
        return frozenset(word for word in map(normalise, given) if word)
