"""Whom a person may act for, and the actor that follows: own membership, or the principal of an agency.

An agent's role is lent: it never administers its principal's members, decides for a regulator, or leaves the regions of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.directory import competences_of, subtree_ids
from app.accounts.models import Agency, Membership, Organisation, User
from app.accounts.rules import LENT, meet
from app.kernel.actor import Actor, Role

# asked on every request: made once, since making them took longer than asking
_OWN = (
    select(Membership, Organisation)
    .join(Organisation, Organisation.id == Membership.organisation_id)
    .where(Membership.user_id == bindparam("user"), Membership.ended_at.is_(None), Organisation.status == "active")
    .order_by(Membership.id)
)
_PRINCIPAL = aliased(Organisation)
_LENT = (
    select(Agency, _PRINCIPAL)
    .join(_PRINCIPAL, _PRINCIPAL.id == Agency.principal_id)
    .where(
        Agency.agent_id.in_(bindparam("agents", expanding=True)),
        Agency.ended_at.is_(None),
        Agency.starts <= bindparam("today"),
        or_(Agency.ends.is_(None), Agency.ends > bindparam("today")),
        _PRINCIPAL.status == "active",
    )
    .order_by(_PRINCIPAL.name, Agency.id)
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One organisation that a person may act for. `agent`: the person's own organisation when it acts for another."""

    organisation: Organisation
    role: Role
    regions: frozenset[str]
    agent: Organisation | None = None


def choices(session: Session, user_id: int, today: date) -> list[Choice]:
    """Own memberships, oldest first, then principals by name. Deactivated organisations and ended agencies are left out."""
    own = [
        Choice(organisation, Role(membership.role), frozenset(membership.regions))
        for membership, organisation in session.execute(_OWN, {"user": user_id})
    ]
    taken = {choice.organisation.id for choice in own}
    lent = [choice for choice in _lent(session, own, today) if choice.organisation.id not in taken]
    return own + list({choice.organisation.id: choice for choice in reversed(lent)}.values())[::-1]


def _lent(session: Session, own: list[Choice], today: date) -> list[Choice]:
    by_agent = {choice.organisation.id: choice for choice in own if choice.role in LENT}
    if not by_agent:
        return []
    found = []
    for agency, organisation in session.execute(_LENT, {"agents": list(by_agent), "today": today}):
        held = by_agent[agency.agent_id]
        regions = meet(held.regions, frozenset(agency.regions))
        if regions is not None:
            found.append(Choice(organisation, LENT[held.role], regions, held.organisation))
    return found


def actor_for(session: Session, user: User, choice: Choice | None, scopes: frozenset[str] | None = None) -> Actor:
    """The actor of a person in one choice; without a choice, a person between two organisations."""
    if choice is None:
        return Actor(user_id=user.id, user_ref=user.ref, name=user.name, locale=user.locale, scopes=scopes)
    organisation, agent = choice.organisation, choice.agent
    return Actor(
        user_id=user.id,
        user_ref=user.ref,
        name=user.name,
        locale=user.locale,
        scopes=scopes,
        organisation_id=organisation.id,
        organisation_ref=organisation.ref,
        organisation_name=organisation.name,
        organisation_name_zh=organisation.name_zh,
        sector=organisation.sector,
        roles=frozenset({choice.role}),
        regions=choice.regions,
        subtree=subtree_ids(session, organisation.id),
        competences=competences_of(session, organisation.id) if agent is None else (),
        agent_id=agent.id if agent else None,
        agent_name=agent.name if agent else None,
        agent_name_zh=agent.name_zh if agent else None,
    )


def actor_again(session: Session, user_ref: str, organisation_ref: str | None, today: date) -> Actor | None:
    """Who asked for something that a job does later: the same person for the same organisation, with what they may do now;
    None when they may no longer act for it."""
    user = session.scalar(select(User).where(User.ref == user_ref, User.status == "active"))
    if user is None:
        return None
    try:
        return actor_for(session, user, choose(choices(session, user.id, today), organisation_ref))
    except LookupError:
        return None


def choose(found: list[Choice], organisation_ref: str | None) -> Choice | None:
    """The choice that is named, or the first when none is named. Raises `LookupError` when the named one is no longer open."""
    if organisation_ref is None:
        return found[0] if found else None
    for choice in found:
        if choice.organisation.ref == organisation_ref:
            return choice
    raise LookupError(organisation_ref)
