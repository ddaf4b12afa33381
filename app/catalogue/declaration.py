"""The vocabulary in which an asset kind is declared, once.

Forms, import columns, API schemas, OpenAPI, engine columns, sentences and help are all made from an `AssetKind`. Nothing outside
the kind's own module may branch on its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from app.kernel.quantity import MOST_AMOUNT
from app.kernel.text import Text

if TYPE_CHECKING:
    from app.catalogue.profiles import Profile

ValueType = Literal["number", "integer", "text", "choice", "boolean", "date"]
MOST_SLOTS = 20_000  # of any numbered dimension: slots are listed one by one
MILLI = 1000  # amounts are stored and compared as whole thousandths of the field's unit


class Geometry(StrEnum):
    POINT = "point"
    LINE = "line"
    AREA = "area"


class Sort(StrEnum):
    """How a capacity dimension behaves over time (product.md, Facts)."""

    QUANTITY = "quantity"  # a need sees the peak use inside its window
    SLOTS = "slots"  # numbered; free only when free for the whole window
    LIMIT = "limit"  # checked, not consumed


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Text
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One value of an asset (attribute) or of a need (requirement).

    `unit`: symbol shown to people, also the unit of storage. `default`: the stated default that an import may assume and mark.
    `aliases`: header names seen in real files, either language, compared without case, space, unit or punctuation."""

    name: str
    label: Text
    type: ValueType = "number"
    unit: str | None = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Choice, ...] = ()
    default: float | int | str | bool | None = None
    help: Text | None = None
    group: Text = Text("Facts", "基本信息")
    aliases: tuple[str, ...] = ()
    grade: Literal["general", "important", "core"] = "general"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of capacity. `unit` as in `Field`; slots are counted in `unit` and numbered from 1.

    `contiguous`: several slots for one claim must be neighbours (rack units).
    `per`: slots that one unit of a need takes (a fibre pair takes 2 cores). `most`: more than this no asset has; None: any
    amount, or `MOST_SLOTS`."""

    name: str
    label: Text
    sort: Sort
    unit: str
    contiguous: bool = False
    aliases: tuple[str, ...] = ()
    help: Text | None = None
    grade: Literal["general", "important", "core"] = "general"
    most: int | None = None

    @property
    def limit(self) -> int:
        """The largest total, in `unit`."""
        return self.most or (MOST_SLOTS if self.sort is Sort.SLOTS else MOST_AMOUNT)


class Test(StrEnum):
    """How a criterion compares what a listing has with what a need asks; margin = supply - demand (or its mirror)."""

    AT_LEAST = "at_least"  # attribute or limit >= requirement; margin attribute - requirement
    AT_MOST = "at_most"  # attribute <= requirement; margin requirement - attribute
    CAPACITY = "capacity"  # free amount of a dimension over the window >= requirement * per
    EQUALS = "equals"  # attribute == requirement, where the need states one
    PROVIDES = "provides"  # boolean: the need asks, the listing must have
    # those of every kind:
    REACH = "reach"  # geodesic distance <= radius, or containment, or corridor
    WINDOW = "window"  # listing open over the need's whole window
    PRICE = "price"  # listing price <= budget, same currency
    NOT_OWN = "not_own"  # owner is not the requester


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition of a match, with its weight in the score and its sentences.

    `supply`: attribute or dimension of the kind; `demand`: requirement of the need. `per`: supply units taken by one unit of
    demand. `weight`: points of 100 that this term can earn; 0 = a gate only. `full_at`: the margin that earns all points, as
    a fraction of the demand (0.5 = half as much again); the term is linear from 0 at margin 0 up to it and clipped.
    `passed`/`failed`: sentences with `{supply}`, `{demand}`, `{margin}` (positive, with its unit). `movable`: the need can
    be changed by |margin| to pass; `change`: that sentence with `{value}`."""

    name: str
    label: Text
    test: Test
    passed: Text
    failed: Text
    supply: str | None = None
    demand: str | None = None
    unit: str | None = None
    weight: int = 0
    full_at: float = 1.0
    per: int = 1
    movable: bool = True
    change: Text | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """What an attribute is while its owner does not state it. `rule(attributes, profile)` reads `inputs` alone and answers the
    value, or None: nothing can be promised. `explanation`: the rule in words. Used through
    `app.catalogue.derive.effective_attributes`."""

    attribute: str
    inputs: tuple[str, ...]
    rule: Callable[[Mapping[str, Any], Profile | None], float | int | str | bool | None]
    explanation: Text


@dataclass(frozen=True, slots=True)
class Way:
    """One sort of slot that a cable can be pulled through, and the attribute that holds its bore."""

    dimension: str
    bore: str


@dataclass(frozen=True, slots=True)
class Passage:
    """What is asked for (`AssetKind.quantity`) is ways for a cable: through any of `ways`, the first first, where the cable's area
    fills no more of the bore than `fill_limit` (an attribute, in per cent; `usual_fill_pct` where nobody states it). `diameter`:
    the requirement that says how thick the cable is; unstated, only the first sort counts."""

    diameter: str
    fill_limit: str
    usual_fill_pct: int
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class ReportedUse:
    """A share of a quantity that a report has found in use already: `attribute` in per cent of the total of `dimension`. It counts with
    every claim. `day`: the attribute that dates the report; agreements in force by then are in its figure."""

    dimension: str
    attribute: str
    day: str


