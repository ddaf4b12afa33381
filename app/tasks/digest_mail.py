"""The words of a digest, in the language of its reader. Plain text: what is overdue, what is due soon, the rest by its day. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from app.kernel.text import Text
from app.tasks.queries import Task

MOST_LINES = 40
SUBJECT = Text(
    "{organisation}: {late} overdue, {soon} due soon, {all} in all",
    "{organisation}：逾期 {late} 项，即将到期 {soon} 项，共 {all} 项",
)
HEADINGS = {
    "late": Text("Overdue", "已逾期"),
    "soon": Text("Due soon", "即将到期"),
    "running": Text("Running", "办理中"),
    "paused": Text("Paused", "已中止计时"),
    "open": Text("Without a date", "无期限"),
}
INTRODUCTION = Text("What waits for {organisation} on {day}:", "{day}，{organisation}的待办事项：")
DUE = Text("due {day}", "期限 {day}")
PROVISIONAL = Text("provisional", "暂定")
HELD = Text("taken by {name}", "{name}已认领")
MORE = Text("and {count} more: {url}", "另有 {count} 项：{url}")
CLOSING = Text(
    "You are sent this because you asked for it under Inbox → Digest.\nChange it: {settings}\nEnd it: {stop}",
    "此邮件由您在“待办 → 摘要邮件”中订阅。\n修改：{settings}\n退订：{stop}",
)


def subject_of(tasks: Sequence[Task], organisation: str, locale: str) -> str:
    counts = {state: sum(task.state == state for task in tasks) for state in ("late", "soon")}
    return SUBJECT.in_(locale).format(organisation=organisation, all=len(tasks), **counts)


def body_of(tasks: Sequence[Task], organisation: str, today: date, locale: str, base_url: str, stop_url: str) -> str:
    lines = [INTRODUCTION.in_(locale).format(organisation=organisation, day=_day(today, locale)), ""]
    shown = tasks[:MOST_LINES]
    for state, heading in HEADINGS.items():
        found = [task for task in shown if task.state == state]
        if found:
            lines += [f"{heading.in_(locale)} ({len(found)})" if not locale.startswith("zh") else f"{heading.zh}（{len(found)}）"]
            lines += [line for task in found for line in _lines(task, locale, base_url)]
            lines.append("")
    if len(tasks) > len(shown):
        lines += [MORE.in_(locale).format(count=len(tasks) - len(shown), url=f"{base_url}/tasks"), ""]
    lines.append(CLOSING.in_(locale).format(settings=f"{base_url}/tasks/digest", stop=stop_url))
    return "\n".join(lines) + "\n"


def _lines(task: Task, locale: str, base_url: str) -> Iterator[str]:
    facts = []
    if task.due_on is not None:
        facts.append(DUE.in_(locale).format(day=_day(task.due_on, locale)))
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
    return f"{day.year}年{day.month}月{day.day}日" if locale.startswith("zh") else f"{day.day} {day:%B} {day.year}"
