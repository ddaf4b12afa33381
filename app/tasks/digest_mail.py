"""The words of a digest, in the language of its reader. Plain text: what is overdue, what is due soon, the rest by its day. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from app.kernel.text import Text
from app.tasks.queries import Task

MOST_LINES = 40
PARTS = {  # of the subject; what there is none of is not said
    "late": Text("{count} overdue", "逾期 {count} 项"),
    "soon": Text("{count} due soon", "即将到期 {count} 项"),
    "all": Text("{count} in all", "共 {count} 项"),
}
HEADINGS = {
    "late": Text("Overdue", "已逾期"),
    "soon": Text("Due soon", "即将到期"),
    "running": Text("Running", "办理中"),
    "paused": Text("Paused", "已中止计时"),
    "open": Text("Without a date", "无期限"),
}
INTRODUCTION = Text("What waits for {organisation} on {day}:", "{day}，{organisation}的待办事项：")
DUE = Text("due {day}, {left}", "期限 {day}，{left}")
WEEKDAYS = (
    Text("Monday", "星期一"),
    Text("Tuesday", "星期二"),
    Text("Wednesday", "星期三"),
    Text("Thursday", "星期四"),
    Text("Friday", "星期五"),
    Text("Saturday", "星期六"),
    Text("Sunday", "星期日"),
)
LEFT = {  # calendar days from today, whatever the clock counts
    "past_one": Text("yesterday", "已过 1 天"),
    "past": Text("{count} days ago", "已过 {count} 天"),
    "today": Text("today", "今日"),
    "tomorrow": Text("tomorrow", "明日"),
    "ahead": Text("in {count} days", "还有 {count} 天"),
}
PROVISIONAL = Text("provisional", "暂定")
HELD = Text("taken by {name}", "{name}已认领")
MORE = Text("and {count} more: {url}", "另有 {count} 项：{url}")
CLOSING = Text(
    "You are sent this because you asked for it under Tasks → Digest and feed.\nChange it: {settings}\nEnd it: {stop}",
    "此邮件由您在“待办 → 摘要与订阅”中订阅。\n修改：{settings}\n退订：{stop}",
)


def subject_of(tasks: Sequence[Task], organisation: str, locale: str) -> str:
    counts = {state: sum(task.state == state for task in tasks) for state in ("late", "soon")} | {"all": len(tasks)}
    said = [PARTS[name].in_(locale).format(count=count) for name, count in counts.items() if count]
    return f"{organisation}：{'，'.join(said)}" if locale.startswith("zh") else f"{organisation}: {', '.join(said)}"


def body_of(tasks: Sequence[Task], organisation: str, today: date, locale: str, base_url: str, stop_url: str) -> str:
    lines = [INTRODUCTION.in_(locale).format(organisation=organisation, day=_day(today, locale)), ""]
    shown = tasks[:MOST_LINES]
    for state, heading in HEADINGS.items():
        found = [task for task in shown if task.state == state]
        if found:
            lines += [f"{heading.in_(locale)} ({len(found)})" if not locale.startswith("zh") else f"{heading.zh}（{len(found)}）"]
            lines += [line for task in found for line in _lines(task, today, locale, base_url)]
            lines.append("")
    if len(tasks) > len(shown):
        lines += [MORE.in_(locale).format(count=len(tasks) - len(shown), url=f"{base_url}/tasks"), ""]
    lines.append(CLOSING.in_(locale).format(settings=f"{base_url}/tasks/digest", stop=stop_url))
    return "\n".join(lines) + "\n"


def _lines(task: Task, today: date, locale: str, base_url: str) -> Iterator[str]:
    facts = []
    if task.due_on is not None:
        facts.append(DUE.in_(locale).format(day=_day(task.due_on, locale), left=_left((task.due_on - today).days, locale)))
    if task.provisional:
        facts.append(PROVISIONAL.in_(locale))
    if task.holder is not None:
        facts.append(HELD.in_(locale).format(name=task.holder))
    yield (
        f"- {task.kind.label.in_(locale)}: {task.waiting.title}"
        if not locale.startswith("zh")
        else (f"- {task.kind.label.zh}：{task.waiting.title}")
    )
    if facts:
        yield "  " + (" · ".join(facts))
    yield f"  {base_url}/tasks/{task.kind.code}/{task.ref}"


def _day(day: date, locale: str) -> str:
    weekday = WEEKDAYS[day.weekday()].in_(locale)
    if locale.startswith("zh"):
        return f"{day.year}年{day.month}月{day.day}日（{weekday}）"
    return f"{weekday} {day.day} {day:%B} {day.year}"


def _left(days: int, locale: str) -> str:
    near = {-1: "past_one", 0: "today", 1: "tomorrow"}
    return LEFT[near.get(days, "ahead" if days > 0 else "past")].in_(locale).format(count=abs(days))
