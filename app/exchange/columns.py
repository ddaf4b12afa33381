"""The columns that an import can fill: the general ones of listings and of needs, and those that the kinds declare.

Made from the declarations (attributes, dimensions, requirements with their aliases): a new kind brings its own columns, and
nothing here knows a kind by name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.catalogue.declaration import AssetKind, Choice, Dimension, Field, Sort, ValueType
from app.catalogue.tiers import TIERS, Tier
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


def _general(
    name: str, en: str, zh: str, *aliases: str, type: ValueType = "text", reading: Reading = Reading.FIELD,  # noqa: A002
    unit: str | None = None,
    minimum: float | None = None, maximum: float | None = None, choices: tuple[Choice, ...] = (),
    default: str | float | None = None,
) -> Target:
    label = Text(en, zh)
    made = Field(name, label, type, unit, minimum=minimum, maximum=maximum, choices=choices, default=default,
        aliases=aliases)
    return Target(name, label, made, aliases, reading)


STATUSES = (
    Choice("proposed", Text("Proposed", "拟建"), ("拟建",)), Choice("planned", Text("Planned", "规划"), ("规划", "规划中")),
    Choice("under_construction", Text("Under construction", "在建"), ("在建", "建设中", "underconstruction")),
    Choice("operational", Text("Operational", "在用"),
        ("在用", "运行", "投运", "commissioned", "in service", "active", "existing", "constructed")),
    Choice("inactive", Text("Inactive", "停用"), ("停用", "闲置", "out of service", "decommissioned")),
    Choice("retired", Text("Retired", "退役"), ("退役", "报废", "dismantled")),
)
PRIORITIES = (
    Choice("high", Text("High", "高"), ("高", "紧急", "重点", "1")),
    Choice("normal", Text("Normal", "中"), ("中", "一般", "普通", "medium", "2")),
    Choice("low", Text("Low", "低"), ("低", "3")),
)
TIER_CHOICES = tuple(Choice(tier.name, TIERS[tier].label, (tier.name.lower(),)) for tier in (Tier.T0, Tier.T1, Tier.T2))
GRADES = (Choice("general", Text("General", "一般"), ("一般",)), Choice("important", Text("Important", "重要"), ("重要",)),
          Choice("core", Text("Core", "核心"), ("核心",)))

PLACE = (
    _general("lon", "Longitude", "经度", "lng", "long", "x", "easting", "起点经度", "起点坐标经度", "a端经度", "东经", "横坐标", "x coordinate",
        "start longitude",
             "from longitude", "点位经度", "坐标经度", "位置经度", type="number", reading=Reading.ANGLE),
    _general("lat", "Latitude", "纬度", "y", "northing", "起点纬度", "起点坐标纬度", "a端纬度", "北纬", "纵坐标", "y coordinate", "start latitude",
             "from latitude", "点位纬度", "坐标纬度", "位置纬度", type="number", reading=Reading.ANGLE),
    _general("end_lon", "End longitude", "终点经度", "终点坐标经度", "b端经度", "to longitude", "lon2", "x2", type="number",
        reading=Reading.ANGLE),
    _general("end_lat", "End latitude", "终点纬度", "终点坐标纬度", "b端纬度", "to latitude", "lat2", "y2", type="number",
        reading=Reading.ANGLE),
    _general("geometry", "Geometry", "几何", "wkt", "geom", "geojson", "the_geom", "几何坐标", reading=Reading.GEOMETRY),
    _general("region", "Region code", "行政区划代码", "区划代码", "adcode", "region code"),
    _general("province", "Province", "省份", "省", "state", "省级"),
    _general("city", "City", "地市", "市", "城市", "所在市", "所属地市", "municipality", "town"),
    _general("district", "District", "区县", "区", "县", "所在区", "所属区县", "county"),
)
SHARED = (
    _general("reference", "Reference", "编号", "序号", "id", "no", "number", "资产编号", "需求编号", "站址编码", "编码", "code", "ref", "objectid",
        "fid", "gid",
             "globalid", "registration number", "@id"),
    _general("sector", "Sector", "所属行业", "行业", "领域", "industry", reading=Reading.SECTOR),
    _general("currency", "Currency", "币种", "货币"),
    _general("tier", "Disclosure tier", "公开级别", "披露级别", "visibility", type="choice", choices=TIER_CHOICES),
)
NEEDS = (
    _general("organisation", "Organisation", "需求单位", "单位名称", "申请单位", "填报单位", "申报单位", "organization", "requester", "company",
        "applicant", "operator"),
    _general("kind", "Kind", "需求类型", "类型", "设施类型", "资源类型", "asset kind", "asset type", "facility type", "type",
        reading=Reading.KIND),
    _general("title", "Title", "名称", "需求名称", "name", "标题"),
    _general("radius_m", "Search radius", "搜索半径", "半径", "范围半径", "radius", "search radius", "buffer", "缓冲", type="number",
        unit="m", minimum=0, maximum=200000,
             default=300.0),
    _general("quantity", "Quantity", "数量", "qty", "count", "需求数量", "个数", type="number"),
    _general("quantity_unit", "Unit", "单位", "计量单位", "uom", "unit of measure", reading=Reading.UNIT),
    _general("start", "Start", "开始", "开始日期", "开始时间", "起始", "起始日期", "使用期限开始", "earliest start", "from", "from date", "start date",
        type="date"),
    _general("end", "End", "结束", "结束日期", "结束时间", "截止", "截止日期", "使用期限结束", "end date", "until", "to date", type="date",
        reading=Reading.LAST_DAY),
    _general("latest_start", "Latest start", "最迟开始", "最晚开始", "latest start date", type="date"),
    _general("minimum_term_months", "Minimum term", "最短期限", "最低期限", "minimum term", "min term", type="integer", unit="month",
        minimum=1, maximum=1200),
    _general("budget", "Budget a year", "预算", "年预算", "年度预算", "budget", type="number", reading=Reading.MONEY),
    _general("priority", "Priority", "优先级", "重要程度", type="choice", choices=PRIORITIES, default="normal"),
    _general("accepts_cobuild", "Accepts co-construction", "接受共建", "是否接受共建", "共建意愿", "cobuild", "co-build", type="boolean"),
    _general("alternative", "Stand-alone alternative", "独立建设方案", "替代方案", "stand alone alternative", "own build"),
    _general("alternative_cost", "Cost of the alternative", "独立建设费用", "独立建设投资", "alternative cost", "own build cost",
        type="number", reading=Reading.MONEY),
    _general("note", "Note", "备注", "说明", "remarks", "remark", "comment", "comments", "notes"),
)
LISTINGS = (
    _general("organisation", "Owner", "产权单位", "权属单位", "资产所有人", "产权人", "单位名称", "所属单位", "organization", "organisation", "company",
        "licensee",
             "title holder", "physicalinfrastructureprovider name", "networkproviders name"),
    _general("kind", "Kind", "设施类型", "资源类型", "资产类型", "asset kind", "asset type", "facility type", reading=Reading.KIND),
    _general("title", "Name", "名称", "站名", "站址名称", "资产名称", "设施名称", "title", "site name", "structure name", "description"),
    _general("status", "Status", "状态", "运行状态", "使用状态", "state", type="choice", choices=STATUSES, default="operational"),
    _general("available_from", "Available from", "可用日期", "投运日期", "启用日期", "ready for service", "readyforservicedate", type="date"),
    _general("address", "Address", "地址", "详细地址", "位置描述", "street address"),
    _general("accuracy_m", "Accuracy of the position", "定位精度", "坐标精度", "accuracy", type="number", unit="m", minimum=0,
        maximum=100000),
    _general("grade", "Data grade", "数据分级", "数据级别", "grade", type="choice", choices=GRADES),
    _general("start", "Open from", "开放开始", "开放起始日期", "开始", "开始日期", "start date", "open from", type="date"),
    _general("end", "Open until", "开放截止", "开放结束日期", "结束", "结束日期", "截止日期", "end date", "open until", type="date",
        reading=Reading.LAST_DAY),
    _general("price", "Price a year", "价格", "年租金", "租金", "年价格", "rent", "annual rent", type="number", reading=Reading.MONEY),
    _general("terms", "Terms", "备注", "条款", "说明", "remarks", "comment", "comments", "notes", "note"),
)


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
            targets[name] = Target(name, present.label if present else made.label, present.field if present else made, aliases,
                                   by_kind={**before, kind.name: (part, made)})
    return ColumnSet(subject, targets, chosen)


def _declared(subject: Subject, kind: AssetKind) -> list[tuple[str, Part, Field]]:
    if subject is Subject.NEEDS:
        return [(f.name, Part.REQUIREMENT, f) for f in kind.requirements]
    made = [(f.name, Part.ATTRIBUTE, f) for f in kind.attributes]
    made += [(d.name, Part.OFFERED, _field_of(d)) for d in kind.dimensions]
    return made + [(f"{d.name}_total", Part.TOTAL, _total_of(d)) for d in kind.dimensions]


def _field_of(dimension: Dimension) -> Field:
    return Field(dimension.name, dimension.label, "integer" if dimension.sort is Sort.SLOTS else "number", dimension.unit,
        minimum=0,
                 aliases=(*dimension.aliases, *(f"{side}{word}" for word in (dimension.label.zh, *dimension.aliases)
                     for side in ("空闲", "剩余", "可用", "开放"))))


def _total_of(dimension: Dimension) -> Field:
    label = Text(f"{dimension.label.en} in all", f"{dimension.label.zh}总量")
    words = (dimension.label.en, dimension.label.zh, *dimension.aliases)
    aliases = tuple(f"{side}{word}" for word in words for side in ("总", "total ", "全部")) + tuple(f"{word}总数" for word in words)
    return Field(f"{dimension.name}_total", label, "integer" if dimension.sort is Sort.SLOTS else "number", dimension.unit,
        minimum=0, aliases=aliases)
