"""The board of a requester: which needs are served, how long it takes, what it costs, what matching found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select

from app.access import AccessRequest
from app.agreements import Agreement, CapacityLine
from app.catalogue.kinds import KINDS
from app.db.work import Reader
from app.kernel.text import Text
from app.matching import NeedResult
from app.monitoring.asked import MONTH, asked, standing_chart
from app.monitoring.charts import Board, Chart, Figure, Series
from app.monitoring.periods import Period, days_between, middles
from app.monitoring.rents import rent_series
from app.monitoring.saved import saved_chart, saved_figure
from app.monitoring.wanted import Wanted, in_region
from app.needs import Need
from app.rent import RentStatement
from app.savings import Saving

KIND = Text("Kind", "类别")
STANDING = {
    "served": Text("Served", "已满足"),
    "partly": Text("Partly served", "部分满足"),
    "open": Text("Open", "未满足"),
    "other": Text("Closed otherwise", "以其他方式结束"),
}
HUES = {
    "served": "ok",
    "partly": "brand",
    "open": "warn",
    "other": "line-strong",
    "fits": "ok",
    "none": "bad",
    "not_yet": "line-strong",
}
VERDICT = {
    "fits": Text("Something fits", "有匹配资源"),
    "none": Text("Nothing fits", "无匹配资源"),
    "not_yet": Text("Not matched yet", "尚未匹配"),
}


def requester_board(reader: Reader, wanted: Wanted) -> Board:
    """The needs of the reader's organisations and what became of them. Raises `invalid`."""
    reader.permit("board.view")
    span = wanted.period(reader)
    mine = and_(Need.organisation_id.in_(reader.actor.subtree), in_region(Need.region, wanted))
    found = asked(
        reader,
        span,
        and_(AccessRequest.requester_id.in_(reader.actor.subtree), in_region(AccessRequest.region, wanted)),
    )
    needs, verdicts, lead = _needs(reader, span, mine), _verdicts(reader, mine), _lead(reader, span, wanted)
    saved = saved_chart(reader, span, and_(Saving.organisation_id.in_(reader.actor.subtree), in_region(Saving.region, wanted)))
    charts = [needs, saved, lead, _spend(reader, span, wanted), verdicts, standing_chart(span, found)]
    return Board(
        "requester",
        Text("what your organisation asks for", "本单位提出的需求"),
        [*_figures(needs, verdicts), saved_figure(saved)],
        charts,
    )


def standing(status: str, outcome: str | None, outstanding: int, quantity: int) -> str:
    """How a need stands, for counting."""
    if outcome == "served":
        return "served"
    if outcome == "partly_served" or (status != "left" and outstanding < quantity):
        return "partly"
    return "other" if status == "left" else "open"


def _needs(reader: Reader, span: Period, mine: ColumnElement[bool]) -> Chart:
    partly = Need.quantity_outstanding < Need.quantity
    rows = reader.session.execute(
        select(Need.kind, Need.status, Need.outcome, partly, func.count())
        .where(mine, Need.status != "draft", or_(Need.status != "left", Need.submitted_on >= span.start))
        .group_by(Need.kind, Need.status, Need.outcome, partly)
    )
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, status, outcome, some, count in rows:
        counts[kind][standing(status, outcome, 0 if some else 1, 1)] += count
    return _by_kind(
        "needs",
        Text("Needs served and not", "需求满足情况"),
        Text(
            "Needs that are open today, and those submitted in the period that have left their list; merged, "
            "returned, withdrawn, carried over or built "
            "alone is “closed otherwise”. Partly served: an agreement in force covers some of the quantity.",
            "今日未结的需求，以及本期内提交且已结束的需求；合并、退回、撤回、结转、自建计入“以其他方式结束”。部分满足指生效协议已满足部分数量。",
        ),
        Text("Needs lists and agreements in force", "需求清单与生效协议"),
        STANDING,
        counts,
        Text("You have submitted no need yet.", "本单位尚未提交需求。"),
    )


def _by_kind(
    key: str,
    title: Text,
    definition: Text,
    source: Text,
    words: Mapping[str, Text],
    counts: Mapping[str, Counter[str]],
    empty: Text,
) -> Chart:
    kinds = [kind for kind in KINDS.all() if sum(counts.get(kind.name, Counter()).values())]
    series = tuple(Series(text, tuple(counts[kind.name][name] for kind in kinds), hue=HUES[name]) for name, text in words.items())
    return Chart(key, title, definition, source, "bars", KIND, tuple(kind.plural for kind in kinds), series, empty)


