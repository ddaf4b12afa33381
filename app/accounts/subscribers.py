"""Accounts answers who can act on a notice; it listens to no event itself."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Organisation, User
from app.db.work import UnitOfWork
from app.kernel.actor import Role
from app.kernel.event import Event
from app.notices import Recipient, provide_recipients

CAN_ACT = (Role.ADMIN, Role.MANAGER, Role.OFFICER)


def people_who_can_act(session: Session, organisation_id: int) -> list[Recipient]:
    """The active members of an active organisation whose role decides; demo people have no mailbox."""
    rows = session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.ended_at.is_(None),
            User.status == "active",
            Organisation.status == "active",
            Membership.role.in_([role.value for role in CAN_ACT]),
            User.is_demo.is_(False),
        )
        .order_by(User.id)
    )
    return [Recipient(user.email, user.name, user.locale) for user in rows]


provide_recipients(people_who_can_act)
SUBSCRIBERS: list[Callable[[UnitOfWork, Event], None]] = []
