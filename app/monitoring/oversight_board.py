"""The board of who oversees: decisions against their clocks, what silence led to, refusals, and what is still unserved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from app.access import AccessRequest
from app.accounts import names
from app.approvals import Approval
from app.catalogue.clock_words import OUTCOMES
from app.db.work import Reader
from app.deadlines import Deadline
from app.kernel.text import Text
from app.monitoring import reach
from app.monitoring.asked import MONTH, Asked, asked, grounds_chart, timely_chart
from app.monitoring.charts import Board, Chart, Figure, Series
from app.monitoring.periods import Period, by_month, days_between, middles
from app.monitoring.saved import saved_chart, saved_figure
from app.monitoring.sharing import pairs_of, sharing_chart, two_way
from app.monitoring.unserved import lacking_chart, unserved_chart
from app.monitoring.wanted import Wanted

DECISIONS = {
    "approved": Text("Approved", "同意"),
    "approved_with_conditions": Text("Approved with conditions", "附条件同意"),
    "returned": Text("Returned", "退回"),
    "refused": Text("Refused", "不同意"),
    "waiting": Text("Waiting", "待审批"),
}
HUES = {
    "approved": "ok",
    "approved_with_conditions": "brand",
    "returned": "warn",
    "refused": "bad",
    "waiting": "line-strong",
}
SOURCE = Text("Approvals and their clocks", "审批及其时限记录")
MOST_OWNERS = 12


@dataclass(frozen=True, slots=True)
class Task:
    status: str
    created_at: datetime
    decided_at: datetime | None
    due_at: datetime | None
    met_at: datetime | None


def oversight_board(reader: Reader, wanted: Wanted) -> Board:
    """Decisions of the reader's regulator, and what it oversees; for an evaluator, of all. Raises `forbidden`, `invalid`."""
    reach.permit_oversight(reader)
    span = wanted.period(reader)
    tasks, found = _tasks(reader, span, wanted), asked(reader, span, reach.requests(reader, wanted))
    pairs = pairs_of(reader, wanted)
    unserved = unserved_chart(reader, wanted)
    whose = (
        Text("the whole platform", "全平台")
        if reader.actor.is_evaluator
        else Text("what your authority decides and oversees", "本机关审批与监管范围")
    )
    saved = saved_chart(reader, span, reach.savings(reader, wanted))
    charts = [
        _decisions(span, tasks),
        saved,
        _timely(span, tasks, reader.now),
        _time(span, tasks),
        _silence(reader, span, wanted),
        grounds_chart(span, found, Text("Owners' answers in your reach", "监管范围内权属单位的答复")),
        _owners(reader, span, found),
        sharing_chart(pairs),
        unserved,
        lacking_chart(reader, wanted),
    ]
    figures = [
        Figure(
            Text("Decisions waiting", "待审批"),
            sum(task.status == "waiting" for task in tasks),
            about=Text(
                "Agreements on which an authority in your reach has yet to decide. Tasks in which one is only consulted or informed "
                "are not counted.",
                "您监管范围内主管部门尚待作出决定的协议；仅征求意见或备案的不计入。",
            ),
        ),
        Figure(
            Text("Of these over their clock", "其中已逾期"),
            sum(task.status == "waiting" and task.due_at is not None and task.due_at <= reader.now for task in tasks),
            about=Text(
                "The legal time to decide is over. What silence leads to then is a rule of the jurisdiction: see the chart below.",
                "法定审批时限已届满。届满的后果由辖区规则规定，见下方图表。",
            ),
        ),
        Figure(
            Text("Needs that nothing serves", "无资源可满足的需求"),
            sum(int(v or 0) for v in unserved.series[0].values),
            about=Text(
                "Published needs that are open still and for which the last run of matching found no listing that passes every "
                "criterion. They are the candidates for building together.",
                "已发布且未结、最近一次匹配未找到符合全部条件资源的需求，可考虑共建。",
            ),
        ),
        Figure(
            Text("Sector pairs open both ways", "双向开放的行业组合"),
            two_way(pairs),
            "percent",
            Text("of the pairs that share at all", "占有共享的行业组合"),
            about=Text(
                "A pair of sectors is open both ways when each supplies capacity to the other under an agreement in force today.",
                "两个行业在今日生效的协议中互为供方，即为双向开放。",
            ),
        ),
        saved_figure(saved),
    ]
    return Board("oversight", whose, figures, charts)


def _tasks(reader: Reader, span: Period, wanted: Wanted) -> list[Task]:
    """Deciding tasks that still wait or were decided in the period."""
    start = datetime.combine(span.start, datetime.min.time(), span.zone)
    clock = and_(Deadline.subject_type == "approval", Deadline.subject_ref == Approval.ref)
    rows = reader.session.execute(
        select(Approval.id, Approval.status, Approval.created_at, Approval.decided_at, Deadline.due_at, Deadline.met_at)
        .outerjoin(Deadline, clock)
        .where(
            Approval.mode == "decide",
            Approval.status != "void",
            or_(Approval.status.in_(("waiting", "proposed")), Approval.decided_at >= start),
            reach.tasks(reader, wanted),
        )
        .order_by(Approval.id, Deadline.id)
    )
    last = {row[0]: row for row in rows}  # of several clocks of a reopened task the last
    return [
        Task("waiting" if status in ("waiting", "proposed") else status, created_at, decided_at, due_at, met_at)
        for _id, status, created_at, decided_at, due_at, met_at in last.values()
    ]


