"""What approvals bring to every page: their word in the top bar, `approvals_on(agreement ref)`, the page of a task for links."""

from __future__ import annotations

from flask import Flask

from app.approvals.conditions import conditions_on_ref
from app.approvals.decisions import APPROVAL, CONDITION, MODES
from app.approvals.letters import has_letter
from app.approvals.queries import TaskRow, tasks_of_agreement
from app.kernel.text import Text
from app.web.execute import ask, current_actor
from app.web.shell import NavLink, add_links
from app.web.subjects import subject_page

TONES = {
    "waiting": "warn",
    "proposed": "warn",
    "approved": "ok",
    "approved_with_conditions": "ok",
    "returned": "warn",
    "refused": "bad",
    "noted": "out",
    "void": "out",
}


CONDITION_TONES = {"open": "warn", "reported": "warn", "fulfilled": "ok", "void": "out"}


def approvals_on(agreement_ref: str) -> list[TaskRow]:
    return ask(tasks_of_agreement, agreement_ref)


def init(app: Flask) -> None:
    app.jinja_env.globals.update(
        approvals_on=approvals_on,
        approval_states=APPROVAL.states,
        approval_modes=MODES,
        approval_actions=APPROVAL.labels,
        decision_has_letter=has_letter,
        conditions_of=lambda ref: ask(conditions_on_ref, ref),
        condition_states=CONDITION.states,
        condition_tones=CONDITION_TONES,
        approval_tones=TONES,
    )
    subject_page("approval", "approvals.show")
    add_links(
        app,
        NavLink(
            "approvals.index", Text("Approvals", "审批"), "approvals", order=50, visible=lambda: bool(current_actor().competences)
        ),
    )
