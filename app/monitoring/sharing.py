"""Who shares with whom, by sector: the two-way opening that the policy asks for."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.accounts import Organisation
from app.agreements import LIVE, Agreement, AgreementVersion, CapacityLine
from app.catalogue.sectors import SECTORS
from app.db.work import Reader
from app.kernel.text import Text
from app.monitoring import reach
from app.monitoring.charts import Chart, Series
from app.monitoring.wanted import Wanted

Pairs = Mapping[tuple[str, str], int]


def pairs_of(reader: Reader, wanted: Wanted) -> Pairs:
    """(sector that supplies, sector that benefits) → agreements in force today."""
    supplier, beneficiary = aliased(Organisation), aliased(Organisation)
    rows = reader.session.execute(
        select(supplier.sector, beneficiary.sector, func.count(Agreement.id.distinct()))
        .select_from(CapacityLine)
        .join(AgreementVersion, AgreementVersion.id == CapacityLine.version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .join(supplier, supplier.id == CapacityLine.supplier_id)
        .join(beneficiary, beneficiary.id == CapacityLine.beneficiary_id)
        .where(AgreementVersion.number == Agreement.current_number, Agreement.status.in_(LIVE), reach.agreements(reader, wanted))
        .group_by(supplier.sector, beneficiary.sector)
    )
    return {(one, other): count for one, other, count in rows}


def two_way(pairs: Pairs) -> float | None:
    """Of the pairs of different sectors of which one opens to the other, the part in which both do, in per cent; None: no pair."""
    known = {frozenset(pair) for pair in pairs if pair[0] != pair[1]}
    both = [pair for pair in known if {(a, b) for a in pair for b in pair if a != b} <= set(pairs)]
    return round(100 * len(both) / len(known), 1) if known else None


def sharing_chart(pairs: Pairs) -> Chart:
    suppliers = [code for code in SECTORS if any(one == code for one, _ in pairs)]
    users = [code for code in SECTORS if any(other == code for _, other in pairs)]
    return Chart(
        "sharing",
        Text("Who opens to whom", "行业间双向开放"),
        Text(
            "Agreements in force today, by the sector that supplies capacity and the sector that benefits; an agreement whose lines run both "
            "ways counts in both directions. A pair is open both ways when each supplies the other.",
            "今日生效的协议，按供方行业与受益方行业统计；条款双向的协议在两个方向各计一次。双方互为供方即为双向开放。",
        ),
        Text("Agreements in force", "生效协议"),
        "bars",
        Text("Opened by", "开放方行业"),
        tuple(SECTORS[code].label for code in suppliers),
        tuple(Series(SECTORS[code].label, tuple(pairs.get((one, code), 0) for one in suppliers)) for code in users),
        Text("No agreement is in force here.", "此范围内没有生效的协议。"),
    )