def _decisions(span: Period, tasks: Sequence[Task]) -> Chart:
    moments = ((task.status, task.decided_at or task.created_at) for task in tasks)
    counts = by_month(span, moments, tuple(DECISIONS))
    return Chart(
        "decisions",
        Text("Agreements decided and waiting", "协议审批情况"),
        Text(
            "Tasks to decide on an agreement: by the month of the decision; those that wait by the month in which "
            "they were submitted. Tasks that are "
            "only consulted or filed are not counted, nor those that became void.",
            "需作出决定的协议审批：已决定的按决定月份，待审批的按提交月份统计；不含征求意见、备案及已失效的任务。",
        ),
        SOURCE,
        "stack",
        MONTH,
        span.names,
        tuple(Series(DECISIONS[key], counts[key], hue=HUES[key]) for key in DECISIONS),
        Text("Nothing was submitted or decided in this period.", "本期内没有提交或决定的协议。"),
    )


def _timely(span: Period, tasks: Sequence[Task], now: datetime) -> Chart:
    return timely_chart(
        "clock",
        Text("Decisions against the clock", "审批是否按期"),
        Text(
            "Decisions by the month in which they were made, in time or late by the legal clock; and tasks whose "
            "clock is over without a "
            "decision, by the month in which it ended.",
            "按决定月份统计，依法定时限判断按期或逾期；时限已过仍未决定的，按届满月份统计。",
        ),
        span,
        ((task.due_at, task.met_at) for task in tasks),
        now,
        SOURCE,
    )


def _time(span: Period, tasks: Sequence[Task]) -> Chart:
    spells = [
        (task.decided_at, days_between(task.created_at, task.decided_at, span.zone))
        for task in tasks
        if task.decided_at is not None
    ]
    values, counts = middles(span, spells)
    return Chart(
        "time",
        Text("Time to decide", "审批用时"),
        Text(
            "Calendar days from the submission of an agreement to the decision on it; the middle one of each month of decisions.",
            "自协议提交之日至作出决定的自然日数，取各月决定的中位数。",
        ),
        SOURCE,
        "lines",
        MONTH,
        span.names,
        (
            Series(Text("Days, median", "天数（中位数）"), values, "days"),
            Series(Text("Decisions", "决定数"), counts, drawn=False),
        ),
        Text("Nothing was decided in this period.", "本期内没有作出的决定。"),
    )


def _silence(reader: Reader, span: Period, wanted: Wanted) -> Chart:
    """Clocks that passed, by what their rule says happens then."""
    start = datetime.combine(span.start, datetime.min.time(), span.zone)
    outcome = Deadline.terms["outcome"].as_string()
    passed = select(outcome, Deadline.passed_at).where(Deadline.passed_at >= start)
    on_requests = passed.join(
        AccessRequest, and_(Deadline.subject_type == "access_request", Deadline.subject_ref == AccessRequest.ref)
    ).where(reach.requests(reader, wanted), AccessRequest.status != "draft")
    on_tasks = passed.join(Approval, and_(Deadline.subject_type == "approval", Deadline.subject_ref == Approval.ref)).where(
        reach.tasks(reader, wanted)
    )
    moments = [(key, at) for query in (on_requests, on_tasks) for key, at in reader.session.execute(query)]
    keys = sorted({key for key, _ in moments if key in OUTCOMES})
    counts = by_month(span, moments, keys)
    return Chart(
        "silence",
        Text("What silence led to", "逾期的法律后果"),
        Text(
            "Clocks of requests and approvals that passed without the act that they waited for, by the month in which "
            "they passed and by the "
            "consequence that their rule names.",
            "申请与审批时限届满而未作为的次数，按届满月份及规则规定的后果统计。",
        ),
        Text("Clocks and their outcomes", "时限及其后果记录"),
        "stack",
        MONTH,
        span.names,
        tuple(Series(Text(OUTCOMES[key].en.capitalize(), OUTCOMES[key].zh), counts[key]) for key in keys),
        Text("No clock passed in this period.", "本期内没有逾期的时限。"),
    )


def _owners(reader: Reader, span: Period, found: Sequence[Asked]) -> Chart:
    answered = [one for one in found if span.place(one.answered_at) is not None]
    refused = Counter(one.owner_id for one in answered if one.ground is not None)
    all_of = Counter(one.owner_id for one in answered)
    known = names(reader.session, refused)
    first = sorted(refused, key=lambda owner: (-refused[owner], known[owner].in_("en")))[:MOST_OWNERS]
    return Chart(
        "owners",
        Text("Refusals by owner", "各权属单位拒绝情况"),
        Text(
            "The owners with most refusals in the period, by the day of the answer, and how many answers they gave in "
            "all; {most} at most.",
            "本期内拒绝最多的权属单位（按答复日期）及其答复总数，最多列 {most} 家。",
        ).format(most=MOST_OWNERS),
        Text("Owners' answers in your reach", "监管范围内权属单位的答复"),
        "bars",
        Text("Owner", "权属单位"),
        tuple(Text(known[owner].in_("en"), known[owner].in_("zh_CN")) for owner in first),
        (
            Series(Text("Refusals", "拒绝数"), tuple(refused[owner] for owner in first), hue="bad"),
            Series(Text("Answers", "答复数"), tuple(all_of[owner] for owner in first), drawn=False),
        ),
        Text("No owner refused in this period.", "本期内没有权属单位拒绝。"),
    )
