"""Several tasks done in one go, where the jurisdiction's profile lets that act be done so. Each is its own transaction with its own
record: one that cannot be done holds up none of the others.

Decisions are never made so: they are proposed and confirmed one by one, on what was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.access import FindComplete, find_complete
from app.accounts import names, require_fresh
from app.approvals import Decide, decide
from app.catalogue.profiles import get_profile
from app.catalogue.together import ACTS
from app.db.work import Reader, UnitOfWork
from app.kernel.errors import fail
from app.kernel.text import Text
from app.tasks.queries import Task, all_tasks, find_task

MOST = 100


@dataclass(frozen=True, slots=True)
class Chosen:
    """A task as it was read. `content_hash`: of what is noted."""

    kind: str
    ref: str
    version: int | None = None
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class DoTask:
    chosen: Chosen
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """Tasks that can be done at once, and those that cannot, each with the reason."""

    tasks: Sequence[Task]
    refused: Sequence[tuple[Task, Text]]


ONE_BY_ONE = Text("decided one by one here", "须逐项审批")
NOT_YOURS = Text("not yours to do", "您无权办理")
OF_ANOTHER = Text("taken by {name}", "已由{name}认领")


def ready(reader: Reader, chosen: Sequence[str]) -> Ready:
    """What can be done of these. Who may: whoever may do each of them."""
    reader.permit("task.together")
    wanted = set(chosen)
    found = [task for task in all_tasks(reader) if task.name in wanted][:MOST]
    refused = [(task, why) for task in found if (why := _why_not(task)) is not None]
    bad = {task.name for task, _ in refused}
    return Ready([task for task in found if task.name not in bad], refused)


def _why_not(task: Task) -> Text | None:
    if not task.can_do:
        return NOT_YOURS
    if not task.together:
        return ONE_BY_ONE
    if task.holder_id is not None and not task.mine:
        return OF_ANOTHER.format(name=task.holder or "–")
    return None


def do_task(work: UnitOfWork, command: DoTask) -> str:
    """Do one of several, with a password given within five minutes, as it was read. Returns its title. Raises `task_over`,
    `one_by_one`, `reauthentication_required`, and what the act itself raises."""
    work.permit("task.together")
    chosen = command.chosen
    task = find_task(work, chosen.kind, chosen.ref)
    if task is None:
        raise fail("task_over")
    why = _why_not(task)
    if why is not None:
        raise fail("one_by_one", what=why)
    require_fresh(work)
    if task.kind.together == "completeness":
        find_complete(work, FindComplete(task.ref, chosen.version))
    else:
        decide(work, Decide(task.ref, "note", chosen.content_hash, None, chosen.version, command.remark))
    return task.waiting.title


def allowed_here(reader: Reader, profile: str) -> tuple[list[Text], Text]:
    """What may be done to several cases at once under a profile, and by which source."""
    rule = get_profile(profile).together
    if rule is None:
        return [], Text("", "")
    return [words for act, words in ACTS.items() if act in rule.acts], rule.source.text


def own_profile(reader: Reader) -> str:
    """The profile of the organisation acted for; the default one where it acts for none."""
    own = names(reader.session, [reader.actor.organisation_id]).get(reader.actor.organisation_id or 0)
    return own.profile if own is not None else "cn-default"
