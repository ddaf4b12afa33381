"""Views of organisations: the directory, one organisation with its members, agents and competences, and forms' lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.accounts import rules
from app.accounts.directory import name_like, organisation_by_ref
from app.accounts.models import Agency, CompetenceGrant, Membership, OneTimeToken, Organisation, User
from app.catalogue.sectors import SECTORS
from app.db.paging import seek
from app.db.work import Reader
from app.kernel.actor import Role
from app.kernel.permission import REGISTRY, Subject, allowed
from app.kernel.text import Text
from app.web.pagination import Ask, Page


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    ref: str
    name: str
    name_zh: str | None
    title: str
    sector: Text
    sector_code: str
    kind: Text
    kind_code: str
    home_region: str | None
    profile: str
    status: str


@dataclass(frozen=True, slots=True)
class Filter:
    q: str = ""
    sector: str = ""
    kind: str = ""
    status: str = ""


def organisation_list(reader: Reader, wanted: Filter, ask: Ask) -> Page[OrganisationRow]:
    """The directory, by name. Who does not administer the platform sees the active ones."""
    reader.permit("organisation.list")
    statement = _filtered(reader, wanted)
    count = reader.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    key, back = ask.before or ask.after, ask.before is not None
    rows = list(
        reader.session.scalars(
            seek(statement, [(Organisation.name, False), (Organisation.id, False)], key, ask.limit, reverse=back)
        )
    )
    more, rows = len(rows) > ask.limit, rows[: ask.limit]
    rows = rows[::-1] if back else rows
    after = (rows[-1].name, rows[-1].id) if rows and (more or back) else None
    before = (rows[0].name, rows[0].id) if rows and (ask.after is not None or (back and more)) else None
    return Page([organisation_row(row, reader.actor.locale) for row in rows], count, after, before)


def _filtered(reader: Reader, wanted: Filter) -> Select[Organisation]:
    statement = select(Organisation)
    if wanted.q:
        statement = statement.where(name_like(wanted.q))
    if wanted.sector:
        statement = statement.where(Organisation.sector == wanted.sector)
    if wanted.kind:
        statement = statement.where(Organisation.kind == wanted.kind)
    if not reader.actor.is_administrator:
        return statement.where(Organisation.status == "active")
    return statement.where(Organisation.status == wanted.status) if wanted.status else statement


def organisation_row(row: Organisation, locale: str) -> OrganisationRow:
    return OrganisationRow(
        row.ref,
        row.name,
        row.name_zh,
        row.in_(locale),
        SECTORS[row.sector].label,
        row.sector,
        rules.KIND_NAMES[row.kind],
        row.kind,
        row.home_region,
        row.profile,
        row.status,
    )


@dataclass(frozen=True, slots=True)
class MemberRow:
    ref: str
    person_ref: str
    name: str
    email: str
    role: Text
    role_code: str
    regions: tuple[str, ...]
    since: datetime
    last_sign_in_at: datetime | None
    is_self: bool


@dataclass(frozen=True, slots=True)
class InvitationRow:
    ref: str
    email: str
    role: Text
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """`outward`: the other organisation acts for this one."""

    ref: str
    other_ref: str
    other: str
    outward: bool
    starts: date
    ends: date | None
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompetenceRow:
    ref: str
    authority: Text
    authority_code: str
    level: str
    sectors: tuple[Text, ...]
    sector_codes: tuple[str, ...]
    regions: tuple[str, ...]
    host_kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """`members`, `invitations`, `agencies`: None for who may not see them."""

    row: OrganisationRow
    short_name: str | None
    version: int
    subject: Subject
    parent: OrganisationRow | None
    children: tuple[OrganisationRow, ...]
    competences: tuple[CompetenceRow, ...]
    members: tuple[MemberRow, ...] | None
    invitations: tuple[InvitationRow, ...]
    agencies: tuple[AgencyRow, ...]
    roles: tuple[Role, ...]  # that the reader may give here


def organisation_view(reader: Reader, ref: str) -> OrganisationView:
    """One organisation. Members, invitations and agents only for its own people and the platform's administrator."""
    organisation = organisation_by_ref(reader.session, ref)
    subject = Subject(owner_id=organisation.id, status=organisation.status)
    reader.permit("organisation.view", subject)
    locale = reader.actor.locale
    inside = allowed(REGISTRY["member.list"], reader.actor, subject)
    parent = reader.session.get(Organisation, organisation.parent_id) if organisation.parent_id else None
    below = reader.session.scalars(
        select(Organisation).where(Organisation.parent_id == organisation.id).order_by(Organisation.name)
    )
    return OrganisationView(
        row=organisation_row(organisation, locale),
        short_name=organisation.short_name,
        version=organisation.version,
        subject=subject,
        parent=organisation_row(parent, locale) if parent else None,
        children=tuple(organisation_row(row, locale) for row in below),
        competences=_competences(reader, organisation.id),
        members=_members(reader, organisation.id) if inside else None,
        invitations=_invitations(reader, organisation.id) if inside else (),
        agencies=_agencies(reader, organisation.id) if inside else (),
        roles=tuple(rules.grantable_roles(organisation.kind, reader.actor.is_administrator)),
    )


