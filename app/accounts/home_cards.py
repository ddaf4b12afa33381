"""Home of the platform's administrator: organisations that nobody administers, and invitations that are still open."""

from __future__ import annotations

from sqlalchemy import exists, func, select

from app.accounts.models import Membership, OneTimeToken, Organisation, User
from app.db.work import Reader
from app.kernel.actor import Role
from app.kernel.text import Text
from app.web.cards import SHOWN, HomeCard, HomeRow, page_url

LED = exists(
    select(Membership.id)
    .join(User, User.id == Membership.user_id)
    .where(
        Membership.organisation_id == Organisation.id,
        Membership.ended_at.is_(None),
        User.status == "active",
        Membership.role.in_([Role.ADMIN.value, Role.ADMINISTRATOR.value]),
    )
)
UNATTENDED = (Organisation.status == "active", ~LED)


def unattended(reader: Reader) -> HomeCard | None:
    """Active organisations without a person who administers them."""
    if not reader.actor.is_administrator:
        return None
    wanted = UNATTENDED
    count = reader.session.scalar(select(func.count()).select_from(Organisation).where(*wanted)) or 0
    rows = reader.session.scalars(select(Organisation).where(*wanted).order_by(Organisation.name, Organisation.id).limit(SHOWN))
    return HomeCard(
        Text("Organisations without an administrator", "没有管理员的单位"),
        count,
        Text("Every organisation has an administrator.", "每个单位都有管理员。"),
        tuple(HomeRow(row.in_(reader.actor.locale), page_url("accounts.organisation", ref=row.ref)) for row in rows),
        page_url("accounts.organisations"),
        10,
    )


def invitations(reader: Reader) -> HomeCard | None:
    """Invitations that nobody has taken up yet."""
    if not reader.actor.is_administrator:
        return None
    open_ = (OneTimeToken.purpose == "invite", OneTimeToken.used_at.is_(None), OneTimeToken.expires_at > reader.now)
    count = reader.session.scalar(select(func.count()).select_from(OneTimeToken).where(*open_)) or 0
    rows = reader.session.execute(
        select(OneTimeToken, Organisation)
        .join(Organisation, Organisation.id == OneTimeToken.organisation_id)
        .where(*open_)
        .order_by(OneTimeToken.expires_at)
        .limit(SHOWN)
    )
    return HomeCard(
        Text("Open invitations", "未接受的邀请"),
        count,
        Text("No invitation is open.", "没有未接受的邀请。"),
        tuple(
            HomeRow(
                link.email,
                page_url("accounts.organisation", ref=organisation.ref),
                organisation.in_(reader.actor.locale),
                link.expires_at.date(),
            )
            for link, organisation in rows
        ),
        None,
        30,
    )


CARDS = [unattended, invitations]
