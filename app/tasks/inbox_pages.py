"""Pages of tasks: the inbox, who has what, several done at once, the month."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.accounts import is_fresh, prove_in_session
from app.kernel.errors import DomainError, fail
from app.regions import region_code
from app.tasks.blueprint import blueprint
from app.tasks.doing import Chosen, DoTask, allowed_here, do_task, own_profile, ready
from app.tasks.holding import AssignTask, ReleaseTask, TakeTask, assign_task, assignable, release_task, take_task
from app.tasks.month import month_of, task_month
from app.tasks.queries import TaskFilter, find_task, task_list
from app.web.execute import ask, bus, current_actor, execute
from app.web.forms import field_errors, ticked, typed
from app.web.i18n import current_locale
from app.web.links import safe_next
from app.web.pagination import asked, links
from app.web.policy import policy
from app.web.subjects import subject_url

PAGE_SIZE = 25
WHOSE = ("all", "mine", "free")


def _whose() -> str:
    asked_for = request.args.get("whose", "all")
    return asked_for if asked_for in WHOSE else "all"


@blueprint.get("")
@policy("task.list")
def index() -> str:
    args = request.args
    wanted = TaskFilter(
        _whose(),
        args.get("kind", ""),
        args.get("state", ""),
        region_code(args.get("region", "")) or "",
        args.get("organisation", ""),
        args.get("q", ""),
    )
    found = ask(task_list, wanted, asked(PAGE_SIZE))
    following, previous = links(found.page)
    return render_template("tasks/inbox.html", found=found, wanted=wanted, following=following, previous=previous)


@blueprint.get("/<kind>/<ref>")
@policy("task.list")
def open_task(kind: str, ref: str) -> Response:
    """To the page on which it is done: what mails and calendars link to. One that no longer waits leads to the inbox."""
    task = ask(find_task, kind, ref)
    address = subject_url(*task.page_of) if task is not None else None
    if address is None:
        flash(_("That does not wait for your organisation any more."), "info")
    return redirect(address or url_for("tasks.index"))


def _back() -> Response:
    return redirect(safe_next(request.form.get("next")) if request.form.get("next") else url_for("tasks.index"), 303)


def _named() -> list[tuple[str, str]]:
    """(kind, ref) of each task that was ticked."""
    found = [name.partition(":") for name in ticked("task")]
    if not found:
        raise fail("nothing_chosen")
    return [(kind, ref) for kind, _colon, ref in found]


def _each(act: Callable[[str, str], None]) -> int:
    """Do it to each task that was ticked; what is refused is said, and holds up none of the others."""
    done = 0
    try:
        for kind, ref in _named():
            try:
                act(kind, ref)
                done += 1
            except DomainError as error:
                if int(error.type.status) not in (403, 409, 422):
                    raise
                flash(error.text.in_(current_locale()), "bad")
    except DomainError as error:
        if error.code != "nothing_chosen":
            raise
        flash(error.text.in_(current_locale()), "bad")
    return done


@blueprint.post("/take")
@policy("task.take")
def take() -> Response:
    if done := _each(lambda kind, ref: execute(take_task, TakeTask(kind, ref))):
        flash(ngettext("%(num)d task is yours.", "%(num)d tasks are yours.", done), "ok")
    return _back()


@blueprint.post("/release")
@policy("task.take")
def release() -> Response:
    if done := _each(lambda kind, ref: execute(release_task, ReleaseTask(kind, ref))):
        flash(ngettext("%(num)d task is free again.", "%(num)d tasks are free again.", done), "ok")
    return _back()


@blueprint.post("/chosen")
@policy("task.take")
def chosen() -> Response:
    """To the page on which the ticked tasks are assigned, or done together."""
    names = ticked("task")
    if not names:
        flash(_("Tick at least one task."), "bad")
        return _back()
    endpoint = "tasks.assign_form" if typed("to") == "assign" else "tasks.together_form"
    return redirect(url_for(endpoint, task=names), 303)


@blueprint.get("/assign")
@policy("task.assign")
def assign_form() -> str | Response:
    names = request.args.getlist("task")
    if not names:
        return redirect(url_for("tasks.index"))
    found = ask(assignable, names)
    return render_template("tasks/assign.html", tasks=found.tasks, people=[one.pair for one in found.people])


@blueprint.post("/assign")
@policy("task.assign")
def assign() -> Response:
    person = typed("person")
    if done := _each(lambda kind, ref: execute(assign_task, AssignTask(kind, ref, person))):
        flash(ngettext("%(num)d task is assigned.", "%(num)d tasks are assigned.", done), "ok")
    return redirect(url_for("tasks.index"), 303)


@blueprint.get("/together")
@policy("task.together")
def together_form() -> str:
    return _together(request.args.getlist("task"), {}, [])


def _together(names: list[str], errors: dict[str, str], results: list[tuple[str, str | None]]) -> str:
    actor = current_actor()
    profile = ask(own_profile)
    allowed, source = ask(allowed_here, profile)
    return render_template(
        "tasks/together.html",
        found=ask(ready, names),
        errors=errors,
        results=results,
        allowed=allowed,
        source=source,
        values=request.form,
        fresh=is_fresh(actor, bus().clock.now()),
    )


@blueprint.post("/together")
@policy("task.together")
def together() -> str | tuple[str, int]:
    """Each in its own transaction; the page says of each whether it was done."""
    names = ticked("task")
    try:
        if request.form.get("password"):
            prove_in_session(request.form["password"])
        if not is_fresh(current_actor(), bus().clock.now()):
            raise fail("reauthentication_required", minutes=5)
        if not names:
            raise fail("nothing_chosen")
    except DomainError as error:
        return _together(names, field_errors(error), []), 422
    remark = typed("remark") or None
    results = [_do(name, remark) for name in names]
    return _together([], {}, results)


def _do(name: str, remark: str | None) -> tuple[str, str | None]:
    """(what, why not) of one."""
    kind, _colon, ref = name.partition(":")
    version = typed(f"version.{name}")
    chosen = Chosen(kind, ref, int(version) if version.isdigit() else None, typed(f"hash.{name}"))
    try:
        return execute(do_task, DoTask(chosen, remark)), None
    except DomainError as error:
        if int(error.type.status) not in (403, 404, 409, 412, 422):
            raise
        return typed(f"title.{name}") or ref, error.text.in_(current_locale())


@blueprint.get("/calendar")
@policy("task.list")
def calendar() -> str:
    first = month_of(request.args.get("month", ""), bus().today())
    return render_template("tasks/calendar.html", month=ask(task_month, first, _whose()), whose=_whose(), today=bus().today())
