"""Pages of allocations: the runs, one run with its bound, a scenario of it, two runs beside each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from app.catalogue.kinds import KINDS
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.text import Text
from app.matching.allocating.comparing import compare, owner_use
from app.matching.allocating.queries import (
    RunView,
    allocatable,
    need_rows,
    organisations_named,
    owners_open,
    requesters,
    run_detail,
    run_list,
)
from app.matching.allocating.run import StartAllocation, start_allocation, stop_allocation
from app.matching.allocating.scenario import Scenario
from app.web.execute import ask, execute
from app.web.forms import field_errors, typed
from app.web.i18n import current_locale
from app.web.policy import policy

blueprint = Blueprint("allocating", __name__)
ROWS = 50
TABS = ("served", "unserved")
STARTED = Text("The allocation has started.", "统筹配置已开始。")
STOPPING = Text("The allocation is being stopped.", "正在停止统筹配置。")
FIRST_ONE = Text("one need comes first", "1 项需求优先")
OUTCOMES: dict[str, tuple[Text, str]] = {
    "served": (Text("served", "已满足"), "ok"),
    "partly": (Text("served in part", "部分满足"), "warn"),
    "contested": (Text("others come first", "让位于其他需求"), "bad"),
    "budget": (Text("the budget is used up", "预算已用尽"), "bad"),
    "exclusive": (Text("let to one other user", "已由另一家独占"), "bad"),
    "bundle": (Text("its bundle cannot be served whole", "所属需求包无法整体满足"), "bad"),
    "no_candidate": (Text("nothing fits", "无可用资源"), "bad"),
}
CHANGES: dict[str, tuple[Text, str]] = {
    "gained": (Text("served now", "新满足"), "ok"),
    "lost": (Text("no longer served", "不再满足"), "bad"),
    "more": (Text("gets more", "数量增加"), "ok"),
    "less": (Text("gets less", "数量减少"), "warn"),
    "moved": (Text("served from elsewhere", "改由其他资源满足"), "brand"),
}
STATES: dict[str, tuple[Text, str]] = {
    "running": (Text("running", "运行中"), "brand"),
    "done": (Text("done", "已完成"), "ok"),
    "failed": (Text("failed", "失败"), "bad"),
    "cancelled": (Text("cancelled", "已取消"), "out"),
}


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {
        "allocation_states": STATES,
        "allocation_outcomes": OUTCOMES,
        "allocation_changes": CHANGES,
        "kinds": KINDS.as_mapping(),
    }


@blueprint.get("/allocations")
@policy("allocation.list")
def index() -> str:
    """The runs that concern the reader, and the lists that it may allocate."""
    chosen = request.args.get("needs_list")
    found = ask(run_list, chosen)
    return render_template(
        "allocating/index.html", runs=found, lists=ask(allocatable), chosen=chosen, said={run.ref: said(run) for run in found}
    )


@blueprint.post("/allocations")
@policy("allocation.start")
def start() -> Response:
    ref = execute(start_allocation, StartAllocation(typed("needs_list") or None))
    flash(STARTED.in_(current_locale()), "ok")
    return _to(ref)


@blueprint.get("/allocations/<ref>")
@policy("allocation.own")
def show(ref: str) -> str:
    """Value, bound, who gets what and who nothing; what each owner gives; the form of a scenario."""
    return _page(ref, {}, {})


@blueprint.post("/allocations/<ref>/scenario")
@policy("allocation.start")
def scenario(ref: str) -> Response | tuple[str, int]:
    """Ask the same list again, with something else given."""
    base = ask(run_detail, ref)
    try:
        asked = varied(base.scenario)
        new = execute(start_allocation, StartAllocation(base.needs_list_ref, asked, ref))
    except DomainError as error:
        if error.code != "invalid":
            raise
        return _page(ref, dict(request.form), field_errors(error)), 422
    flash(STARTED.in_(current_locale()), "ok")
    return _to(new)


@blueprint.post("/allocations/<ref>/stop")
@policy("allocation.start")
def stop(ref: str) -> Response:
    execute(stop_allocation, ref)
    flash(STOPPING.in_(current_locale()), "ok")
    return _to(ref)


@blueprint.get("/allocations/<ref>/progress")
@policy("allocation.own")
def progress(ref: str) -> Response | str:
    """How far a run is, for its page to ask every two seconds; when it has ended the page is read anew."""
    found = ask(run_detail, ref)
    if found.status == "running":
        return render_template("allocating/progress.html", run=found)
    return Response(headers={"HX-Refresh": "true"})


@blueprint.get("/allocations/<ref>/compare")
@policy("allocation.own")
def comparison(ref: str) -> str | Response:
    """Two runs beside each other: `with` is the one that it is compared with."""
    other = request.args.get("with", "")
    if not other:
        return _to(ref)
    found = ask(compare, other, ref)
    return render_template("allocating/compare.html", found=found, left=said(found.left), right=said(found.right))


def _to(ref: str) -> Response:
    return redirect(url_for("allocating.show", ref=ref), 303)  # type: ignore[return-value]


def _page(ref: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    run = ask(run_detail, ref)
    page = request.args.get("page", 1, type=int)
    page = min(max(page or 1, 1), 10**6)
    tab = request.args.get("show", "served")
    tab = tab if tab in TABS else "served"
    done = run.status == "done"
    whole = done and run.whole
    rows = ask(need_rows, ref, tab == "served" if whole else None, ROWS, ROWS * (page - 1)) if done else None
    others = [r for r in ask(run_list, run.needs_list_ref, 20) if r.ref != ref and r.status == "done"] if whole else []
    asks = whole and run.may_start  # who may ask "what if" gets the form
    return render_template(
        "allocating/show.html",
        run=run,
        said=said(run),
        rows=rows,
        tab=tab,
        page=page,
        size=ROWS,
        uses=ask(owner_use, ref) if whole else [],
        others=[(r.ref, said(r)) for r in others],
        owners=[(o.ref, o.in_(current_locale())) for o in ask(owners_open)] if asks else [],
        requesters=[(o.ref, o.in_(current_locale())) for o in ask(requesters, ref)] if asks else [],
        values=values,
        errors=errors,
    )


def varied(base: Scenario) -> Scenario:
    """The base's scenario with what was typed on top of it. Raises `invalid`."""
    owner, opened, reserve = typed("owner"), _percent("opened"), _percent("reserve")
    return replace(
        base,
        opened={**base.opened, owner: opened} if owner and opened is not None else base.opened,
        reserve={**base.reserve, owner: reserve} if owner and reserve is not None else base.reserve,
        first=tuple(dict.fromkeys((*base.first, *filter(None, (typed("requester"),)), *request.form.getlist("first")))),
        exclusive="exclusive" in request.form,
        divisible="divisible" in request.form,
    )


