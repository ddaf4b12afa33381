"""How things stand, in numbers, for who only looks: the evaluator and the administrator. Counts of the whole platform, no
asset among them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.access import AccessRequest
from app.accounts import Organisation
from app.agreements import Agreement
from app.approvals import Approval
from app.db.work import Reader
from app.kernel.text import Text
from app.listings import Listing
from app.needs import Need
from app.web.cards import Figure, page_url


def figures(reader: Reader) -> list[Figure]:
    """Empty for everybody else."""
    if not (reader.actor.is_evaluator or reader.actor.is_administrator):
        return []
    outcome = Need.outcome.in_(("served", "partly_served"))
    return [
        Figure(
            Text("Organisations", "单位"),
            _count(reader, Organisation.id, Organisation.status == "active"),
            href=page_url("accounts.organisations") if reader.actor.is_administrator else None,
        ),
        Figure(Text("Listings open", "开放的资源"), _count(reader, Listing.id, Listing.status == "published")),
        Figure(Text("Needs open", "未结的需求"), _count(reader, Need.id, Need.status.in_(("submitted", "published", "matched")))),
        Figure(
            Text("Needs served", "已满足的需求"), _count(reader, Need.id, outcome), Text("in full or in part", "全部或部分满足")
        ),
        Figure(Text("Requests in answer", "答复中的申请"), _count(reader, AccessRequest.id, AccessRequest.status == "submitted")),
        Figure(Text("Requests refused", "被拒绝的申请"), _count(reader, AccessRequest.id, AccessRequest.status == "refused")),
        Figure(Text("Approvals waiting", "待审批"), _count(reader, Approval.id, Approval.status == "waiting")),
        Figure(Text("Agreements in force", "生效的协议"), _count(reader, Agreement.id, Agreement.status == "in_force")),
    ]


def _count(reader: Reader, column: InstrumentedAttribute[int], condition: ColumnElement[bool]) -> int:
    return reader.session.scalar(select(func.count(column)).where(condition)) or 0
