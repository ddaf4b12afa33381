"""What sharing saved, by month: in money to who saved it and to who oversees it; to owners, whom a requester's own costs do not concern,
as what need not be built."""

from __future__ import annotations

from collections import Counter, defaultdict

from sqlalchemy import ColumnElement, select

from app.catalogue.kinds import KINDS
from app.db.work import Reader
from app.kernel.text import Text
from app.monitoring.asked import MONTH
from app.monitoring.charts import Chart, Figure, Series
from app.monitoring.periods import Period
from app.savings import DEFINITIONS, GROUP, LEASE, Saving

PARTS = (
    ("alone", Text("Building alone", "自建造价"), "line-strong"),
    ("shared", Text("Sharing", "共享费用"), "brand"),
    ("saved", Text("Saved", "节约"), "ok"),
)
SOURCE = Text("Savings as they were recorded with agreements and groups", "随协议与共建组一并记录的节约")
NONE = Text("No saving was recorded in this period.", "本期内没有记录的节约。")


def saved_chart(reader: Reader, span: Period, where: ColumnElement[bool]) -> Chart:
    """`where`: a condition on Saving."""
    sums: dict[str, dict[str, list[int]]] = defaultdict(lambda: {key: [0] * len(span.months) for key, _, _ in PARTS})
    rows = reader.session.execute(
        select(Saving.recorded_at, Saving.currency, Saving.alone_minor, Saving.shared_minor).where(where)
    )
    for recorded_at, currency, alone, shared in rows:
        place = span.place(recorded_at)
        if place is not None:
            for key, amount in (("alone", alone), ("shared", shared), ("saved", alone - shared)):
                sums[currency][key][place] += amount
    currencies = sorted(sums) or ["CNY"]
    series = []
    for currency in currencies:
        tail = Text(f" ({currency})", f"（{currency}）") if len(currencies) > 1 else Text("", "")
        for key, name, hue in PARTS:
            values = tuple(sums[currency][key])
            series.append(Series(Text(name.en + tail.en, name.zh + tail.zh), values, "money", currency, hue=hue))
    leases, groups = DEFINITIONS[LEASE], DEFINITIONS[GROUP]
    return Chart(
        "savings",
        Text("What sharing saves", "共建共享节约"),
        Text(f"Agreements: {leases.en} Co-construction: {groups.en}", f"共享协议：{leases.zh}共建：{groups.zh}"),
        SOURCE,
        "columns",
        MONTH,
        span.names,
        tuple(series),
        NONE,
    )


def saved_figure(chart: Chart) -> Figure:
    """The sum of the chart, in its first currency."""
    alone, _shared, saved = (sum(int(value or 0) for value in one.values) for one in chart.series[:3])
    note = Text("of {alone} that building alone would cost", "自建造价合计 {alone}") if alone else None
    currency = chart.series[0].currency or "CNY"
    return Figure(
        Text("Saved by sharing", "共享节约"),
        saved,
        "money",
        note.format(alone=_rounded(alone, currency)) if note else None,
        currency,
        Text(
            "What building alone would have cost, as it was stated when each need was submitted, less what sharing costs. Booked once, "
            "when an agreement enters into force or a group agrees.",
            "提交需求时填报的独立建设费用减去共享费用；在协议生效或共建组达成一致时一次性计入。",
        ),
    )


def _rounded(minor: int, currency: str) -> Text:
    millions = minor / 100 / 1_000_000
    return Text(
        f"{currency} {millions:.1f} million",
        f"{minor / 100 / 10_000:,.0f} 万元" if currency == "CNY" else f"{currency} {millions:.1f} 百万",
    )


def unbuilt_chart(reader: Reader, span: Period, where: ColumnElement[bool]) -> Chart:
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for recorded_at, kind in reader.session.execute(select(Saving.recorded_at, Saving.kind).where(where)):
        place = span.place(recorded_at)
        if place is not None:
            counts[kind][place] += 1
    kinds = [kind for kind in KINDS.all() if counts[kind.name]]
    return Chart(
        "unbuilt",
        Text("What need not be built again", "避免的重复建设"),
        Text(
            "Agreements on what you own that entered into force and served a need whose requester had said what it would build "
            "instead, by month and kind. Amendments are not counted; what it saved stands with the requester and the regulators.",
            "本单位设施上已生效、且申请方已填报自建方案的协议数，按月份与类别统计；不含补充协议。节约金额由申请方与主管部门掌握。",
        ),
        SOURCE,
        "stack",
        MONTH,
        span.names,
        tuple(
            Series(kind.plural, tuple(counts[kind.name][at] for at in range(len(span.months))), hue=kind.hue) for kind in kinds
        ),
        NONE,
    )
