"""What is still missing: needs that no listing serves, by region, and works without their reservation for communications."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import and_, func, literal_column, or_, select

from app.catalogue.works_terms import WORKS_KINDS
from app.db.work import Reader
from app.kernel.text import Text
from app.matching import NeedResult
from app.monitoring.charts import Chart, Series
from app.monitoring.wanted import Wanted, in_region
from app.needs import Need, visible
from app.regions import region_name
from app.works import WorksProject, competent

MOST_REGIONS = 20


def unserved_chart(reader: Reader, wanted: Wanted) -> Chart:
    """Of the needs that the reader sees whole."""
    open_ = and_(visible(reader, at_least="T3"), Need.status.in_(("published", "matched")), in_region(Need.region, wanted))
    nothing = or_(NeedResult.feasible == literal_column("0"), NeedResult.feasible.is_(None))
    rows = reader.session.execute(
        select(Need.region, nothing, func.count())
        .outerjoin(NeedResult, NeedResult.need_id == Need.id)
        .where(open_)
        .group_by(Need.region, nothing)
    )
    without: Counter[str] = Counter()
    with_: Counter[str] = Counter()
    for region, none, count in rows:
        (without if none else with_)[_shown(region, wanted)] += count
    regions = sorted({*without, *with_}, key=lambda code: (-without[code], code))[:MOST_REGIONS]
    return Chart(
        "unserved",
        Text("Needs that nothing serves, by region", "各地区未满足的需求"),
        Text(
            "Published needs that are still open, by whether the last matching found a listing that passes every "
            "criterion. By city; by district "
            "where a city is chosen; {most} regions at most, those with most unserved needs first.",
            "已公布且未结的需求，按最近一次匹配是否有符合全部条件的资源统计；按地市列示，选定地市后按区县列示，最多 {most} 个，未满足多者在前。",
        ).format(most=MOST_REGIONS),
        Text("Needs lists and the last run of matching", "需求清单与最近一次匹配运算"),
        "bars",
        Text("Region", "地区"),
        tuple(region_name(code) for code in regions),
        (
            Series(Text("Nothing fits", "无匹配资源"), tuple(without[code] for code in regions), hue="bad"),
            Series(Text("Something fits", "有匹配资源"), tuple(with_[code] for code in regions), hue="ok"),
        ),
        Text("No published need is open here.", "此范围内没有已公布的未结需求。"),
    )


def _shown(region: str, wanted: Wanted) -> str:
    """The region that a need is counted in: its city, or its district within a chosen city."""
    if not (region.isdigit() and len(region) == 6) or (wanted.region and not wanted.region.endswith("0000")):
        return region
    city = region[:4] + "00"
    return city if region_name(city).zh != city else region[:2] + "0000"


def lacking_chart(reader: Reader, wanted: Wanted) -> Chart:
    """Works where the reader is competent."""
    rows = reader.session.execute(
        select(WorksProject.kind, WorksProject.lacks_reserve, func.count())
        .where(WorksProject.status.in_(("announced", "completed")), competent(reader), in_region(WorksProject.region, wanted))
        .group_by(WorksProject.kind, WorksProject.lacks_reserve)
    )
    counts = {(kind, bool(lacks)): count for kind, lacks, count in rows}
    kinds = [kind for kind in WORKS_KINDS if any(kind == one for one, _ in counts)]
    return Chart(
        "works",
        Text("Works and their reservation", "工程通信预留情况"),
        Text(
            "Announced and completed works by kind, and whether everything that their profile makes mandatory to "
            "reserve for communications stands in the "
            "ledger today.",
            "已公布及已完工的工程，按类别及其强制通信预留是否已全部记入容量台账统计，以今日为准。",
        ),
        Text("Works projects and capacity ledger", "工程项目与容量台账"),
        "bars",
        Text("Kind of works", "工程类别"),
        tuple(WORKS_KINDS[kind] for kind in kinds),
        (
            Series(Text("In order", "已落实"), tuple(counts.get((kind, False), 0) for kind in kinds), hue="ok"),
            Series(Text("Lack their reservation", "未落实"), tuple(counts.get((kind, True), 0) for kind in kinds), hue="bad"),
        ),
        Text("No works are announced here.", "此范围内没有已公布的工程。"),
    )
