"""Tasks of access requests: the owner's check and answer, what the requester supplies or takes up, disputes to decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, and_, func, select

from app.access.clocks import ACCEPTANCE, ANSWER, CHECKS, ESCALATION, ESTIMATE, SETTLEMENT, SUBJECT, SURVEY
from app.access.models import AccessRequest, Offer
from app.db.containment import region_within_any
from app.db.work import Reader
from app.kernel.actor import Role
from app.kernel.permission import WRITERS
from app.kernel.text import Text
from app.needs import Need
from app.web.waiting import TaskKind, Waiting, task_kind

CHECK = task_kind(
    "access.check", Text("Check an access request for completeness", "核对接入申请是否完整"), WRITERS, "completeness"
)
REPLY = task_kind("access.answer", Text("Answer an access request", "答复接入申请"), WRITERS)
SUPPLY = task_kind("access.supply", Text("Supply what is missing from your request", "补正接入申请"), WRITERS)
TAKE_UP = task_kind("access.take_up", Text("Take up an offer", "接受要约"), WRITERS)
SETTLE = task_kind("access.settle", Text("Decide a dispute", "裁决争议"), frozenset({Role.OFFICER}))
HELD_UNTIL = Text("the offer holds its capacity until then", "要约在此之前保留容量")


def of_owner(reader: Reader) -> Iterator[Waiting]:
    actor = reader.actor
    mine: ColumnElement[bool] = AccessRequest.owner_id.in_(actor.subtree)
    if actor.regions:
        mine = and_(mine, region_within_any(AccessRequest.region, actor.regions))
    for request, title in _requests(reader, mine, "submitted", "complete"):
        check = request.status == "submitted" and request.completeness is None
        rules = (*CHECKS, ANSWER) if check else (ANSWER, ESCALATION, SURVEY, ESTIMATE)
        yield _task(CHECK if check else REPLY, request, title, request.owner_id, request.requester_id, rules)


def of_requester(reader: Reader) -> Iterator[Waiting]:
    mine = AccessRequest.requester_id.in_(reader.actor.subtree)
    for request, title in _requests(reader, mine, "incomplete"):
        yield _task(SUPPLY, request, title, request.requester_id, request.owner_id, ())
    held = select(AccessRequest.id, func.max(Offer.expires_at)).join(Offer, Offer.request_id == AccessRequest.id)
    held = held.where(mine, Offer.status == "open").group_by(AccessRequest.id)
    ends = dict(reader.session.execute(held).all())
    for request, title in _requests(reader, mine, "accepted", "countered"):
        until = ends.get(request.id)
        due_on = until.astimezone(reader.zone).date() if until is not None else None
        yield _task(TAKE_UP, request, title, request.requester_id, request.owner_id, (ACCEPTANCE,), due_on, HELD_UNTIL)


def of_settler(reader: Reader) -> Iterator[Waiting]:
    settled = AccessRequest.settler_id == reader.actor.organisation_id
    for request, title in _requests(reader, settled, "disputed"):
        assert request.settler_id is not None
        yield _task(SETTLE, request, title, request.settler_id, request.requester_id, (SETTLEMENT,))


def _requests(reader: Reader, mine: ColumnElement[bool], *states: str) -> list[tuple[AccessRequest, str]]:
    found = select(AccessRequest, Need.title).join(Need, Need.id == AccessRequest.need_id)
    return list(reader.session.execute(found.where(mine, AccessRequest.status.in_(states))))


def _task(
    kind: TaskKind,
    request: AccessRequest,
    title: str,
    organisation_id: int,
    other_id: int,
    rules: tuple[str, ...],
    due_on: date | None = None,
    why: Text | None = None,
) -> Waiting:
    return Waiting(
        kind,
        SUBJECT,
        request.ref,
        title,
        organisation_id,
        request.updated_at or request.submitted_at or request.created_at,
        request.region,
        other_id,
        rules,
        due_on,
        why if due_on else None,
        profile=request.profile,
        version=request.version,
    )


WAITING = [of_owner, of_requester, of_settler]