@dataclass(frozen=True, slots=True)
class AssetKind:
    """A kind of asset, whole. `icon` names an SVG symbol; `hue` a design token."""

    name: str
    label: Text
    plural: Text
    summary: Text
    geometry: tuple[Geometry, ...]
    need_geometry: tuple[Literal["circle", "area", "route"], ...]
    attributes: tuple[Field, ...]
    dimensions: tuple[Dimension, ...]
    requirements: tuple[Field, ...]
    criteria: tuple[Criterion, ...]
    quantity: str  # the requirement that counts what is asked for ("1 mount", "2 holes")
    icon: str = "asset"
    hue: str = "tower"
    aliases: tuple[str, ...] = ()
    derived: tuple[Derivation, ...] = ()
    joint_ducts: str | int | None = None  # several routes can be laid in one trench: this requirement, or this many ducts, each
    passage: Passage | None = None
    reported: ReportedUse | None = None
    joint_height: str | None = None  # several needs can be built as one structure, as high as this requirement of the tallest

    def attribute(self, name: str) -> Field:
        return next(f for f in self.attributes if f.name == name)

    def dimension(self, name: str) -> Dimension:
        return next(d for d in self.dimensions if d.name == name)

    def requirement(self, name: str) -> Field:
        return next(f for f in self.requirements if f.name == name)

    @property
    def all_criteria(self) -> tuple[Criterion, ...]:
        """The general criteria of every kind, then the kind's own. Weights sum to 100."""
        from app.catalogue.general import GENERAL

        return (*GENERAL, *self.criteria)


@dataclass
class Registry:
    """The kinds in use; a test may add a toy kind for its own duration."""

    kinds: dict[str, AssetKind] = field(default_factory=dict)

    def add(self, kind: AssetKind) -> AssetKind:
        check(kind)
        if kind.name in self.kinds:
            raise ValueError(f"kind {kind.name} is declared twice")
        self.kinds[kind.name] = kind
        return kind

    def remove(self, name: str) -> None:
        del self.kinds[name]

    def __getitem__(self, name: str) -> AssetKind:
        return self.kinds[name]

    def __contains__(self, name: object) -> bool:
        return name in self.kinds

    def all(self) -> tuple[AssetKind, ...]:
        return tuple(self.kinds.values())

    def as_mapping(self) -> Mapping[str, AssetKind]:
        return dict(self.kinds)


def check(kind: AssetKind) -> None:
    """Refuse a declaration that contradicts itself; the message names the place."""
    attributes = {f.name for f in kind.attributes}
    dimensions = {d.name: d for d in kind.dimensions}
    requirements = {f.name for f in kind.requirements}
    if kind.quantity not in requirements:
        raise ValueError(f"{kind.name}: quantity {kind.quantity!r} is not a requirement")
    for derivation in kind.derived:
        for name in (derivation.attribute, *derivation.inputs):
            if name not in attributes:
                raise ValueError(f"{kind.name}: {name!r}, of what is derived, is not an attribute")
    for criterion in kind.criteria:
        place = f"{kind.name}.{criterion.name}"
        if criterion.demand not in requirements:
            raise ValueError(f"{place}: demand {criterion.demand!r} is not a requirement")
        if criterion.test is Test.CAPACITY:
            if criterion.supply not in dimensions or dimensions[criterion.supply].sort is Sort.LIMIT:
                raise ValueError(f"{place}: supply {criterion.supply!r} is not a consumable dimension")
        elif criterion.supply not in attributes and criterion.supply not in dimensions:
            raise ValueError(f"{place}: supply {criterion.supply!r} is neither attribute nor dimension")
    for dimension in kind.dimensions:
        if dimension.sort is Sort.SLOTS and not 0 < dimension.limit <= MOST_SLOTS:
            raise ValueError(f"{kind.name}.{dimension.name}: at most {MOST_SLOTS} slots can be numbered")
    if kind.passage is not None:
        named = {way.bore for way in kind.passage.ways} | {kind.passage.fill_limit}
        if (
            named - attributes
            or kind.passage.diameter not in requirements
            or {w.dimension for w in kind.passage.ways} - set(dimensions)
        ):
            raise ValueError(f"{kind.name}: its passage names what it does not declare")
    if kind.reported is not None:
        use = kind.reported
        if {use.attribute, use.day} - attributes or use.dimension not in dimensions:
            raise ValueError(f"{kind.name}: its report names what it does not declare")
        if dimensions[use.dimension].sort is not Sort.QUANTITY:
            raise ValueError(f"{kind.name}: a share is reported of a quantity")
    total = sum(c.weight for c in kind.all_criteria)
    if total != 100:
        raise ValueError(f"{kind.name}: weights sum to {total}, not 100")
