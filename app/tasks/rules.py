"""How a task stands against its day, who may take it, and what may be done to several at once. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from http import HTTPStatus

from app.catalogue.profiles import Profile
from app.catalogue.together import ACTS
from app.kernel.errors import declare, fail
from app.kernel.text import Text

SOON_DAYS = 3
STATES = {
    "late": Text("overdue", "已逾期"),
    "soon": Text("due soon", "即将到期"),
    "running": Text("running", "办理中"),
    "paused": Text("paused", "已中止计时"),
    "open": Text("without a date", "无期限"),
}

declare(
    "task_over",
    HTTPStatus.CONFLICT,
    "This does not wait for your organisation any more.",
    "该事项已不再待本单位办理。",
)
declare(
    "task_taken",
    HTTPStatus.CONFLICT,
    "{name} has taken this. Let {name} release it, or assign it anew.",
    "该事项已由{name}认领，请由其释放，或重新指派。",
)
declare(
    "task_not_yours",
    HTTPStatus.CONFLICT,
    "You have not taken this, and you stand in for nobody who has.",
    "该事项未由您认领，您也不是认领人的受托人。",
)
declare(
    "not_a_colleague",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "Name a colleague who may do this.",
    "请选择有权办理该事项的同事。",
)
declare("nothing_chosen", HTTPStatus.UNPROCESSABLE_ENTITY, "Choose at least one task.", "请至少选择一个事项。")
declare(
    "one_by_one",
    HTTPStatus.CONFLICT,
    "This is done one by one here: {what}.",
    "该事项须逐项办理：{what}。",
)


def state_of(due_on: date | None, today: date, *, is_paused: bool, is_over: bool) -> str:
    """`is_over`: its clock has passed."""
    if is_over or (due_on is not None and due_on < today):
        return "late"
    if is_paused:
        return "paused"
    if due_on is None:
        return "open"
    return "soon" if (due_on - today).days <= SOON_DAYS else "running"


def check_free(holder_id: int | None, holder: str, actor_id: int | None, stands_in_for: Collection[int]) -> None:
    """Who takes a task finds it free, or held by whom they stand in for."""
    if holder_id is not None and holder_id != actor_id and holder_id not in stands_in_for:
        raise fail("task_taken", name=holder)


def check_holds(holder_id: int | None, actor_id: int | None, stands_in_for: Collection[int]) -> None:
    if holder_id is None or (holder_id != actor_id and holder_id not in stands_in_for):
        raise fail("task_not_yours")


def may_together(act: str | None, profile: Profile | None) -> bool:
    """Whether the jurisdiction lets this be done to several cases at once. What has no such act is never."""
    return act in ACTS and profile is not None and profile.together is not None and act in profile.together.acts
