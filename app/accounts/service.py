"""Making organisations, people, memberships and competences: one way for use cases, commands, demo data, imports and tests.

These run inside the caller's unit of work and emit its events; who may is the caller's question.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from app.accounts import rules
from app.accounts.models import CompetenceGrant, Membership, Organisation, User
from app.accounts.passwords import hash_password
from app.db.work import Reader, UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event


def create_organisation(
    work: UnitOfWork,
    *,
    name: str,
    sector: str,
    kind: str = "company",
    name_zh: str | None = None,
    short_name: str | None = None,
    parent: Organisation | None = None,
    home_region: str | None = None,
    profile: str = "cn-default",
    is_demo: bool = False,
    ref: str | None = None,
) -> Organisation:
    """Add an organisation. Raises `invalid` naming every field that is wrong."""
    rules.refuse(rules.organisation_problems(name, sector, kind, home_region))
    made = Organisation(
        name=name.strip(),
        name_zh=name_zh or None,
        short_name=short_name or None,
        sector=sector,
        kind=kind,
        home_region=home_region or None,
        parent_id=parent.id if parent else None,
        profile=profile,
        is_demo=is_demo,
        created_at=work.now,
        updated_at=None,
        status="active",
    )
    if ref is not None:
        made.ref = ref
    work.session.add(made)
    work.session.flush()
    after = {"name": made.name, "sector": sector, "kind": kind, "parent": parent.ref if parent else None}
    work.emit(Event("organisation.created", "organisation", made.ref, (made.id,), after=after, region=made.home_region))
    return made


def create_person(
    work: UnitOfWork,
    *,
    email: str,
    name: str,
    password: str | None = None,
    locale: str = "zh_CN",
    is_demo: bool = False,
    password_hash: str | None = None,
) -> User:
    """Add a person; without a password nobody can sign in until one is set. `password_hash` spares demo data the hashing."""
    email = rules.clean_email(email)
    check_person(work, email=email, name=name, password=password, locale=locale)
    made = User(
        email=email,
        name=name.strip(),
        locale=locale,
        is_demo=is_demo,
        status="active",
        session_epoch=0,
        created_at=work.now,
        updated_at=None,
        password_hash=password_hash if password is None else hash_password(password),
    )
    work.session.add(made)
    work.session.flush()
    work.emit(Event("person.created", "person", made.ref, after={"name": made.name}))
    return made


def check_person(reader: Reader, *, email: str, name: str, password: str | None, locale: str = "zh_CN") -> None:
    """Whether a person could be added so. Raises `invalid` naming every field that is wrong, `email_taken`."""
    email = rules.clean_email(email)
    rules.refuse(
        [
            *rules.email_problems(email),
            *rules.name_problems(name),
            *rules.locale_problems(locale),
            *(rules.password_problems(password, email) if password is not None else ()),
        ]
    )
    if person_by_email(reader, email) is not None:
        raise fail("email_taken", [rules.problem("/email", "There is an account with this e-mail already.", "该邮箱已有账号。")])


def person_by_email(reader: Reader, email: str) -> User | None:
    return reader.session.scalar(select(User).where(User.email == rules.clean_email(email)))


def add_membership(
    work: UnitOfWork, person: User, organisation: Organisation, role: str, regions: Iterable[str] = ()
) -> Membership:
    """Give a person the role in an organisation. Raises `role_not_granted` or `already_member`."""
    limited = sorted(set(regions))
    rules.refuse(rules.region_problems(limited))
    rules.check_role(role, organisation.kind, by_platform=True)
    if active_membership(work, person.id, organisation.id) is not None:
        raise fail("already_member", name=person.name, organisation=organisation.name)
    made = Membership(
        user_id=person.id,
        organisation_id=organisation.id,
        role=str(role),
        regions=limited,
        created_at=work.now,
        updated_at=None,
        ended_at=None,
    )
    work.session.add(made)
    work.session.flush()
    after = {"person": person.name, "role": str(role), "regions": limited}
    work.emit(Event("member.joined", "organisation", organisation.ref, (organisation.id,), after=after))
    return made


def active_membership(work: UnitOfWork, user_id: int, organisation_id: int) -> Membership | None:
    return work.session.scalar(
        select(Membership).where(
            Membership.user_id == user_id, Membership.organisation_id == organisation_id, Membership.ended_at.is_(None)
        )
    )


def leading_members(work: UnitOfWork, organisation_id: int) -> int:
    """How many active people administer the whole organisation. Locks it: two who leave at once do not count each other."""
    work.session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
    limits = work.session.scalars(
        select(Membership.regions)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.ended_at.is_(None),
            User.status == "active",
            Membership.role.in_(sorted(rules.LEADING)),
        )
    )
    return sum(not regions for regions in limits)


def grant_competence(
    work: UnitOfWork,
    organisation: Organisation,
    *,
    authority: str,
    level: str,
    sectors: Iterable[str],
    regions: Iterable[str],
    host_kinds: Iterable[str] = (),
) -> CompetenceGrant:
    """Say what a regulator may decide. Raises `invalid`."""
    of_sectors, in_regions, kinds = sorted(set(sectors)), sorted(set(regions)), sorted(set(host_kinds))
    rules.refuse(rules.competence_problems(organisation.kind, authority, level, of_sectors, in_regions, kinds))
    made = CompetenceGrant(
        organisation_id=organisation.id,
        authority=authority,
        level=level,
        sectors=of_sectors,
        regions=in_regions,
        host_kinds=kinds,
    )
    work.session.add(made)
    work.session.flush()
    work.emit(Event("competence.granted", "organisation", organisation.ref, (organisation.id,), after=competence_facts(made)))
    return made


def competence_facts(grant: CompetenceGrant) -> dict[str, object]:
    """A competence as the record shows it."""
    return {
        "authority": grant.authority,
        "level": grant.level,
        "sectors": list(grant.sectors),
        "regions": list(grant.regions),
        "host_kinds": list(grant.host_kinds),
    }
