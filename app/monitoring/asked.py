"""Access requests as boards count them: how they stand, how long answers took against the clock, why they were refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from app.access import AccessRequest
from app.catalogue.profiles import get_profile
from app.db.work import Reader
from app.deadlines import Deadline
from app.kernel.text import Text
from app.monitoring.charts import Chart, Series
from app.monitoring.periods import Period, by_month, days_between, middles

ANSWER = "request_answer"
STANDING = {
    "waiting": Text("Waiting for the owner", "待权属单位答复"),
    "offered": Text("Offer open", "要约有效"),
    "agreed": Text("Agreed", "已达成协议"),
    "refused": Text("Refused", "已拒绝"),
    "disputed": Text("Disputed", "争议中"),
    "over": Text("Withdrawn or expired", "已撤回或失效"),
}
GROUP = {
    "submitted": "waiting",
    "incomplete": "waiting",
    "complete": "waiting",
    "accepted": "offered",
    "countered": "offered",
    "agreed": "agreed",
    "refused": "refused",
    "disputed": "disputed",
    "withdrawn": "over",
    "expired": "over",
}
TIMELY = {
    "in_time": Text("In time", "按期"),
    "late": Text("Late", "逾期完成"),
    "overdue": Text("Overdue, still open", "已逾期，尚未完成"),
}
HUES = {
    "waiting": "warn",
    "offered": "brand",
    "agreed": "ok",
    "refused": "bad",
    "over": "line-strong",
    "disputed": "ink-3",
    "in_time": "ok",
    "late": "warn",
    "overdue": "bad",
}
SOURCE = Text("Access requests and their clocks", "接入申请及其时限记录")
MONTH = Text("Month", "月份")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `due_at`, `met_at`: of the owner's clock, where the profile has one."""

    status: str
    owner_id: int
    profile: str
    submitted_at: datetime | None
    complete_at: datetime | None
    answered_at: datetime | None
    ground: str | None
    due_at: datetime | None
    met_at: datetime | None


def asked(reader: Reader, span: Period, where: ColumnElement[bool]) -> list[Asked]:
    """Requests that were submitted or answered in the period, and those that still wait. Drafts are nobody's "
    "but their author's."""
    start = datetime.combine(span.start, datetime.min.time(), span.zone)
    touched = or_(
        AccessRequest.submitted_at >= start,
        AccessRequest.answered_at >= start,
        AccessRequest.status.in_(("submitted", "complete")),
    )
    clock = and_(Deadline.subject_type == "access_request", Deadline.subject_ref == AccessRequest.ref, Deadline.rule == ANSWER)
    rows = reader.session.execute(
        select(
            AccessRequest.id,
            AccessRequest.status,
            AccessRequest.owner_id,
            AccessRequest.profile,
            AccessRequest.submitted_at,
            AccessRequest.complete_at,
            AccessRequest.answered_at,
            AccessRequest.refusal_ground,
            Deadline.due_at,
            Deadline.met_at,
        )
        .outerjoin(Deadline, clock)
        .where(AccessRequest.status != "draft", touched, where)
        .order_by(AccessRequest.id, Deadline.id)
    )
    return list({row[0]: Asked(*tuple(row)[1:]) for row in rows}.values())  # of several clocks the last


def standing_chart(span: Period, found: Sequence[Asked]) -> Chart:
    counts = by_month(span, ((GROUP[one.status], one.submitted_at) for one in found), tuple(STANDING))
    return Chart(
        "requests",
        Text("Requests, and how they stand", "接入申请及其现状"),
        Text(
            "Every request by the month in which it was submitted, in the state that it has today.",
            "按提交月份统计全部申请，状态以今日为准。",
        ),
        SOURCE,
        "stack",
        MONTH,
        span.names,
        tuple(Series(STANDING[key], counts[key], hue=HUES.get(key, "")) for key in STANDING),
        Text("No request was submitted in this period.", "本期内没有提交的申请。"),
    )