def _verdicts(reader: Reader, mine: ColumnElement[bool]) -> Chart:
    fits = NeedResult.feasible > literal_column("0")  # written out: PostgreSQL groups by the very same expression
    rows = reader.session.execute(
        select(Need.kind, fits, func.count())
        .outerjoin(NeedResult, NeedResult.need_id == Need.id)
        .where(mine, Need.status.in_(("submitted", "published", "matched")))
        .group_by(Need.kind, fits)
    )
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, found, count in rows:
        counts[kind]["not_yet" if found is None else "fits" if found else "none"] += count
    return _by_kind(
        "verdicts",
        Text("What matching found", "匹配结果"),
        Text(
            "Your open needs by the verdict of the last matching: at least one listing passes every criterion, or "
            "none does. Which, and why "
            "not, stands on the page of each need.",
            "本单位未结需求在最近一次匹配中的结论：至少一项资源符合全部条件，或没有符合的资源。具体资源与原因见各需求页面。",
        ),
        Text("The last run of matching", "最近一次匹配运算"),
        VERDICT,
        counts,
        Text("You have no open need.", "本单位没有未结的需求。"),
    )


def _lead(reader: Reader, span: Period, wanted: Wanted) -> Chart:
    rows = reader.session.execute(
        select(Need.submitted_on, Agreement.in_force_at)
        .join(Agreement, Agreement.need_id == Need.id)
        .where(
            Agreement.requester_id.in_(reader.actor.subtree),
            Agreement.in_force_at.is_not(None),
            Agreement.amends_id.is_(None),
            in_region(Agreement.region, wanted),
        )
    )
    spells = [(ended, days_between(since, ended, span.zone)) for since, ended in rows if since is not None and ended is not None]
    values, counts = middles(span, spells)
    return Chart(
        "lead",
        Text("From need to agreement in force", "从提交需求到协议生效"),
        Text(
            "Calendar days from the day on which the need was first submitted to the day on which its agreement "
            "entered into force; the "
            "middle one of each month. Amendments are not counted.",
            "自需求首次提交之日至协议生效之日的自然日数，取各月中位数；不含变更协议。",
        ),
        Text("Needs lists and agreements", "需求清单与协议"),
        "lines",
        MONTH,
        span.names,
        (
            Series(Text("Days, median", "天数（中位数）"), values, "days"),
            Series(Text("Agreements", "协议数"), counts, drawn=False),
        ),
        Text("No agreement of yours entered into force in this period.", "本期内没有生效的协议。"),
    )


def _spend(reader: Reader, span: Period, wanted: Wanted) -> Chart:
    tree = reader.actor.subtree
    series = rent_series(
        reader,
        span,
        and_(CapacityLine.beneficiary_id.in_(tree), CapacityLine.supplier_id.not_in(tree)),
        and_(RentStatement.beneficiary_id.in_(tree), RentStatement.supplier_id.not_in(tree)),
        and_(or_(Agreement.owner_id.in_(tree), Agreement.requester_id.in_(tree)), in_region(Agreement.region, wanted)),
    )
    return Chart(
        "spend",
        Text("Spending", "租费支出"),
        Text(
            "Agreed: the yearly prices of the lines that you benefit from, by the days of the month on which their "
            "agreement was in force, before "
            "discounts and index. Billed: statements to you by the month in which they were issued, without tax.",
            "约定：本单位作为受益方的条款年价，按当月生效天数折算，未计折扣与指数；已出账：按出具月份统计的账单金额（不含税）。",
        ),
        Text("Agreements in force and rent statements", "生效协议与租费账单"),
        "columns",
        MONTH,
        span.names,
        series,
        Text("You paid for no agreement in this period.", "本期内没有发生支出的协议。"),
    )


def _figures(needs: Chart, verdicts: Chart) -> Sequence[Figure]:
    def total(chart: Chart, text: Text) -> int:
        return sum(int(value or 0) for one in chart.series if one.name == text for value in one.values)

    return [
        Figure(
            Text("Needs open", "未结的需求"),
            total(needs, STANDING["open"]) + total(needs, STANDING["partly"]),
            about=Text(
                "Needs in a list without an outcome, also those served in part.", "已列入清单、尚无处理结果的需求，含部分满足的。"
            ),
        ),
        Figure(
            Text("Needs served", "已满足的需求"),
            total(needs, STANDING["served"]),
            about=Text(
                "Needs that left their list as served: nothing of their quantity is outstanding.",
                "以“已满足”结案、数量全部落实的需求。",
            ),
        ),
        Figure(
            Text("Something fits", "有匹配资源"),
            total(verdicts, VERDICT["fits"]),
            about=Text(
                "Open needs for which the last run of matching found a listing that passes every criterion.",
                "最近一次匹配找到符合全部条件资源的未结需求。",
            ),
        ),
        Figure(
            Text("Nothing fits", "无匹配资源"),
            total(verdicts, VERDICT["none"]),
            about=Text(
                "No listing passes every criterion. The page of the need says why not, and the smallest change that would help.",
                "没有资源符合全部条件。需求页面列明原因及所需的最小调整。",
            ),
        ),
    ]