def _percent(name: str) -> int | None:
    raw = typed(name).removesuffix("%").removesuffix("％").strip()
    if not raw:
        return None
    try:
        return int(raw)
    except ValueError:
        told = Text("Give whole per cent.", "请填写整数百分比。")
        raise fail("invalid", [Problem("invalid", told, pointer=f"/{name}")]) from None


def said(run: RunView) -> list[str]:
    """A scenario in a few words; empty for who may not know what was asked."""
    if not run.whole:
        return []
    asked, locale = run.scenario, current_locale()
    named = ask(organisations_named, sorted({*asked.opened, *asked.reserve, *asked.budgets, *asked.first}))
    told: list[Text] = []
    for ref, percent in asked.opened.items():
        told.append(Text("{who} opens {n} % more", "{who}多开放 {n}%").format(who=named.get(ref, ref), n=percent))
    for ref, percent in asked.reserve.items():
        told.append(Text("{who} keeps {n} % back", "{who}预留 {n}%").format(who=named.get(ref, ref), n=percent))
    told += [Text("{who} has a budget", "{who}设有预算").format(who=named.get(ref, ref)) for ref in asked.budgets]
    organisations = [ref for ref in asked.first if ref in named]
    told += [Text("{who} comes first", "{who}优先").format(who=named[ref]) for ref in organisations]
    if needs := len(asked.first) - len(organisations):
        told.append(FIRST_ONE if needs == 1 else Text("{n} needs come first", "{n} 项需求优先").format(n=needs))
    if asked.exclusive:
        told.append(Text("an asset serves one organisation", "同一设施只供一家单位"))
    if asked.divisible:
        told.append(Text("needs may be divided", "需求可拆分"))
    return [one.in_(locale) for one in told] or [Text("as things are", "按现状").in_(locale)]
