"""Rent of agreements by month, from either side: as it was agreed, and as it was billed. Reads only."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from sqlalchemy import ColumnElement, select

from app.agreements import Agreement, AgreementVersion, CapacityLine
from app.db.work import Reader
from app.kernel.text import Text
from app.kernel.timewindow import FAR, Window
from app.monitoring.charts import Series
from app.monitoring.periods import Period
from app.rent import RentStatement

LIVED = ("in_force", "make_ready", "installed", "accepted", "ended", "removed", "amended")
DAYS_A_YEAR = 365


def rent_series(
    reader: Reader, span: Period, line_side: ColumnElement[bool], statement_side: ColumnElement[bool], where: ColumnElement[bool]
) -> tuple[Series, ...]:
    """Agreed and billed, for each currency. `where`: a condition on Agreement."""
    agreed, billed = _agreed(reader, span, line_side, where), _billed(reader, span, statement_side, where)
    found = []
    for currency in sorted({*agreed, *billed}) or ["CNY"]:
        nothing = [Fraction(0)] * len(span.months)
        rest = Text(f" ({currency})", f"（{currency}）") if len({*agreed, *billed}) > 1 else Text("", "")
        for name, sums in (("agreed", agreed), ("billed", billed)):
            values = tuple(round(value) for value in sums.get(currency, nothing))
            label = Text("Agreed", "约定") if name == "agreed" else Text("Billed", "已出账")
            found.append(Series(Text(label.en + rest.en, label.zh + rest.zh), values, "money", currency))
    return tuple(found)


def _agreed(reader: Reader, span: Period, side: ColumnElement[bool], where: ColumnElement[bool]) -> dict[str, list[Fraction]]:
    """The yearly price of each line, by the days of each month on which its agreement was in force."""
    rows = reader.session.execute(
        select(
            CapacityLine.price_minor,
            CapacityLine.currency,
            CapacityLine.starts,
            CapacityLine.ends,
            Agreement.in_force_at,
            Agreement.ended_on,
        )
        .join(AgreementVersion, AgreementVersion.id == CapacityLine.version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .where(
            AgreementVersion.number == Agreement.current_number,
            Agreement.status.in_(LIVED),
            Agreement.in_force_at.is_not(None),
            CapacityLine.price_minor.is_not(None),
            side,
            where,
        )
    )
    sums: dict[str, list[Fraction]] = defaultdict(lambda: [Fraction(0)] * len(span.months))
    for price, currency, starts, ends, in_force_at, ended_on in rows:
        assert price is not None
        assert in_force_at is not None
        first, last = max(starts, in_force_at.astimezone(span.zone).date()), min(ends, ended_on or FAR)
        if first >= last:
            continue
        for place, month in enumerate(span.windows):
            common = month.intersection(Window(first, last))
            if common is not None:
                sums[currency][place] += Fraction(price * common.length_days, DAYS_A_YEAR)
    return sums


def _billed(reader: Reader, span: Period, side: ColumnElement[bool], where: ColumnElement[bool]) -> dict[str, list[Fraction]]:
    """Statements by the month in which they were issued."""
    rows = reader.session.execute(
        select(RentStatement.total_minor, RentStatement.currency, RentStatement.created_at)
        .join(Agreement, Agreement.id == RentStatement.agreement_id)
        .where(side, where)
    )
    sums: dict[str, list[Fraction]] = defaultdict(lambda: [Fraction(0)] * len(span.months))
    for total, currency, made_at in rows:
        place = span.place(made_at)
        if place is not None:
            sums[currency][place] += total
    return sums
