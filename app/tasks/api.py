"""/api/v1/tasks: what waits for the organisation acted for, who has it, several done in one go, the month, and what is subscribed to."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify, url_for
from flask_smorest import Blueprint

from app.config import Settings
from app.kernel.errors import DomainError
from app.tasks.digest import SetDigest, own_digest, set_digest
from app.tasks.doing import Chosen, DoTask, do_task
from app.tasks.feed import make_feed, revoke_feed
from app.tasks.holding import AssignTask, ReleaseTask, TakeTask, assign_task, release_task, take_task
from app.tasks.month import month_of, task_month
from app.tasks.queries import Task, TaskFilter, task_list
from app.tasks.schemas import (
    DIGEST,
    DONE,
    FEED,
    MONTH,
    TASK,
    AssignIn,
    DigestIn,
    MonthQuery,
    TaskQuery,
    TogetherIn,
    digest_json,
    month_json,
    task_json,
)
from app.web.execute import ask, bus, execute
from app.web.formatting import current_locale
from app.web.pagination import asked, listed
from app.web.policy import policy
from app.web.query import without_paging
from app.web.shapes import answers, page

blueprint = Blueprint(
    "tasks_api", __name__, url_prefix="/api/v1", description="What waits for an organisation, by when, and who has it"
)


@blueprint.get("/tasks")
@policy("task.list")
@answers(page(TASK))
@blueprint.arguments(TaskQuery, location="query")
def tasks(query: dict[str, Any]) -> Response:
    """By the day on which they are due; what has no day last."""

    def render(task: Task) -> dict[str, Any]:
        return task_json(task, current_locale())

    return listed(ask(task_list, TaskFilter(**without_paging(query)), asked()).page, render)


@blueprint.get("/tasks/month")
@policy("task.list")
@answers(MONTH)
@blueprint.arguments(MonthQuery, location="query")
def month(query: dict[str, Any]) -> Response:
    """Every day of a month: whether it counts, and what is due on it."""
    first = month_of(query.get("month", ""), bus().today())
    return jsonify(month_json(ask(task_month, first, query["whose"]), current_locale()))


@blueprint.post("/tasks/<kind>/<ref>/take")
@policy("task.take")
@answers(None, 204)
def take(kind: str, ref: str) -> tuple[str, int]:
    """Take it; again changes nothing."""
    execute(take_task, TakeTask(kind, ref))
    return "", 204


@blueprint.post("/tasks/<kind>/<ref>/release")
@policy("task.take")
@answers(None, 204)
def release(kind: str, ref: str) -> tuple[str, int]:
    execute(release_task, ReleaseTask(kind, ref))
    return "", 204


@blueprint.post("/tasks/<kind>/<ref>/assign")
@policy("task.assign")
@answers(None, 204)
@blueprint.arguments(AssignIn)
def assign(body: dict[str, Any], kind: str, ref: str) -> tuple[str, int]:
    execute(assign_task, AssignTask(kind, ref, body["person"]))
    return "", 204


@blueprint.post("/tasks/together")
@policy("task.together")
@answers(DONE)
@blueprint.arguments(TogetherIn)
def together(body: dict[str, Any]) -> Response:
    """Do several at once, each in its own transaction; each says whether it was done. With the header `Reauthentication`."""
    return jsonify({"results": [_do(one, body["remark"]) for one in body["tasks"]]})


def _do(one: dict[str, Any], remark: str | None) -> dict[str, Any]:
    said = {"kind": one["kind"], "id": one["id"], "done": True, "code": None, "detail": None}
    try:
        execute(do_task, DoTask(Chosen(one["kind"], one["id"], one["version"], one["content_hash"]), remark))
    except DomainError as error:
        if error.code == "reauthentication_required" or int(error.type.status) >= 500:
            raise
        said |= {"done": False, "code": error.code, "detail": error.text.in_(current_locale())}
    return said


@blueprint.get("/tasks/digest")
@policy("task.digest")
@answers(DIGEST)
def digest() -> Response:
    return jsonify(digest_json(ask(own_digest)))


@blueprint.put("/tasks/digest")
@policy("task.digest")
@answers(DIGEST)
@blueprint.arguments(DigestIn)
def change_digest(body: dict[str, Any]) -> Response:
    execute(set_digest, SetDigest(body["every"], body["whose"]))
    return jsonify(digest_json(ask(own_digest)))


@blueprint.post("/tasks/feed")
@policy("task.feed")
@answers(FEED, 201)
def new_feed() -> tuple[Response, int]:
    """Make a calendar feed; the address is told once, and an earlier one ends."""
    address = f"{settings().base_url}{url_for('tasks.feed', secret=execute(make_feed, None))}"
    return jsonify({"address": address}), 201


@blueprint.delete("/tasks/feed")
@policy("task.feed")
@answers(None, 204)
def end_feed() -> tuple[str, int]:
    execute(revoke_feed, None)
    return "", 204


def settings() -> Settings:
    found = current_app.config["SETTINGS"]
    assert isinstance(found, Settings)
    return found
