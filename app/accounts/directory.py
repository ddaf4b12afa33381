"""Organisations as other features see them: names, subtrees, competences. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import CompetenceGrant, Membership, Organisation, User
from app.accounts.rules import depth
from app.kernel.actor import Competence, Role
from app.kernel.errors import fail
from app.kernel.permission import contains

LEVEL_ORDER = {"national": 0, "province": 1, "prefecture": 2}


@dataclass(frozen=True, slots=True)
class OrganisationName:
    id: int
    ref: str
    name: str
    name_zh: str | None
    sector: str
    kind: str
    profile: str

    def in_(self, locale: str) -> str:
        """The name in the language of the reader."""
        return self.name_zh if self.name_zh and locale.lower().startswith("zh") else self.name


def named(organisation: Organisation) -> OrganisationName:
    return OrganisationName(
        organisation.id,
        organisation.ref,
        organisation.name,
        organisation.name_zh,
        organisation.sector,
        organisation.kind,
        organisation.profile,
    )


def names(session: Session, ids: Iterable[int | None]) -> dict[int, OrganisationName]:
    """The names of organisations by id; ids that are None or unknown are left out."""
    wanted = {number for number in ids if number is not None}
    if not wanted:
        return {}
    return {row.id: named(row) for row in session.scalars(select(Organisation).where(Organisation.id.in_(wanted)))}


def people_names(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """The names of people by id; ids that are None or unknown are left out."""
    wanted = {number for number in ids if number is not None}
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(wanted))).all()) if wanted else {}


def organisation_by_ref(session: Session, ref: str) -> Organisation:
    """The organisation, or `not_found`."""
    found = session.scalar(select(Organisation).where(Organisation.ref == ref))
    if found is None:
        raise fail("not_found")
    return found


def all_organisations(session: Session, q: str | None = None) -> list[OrganisationName]:
    """The active organisations by name; `q`: part of a name in either language."""
    statement = select(Organisation).where(Organisation.status == "active").order_by(Organisation.name, Organisation.id)
    if q:
        statement = statement.where(name_like(q))
    return [named(row) for row in session.scalars(statement)]


def name_like(q: str) -> ColumnElement[bool]:
    """A condition: `q` is part of one of the organisation's names."""
    wanted = q.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return or_(
        *(
            column.ilike(f"%{wanted}%", escape="\\")
            for column in (Organisation.name, Organisation.name_zh, Organisation.short_name)
        )
    )


def subtree_ids(session: Session, organisation_id: int) -> frozenset[int]:
    """The organisation and all below it. A loop in the tree ends the walk (UNION, not UNION ALL)."""
    return frozenset(session.scalars(_below(), {"top": organisation_id}))


@cache
def _below() -> Select[int]:
    below = select(Organisation.id).where(Organisation.id == bindparam("top")).cte("below", recursive=True)
    below = below.union(select(Organisation.id).where(Organisation.parent_id == below.c.id))
    return select(below.c.id)


def above_ids(session: Session, organisation_id: int) -> frozenset[int]:
    """The organisation and all above it. A loop in the tree ends the walk."""
    up = select(Organisation.id, Organisation.parent_id).where(Organisation.id == organisation_id).cte("up", recursive=True)
    up = up.union(select(Organisation.id, Organisation.parent_id).where(Organisation.id == up.c.parent_id))
    return frozenset(session.scalars(select(up.c.id)))


def competence_of(grant: CompetenceGrant) -> Competence:
    return Competence(
        grant.organisation_id,
        grant.authority,
        grant.level,
        frozenset(grant.sectors),
        frozenset(grant.regions),
        frozenset(grant.host_kinds),
    )


def competences(session: Session) -> tuple[Competence, ...]:
    """Every competence of an active regulator, in the order of granting."""
    return tuple(competence_of(grant) for grant in session.scalars(_active_grants()))


def competences_of(session: Session, organisation_id: int) -> tuple[Competence, ...]:
    return tuple(competence_of(grant) for grant in session.scalars(_grants_of(), {"organisation": organisation_id}))


@cache
def _grants_of() -> Select[CompetenceGrant]:
    return _active_grants().where(CompetenceGrant.organisation_id == bindparam("organisation"))


def _active_grants() -> Select[CompetenceGrant]:
    return (
        select(CompetenceGrant)
        .join(Organisation, Organisation.id == CompetenceGrant.organisation_id)
        .where(Organisation.status == "active")
        .order_by(CompetenceGrant.id)
    )


def administration_of(session: Session, region: str) -> OrganisationName | None:
    """The nearest communications administration: the one whose region contains `region` most closely."""
    found = [
        (depth(outer), LEVEL_ORDER[held.level], -held.organisation_id)
        for held in competences(session)
        if held.authority == "communications"
        for outer in held.regions
        if contains(outer, region)
    ]
    if not found:
        return None
    nearest = -max(found)[2]
    return names(session, [nearest])[nearest]


@dataclass(frozen=True, slots=True)
class Officer:
    """A person who decides for an authority."""

    id: int
    ref: str
    name: str

    @property
    def pair(self) -> tuple[str, str]:
        """For a choice in a form."""
        return self.ref, self.name


def officers_of(session: Session, organisation_id: int) -> list[Officer]:
    """Who decides for the authority now, by name."""
    rows = session.execute(
        select(User.id, User.ref, User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.role == Role.OFFICER.value,
            Membership.ended_at.is_(None),
            User.status == "active",
        )
        .order_by(User.name, User.id)
    )
    return [Officer(row.id, row.ref, row.name) for row in rows]


def colleagues_of(session: Session, organisation_ids: Iterable[int], roles: Iterable[Role]) -> list[Officer]:
    """Who works for one of these organisations in one of these roles now, by name."""
    rows = session.execute(
        select(User.id, User.ref, User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id.in_(list(organisation_ids)),
            Membership.role.in_([role.value for role in roles]),
            Membership.ended_at.is_(None),
            User.status == "active",
        )
        .distinct()
        .order_by(User.name, User.id)
    )
    return [Officer(row.id, row.ref, row.name) for row in rows]


def mailbox_of(session: Session, person_id: int) -> str | None:
    """The address of an active person; demo people have no mailbox."""
    wanted = (User.id == person_id, User.status == "active", User.is_demo.is_(False))
    return session.scalar(select(User.email).where(*wanted))


def person_ref(session: Session, person_id: int) -> str | None:
    return session.scalar(select(User.ref).where(User.id == person_id))


def organisation_ref(session: Session, organisation_id: int) -> str | None:
    return session.scalar(select(Organisation.ref).where(Organisation.id == organisation_id))