def _competences(reader: Reader, organisation_id: int) -> tuple[CompetenceRow, ...]:
    held = reader.session.scalars(
        select(CompetenceGrant).where(CompetenceGrant.organisation_id == organisation_id).order_by(CompetenceGrant.id)
    )
    return tuple(
        CompetenceRow(
            g.ref,
            rules.AUTHORITY_NAMES[g.authority],
            g.authority,
            g.level,
            tuple(SECTORS[s].label for s in g.sectors),
            tuple(g.sectors),
            tuple(g.regions),
            tuple(g.host_kinds),
        )
        for g in held
    )


def _members(reader: Reader, organisation_id: int) -> tuple[MemberRow, ...]:
    rows: Any = reader.session.execute(
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organisation_id == organisation_id, Membership.ended_at.is_(None))
        .order_by(User.name, User.id)
    )
    return tuple(
        MemberRow(
            m.ref,
            u.ref,
            u.name,
            u.email,
            rules.ROLE_NAMES[Role(m.role)],
            m.role,
            tuple(m.regions),
            m.created_at,
            u.last_sign_in_at,
            u.id == reader.actor.user_id,
        )
        for m, u in rows
    )


def _invitations(reader: Reader, organisation_id: int) -> tuple[InvitationRow, ...]:
    rows = reader.session.scalars(
        select(OneTimeToken)
        .where(
            OneTimeToken.organisation_id == organisation_id,
            OneTimeToken.purpose == "invite",
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > reader.now,
        )
        .order_by(OneTimeToken.id)
    )
    return tuple(InvitationRow(row.ref, row.email, rules.ROLE_NAMES[Role(row.role or "viewer")], row.expires_at) for row in rows)


def _agencies(reader: Reader, organisation_id: int) -> tuple[AgencyRow, ...]:
    rows: Any = reader.session.execute(
        select(Agency, Organisation)
        .join(Organisation, Organisation.id.in_([Agency.principal_id, Agency.agent_id]))
        .where(
            (Agency.principal_id == organisation_id) | (Agency.agent_id == organisation_id),
            Organisation.id != organisation_id,
            Agency.ended_at.is_(None),
            (Agency.ends.is_(None)) | (Agency.ends > reader.today),
        )
        .order_by(Agency.id)
    )
    return tuple(
        AgencyRow(a.ref, o.ref, o.in_(reader.actor.locale), a.principal_id == organisation_id, a.starts, a.ends, tuple(a.regions))
        for a, o in rows
    )


def organisation_options(reader: Reader) -> list[tuple[str, str]]:
    """(ref, name) of the active organisations, for a choice in a form."""
    reader.permit("organisation.list")
    rows = reader.session.scalars(
        select(Organisation).where(Organisation.status == "active").order_by(Organisation.name, Organisation.id)
    )
    return [(row.ref, row.in_(reader.actor.locale)) for row in rows]