def timely_chart(
    key: str,
    title: Text,
    definition: Text,
    span: Period,
    clocks: Iterable[tuple[datetime | None, datetime | None]],
    now: datetime,
    source: Text,
) -> Chart:
    """`clocks`: when each was due and when what it waits for was done."""
    judged = [(timely(due, met, now), met or due) for due, met in clocks]
    counts = by_month(span, ((key_, when) for key_, when in judged if key_ is not None), tuple(TIMELY))
    return Chart(
        key,
        title,
        definition,
        source,
        "stack",
        MONTH,
        span.names,
        tuple(Series(TIMELY[one], counts[one], hue=HUES[one]) for one in TIMELY),
        Text("No clock ended in this period.", "本期内没有届满或完成的时限。"),
    )


def timely(due: datetime | None, met: datetime | None, now: datetime) -> str | None:
    """None: it still has time. What was done before its clock began is in time."""
    if met is not None:
        return "in_time" if due is None or met < due else "late"
    return "overdue" if due is not None and due <= now else None


def clock_chart(span: Period, found: Sequence[Asked], now: datetime) -> Chart:
    return timely_chart(
        "clock",
        Text("Answers against the clock", "答复是否按期"),
        Text(
            "Answers by the month in which they were given, in time or late by the legal clock with its pauses, which "
            "begins when a request is complete; and requests whose clock is over "
            "without an answer, by the month in which it ended.",
            "按答复月份统计，依法定时限（自申请完整时起算，扣除中止）判断按期或逾期；时限已过仍未答复的，按届满月份统计。",
        ),
        span,
        ((one.due_at, one.answered_at or one.met_at) for one in found if one.status not in ("withdrawn", "expired")),
        now,
        SOURCE,
    )


def time_chart(span: Period, found: Sequence[Asked]) -> Chart:
    spells = [
        (one.answered_at, days_between(one.complete_at or one.submitted_at, one.answered_at, span.zone))
        for one in found
        if one.answered_at is not None and one.submitted_at is not None
    ]
    values, counts = middles(span, spells)
    return Chart(
        "answers",
        Text("Time to answer", "答复用时"),
        Text(
            "Calendar days from the day on which a request was complete to the owner's answer; the middle one of each month of "
            "answers.",
            "自申请完整之日至权属单位答复的自然日数，取各月答复的中位数。",
        ),
        SOURCE,
        "lines",
        MONTH,
        span.names,
        (Series(Text("Days, median", "天数（中位数）"), values, "days"), Series(Text("Answers", "答复数"), counts, drawn=False)),
        Text("No request was answered in this period.", "本期内没有答复的申请。"),
    )


def grounds_chart(span: Period, found: Sequence[Asked], whose: Text) -> Chart:
    """By ground, the most frequent first; the closed list of every profile in use gives the words."""
    refused = [one for one in found if one.ground is not None and span.place(one.answered_at) is not None]
    counts = Counter((one.ground or "", one.profile) for one in refused)
    words = {(code, profile): get_profile(profile).ground(code).text for code, profile in counts}
    sums: Counter[Text] = Counter()
    for pair, count in counts.items():
        sums[words[pair]] += count
    rows = sorted(sums, key=lambda text: (-sums[text], text.en))
    return Chart(
        "refusals",
        Text("Refusals by ground", "拒绝理由"),
        Text(
            "Refusals by the ground of the closed list that the owner named, by the day of the answer; those under "
            "dispute are counted too.",
            "按权属单位所选封闭清单中的理由统计，以答复日期为准；含争议中的拒绝。",
        ),
        whose,
        "bars",
        Text("Ground", "理由"),
        tuple(rows),
        (Series(Text("Refusals", "拒绝数"), tuple(sums[row] for row in rows), hue="bad"),),
        Text("Nothing was refused in this period.", "本期内没有拒绝的申请。"),
    )
