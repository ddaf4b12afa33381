"""/api/v1/agreements/{id}/…: what follows the entry into force, and amendments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, url_for
from flask_smorest import Blueprint

from app.agreements import AmendAgreement, Drafted, agreement_detail, amend_agreement
from app.db.work import UnitOfWork
from app.fulfilment.building import (
    AnswerInstallation,
    Install,
    SettleItem,
    StartMakeReady,
    answer_installation,
    install,
    settle_item,
    start_make_ready,
)
from app.fulfilment.ending import (
    AnswerEnd,
    ProposeEnd,
    Removal,
    answer_end,
    confirm_removal,
    declare_removal,
    propose_end,
)
from app.fulfilment.queries import fulfilment
from app.fulfilment.rules import MakeReady
from app.fulfilment.schemas import (
    FULFILMENT,
    AmendIn,
    AsBuiltIn,
    EndAnswerIn,
    EndIn,
    InstallIn,
    MakeReadyIn,
    RemovalIn,
    SettleIn,
    fulfilment_json,
)
from app.kernel.errors import fail
from app.web.etag import expected_version, tagged
from app.web.execute import ask
from app.web.idempotency import execute_once
from app.web.policy import policy
from app.web.shapes import MOVED, answers

blueprint = Blueprint(
    "fulfilment_api", __name__, url_prefix="/api/v1", description="After the entry into force: make-ready, installation, end"
)


def _moved(ref: str, use_case: Callable[[UnitOfWork, Any], int], command: Any) -> Response:
    return execute_once(use_case, command, lambda version: tagged(jsonify({"id": ref, "version": version}), version))


@blueprint.get("/agreements/<ref>/fulfilment")
@policy("agreement.view")
@answers(FULFILMENT)
def show(ref: str) -> Response:
    view = ask(fulfilment, ref)
    return tagged(jsonify(fulfilment_json(view)), view.version)


@blueprint.post("/agreements/<ref>/make-ready")
@policy("fulfilment.prepare")
@answers(MOVED)
@blueprint.arguments(MakeReadyIn)
def make_ready(body: dict[str, Any], ref: str) -> Response:
    row = ask(agreement_detail, ref).row
    known = {row.owner.ref: row.owner.id, row.requester.ref: row.requester.id}
    items = [
        MakeReady(one["title"], one["cause"], one["amount_minor"], _weights(one["weights"], known), one["violator"])
        for one in body["items"]
    ]
    return _moved(ref, start_make_ready, StartMakeReady(ref, items, body["due_on"], expected_version()))


def _weights(given: list[dict[str, Any]], known: dict[str, int]) -> dict[int, int]:
    """Party → weight. Raises `not_found` for anybody else."""
    if any(one["party"] not in known for one in given):
        raise fail("not_found")
    return {known[one["party"]]: one["weight"] for one in given}


@blueprint.post("/agreements/<ref>/make-ready/<int:number>")
@policy("fulfilment.prepare")
@answers(MOVED)
@blueprint.arguments(SettleIn)
def settle(body: dict[str, Any], ref: str, number: int) -> Response:
    return _moved(ref, settle_item, SettleItem(ref, number, seen_version=expected_version(), **body))


@blueprint.post("/agreements/<ref>/installation")
@policy("fulfilment.install")
@answers(MOVED)
@blueprint.arguments(InstallIn)
def record_installation(body: dict[str, Any], ref: str) -> Response:
    built = {one["line"]: one["amounts"] for one in body["built"]}
    return _moved(ref, install, Install(ref, body["installed_on"], body["equipment"], built, expected_version()))


@blueprint.post("/agreements/<ref>/as-built")
@policy("fulfilment.accept")
@answers(MOVED)
@blueprint.arguments(AsBuiltIn)
def as_built(body: dict[str, Any], ref: str) -> Response:
    return _moved(ref, answer_installation, AnswerInstallation(ref, seen_version=expected_version(), **body))


@blueprint.post("/agreements/<ref>/end")
@policy("fulfilment.end")
@answers(MOVED)
@blueprint.arguments(EndIn)
def end(body: dict[str, Any], ref: str) -> Response:
    return _moved(ref, propose_end, ProposeEnd(ref, seen_version=expected_version(), **body))


@blueprint.post("/agreements/<ref>/end/answer")
@policy("fulfilment.end")
@answers(MOVED)
@blueprint.arguments(EndAnswerIn)
def end_answer(body: dict[str, Any], ref: str) -> Response:
    return _moved(ref, answer_end, AnswerEnd(ref, seen_version=expected_version(), **body))


@blueprint.post("/agreements/<ref>/removal")
@policy("fulfilment.remove")
@answers(MOVED)
@blueprint.arguments(RemovalIn)
def removal(body: dict[str, Any], ref: str) -> Response:
    return _moved(ref, declare_removal, Removal(ref, body["removed_on"], expected_version()))


@blueprint.post("/agreements/<ref>/removal/confirm")
@policy("fulfilment.remove")
@answers(MOVED)
def removal_confirm(ref: str) -> Response:
    return _moved(ref, confirm_removal, Removal(ref, None, expected_version()))


@blueprint.post("/agreements/<ref>/amend")
@policy("agreement.amend")
@answers(MOVED, 201)
@blueprint.arguments(AmendIn)
def amend(body: dict[str, Any], ref: str) -> Response:
    def created(made: Drafted) -> Response:
        response = jsonify({"id": made.ref, "version": made.version})
        response.status_code = 201
        response.headers["Location"] = url_for("agreements_api.show", ref=made.ref)
        return tagged(response, made.version)

    return execute_once(amend_agreement, AmendAgreement(ref, body["reason"], expected_version()), created)
