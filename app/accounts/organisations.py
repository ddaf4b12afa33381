"""Use cases of an organisation: create, edit, place in the tree, deactivate; and a regulator's competences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts import rules, service
from app.accounts.directory import organisation_by_ref, subtree_ids
from app.accounts.models import CompetenceGrant, Organisation
from app.catalogue.profiles import get_profile
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event, changes
from app.kernel.permission import Subject
from app.kernel.version import check_version


@dataclass(frozen=True, slots=True)
class Governed:
    """What only the platform's administrator sets."""

    sector: str
    kind: str
    profile: str
    parent_ref: str | None = None


@dataclass(frozen=True, slots=True)
class CreateOrganisation:
    name: str
    governed: Governed
    name_zh: str | None = None
    short_name: str | None = None
    home_region: str | None = None


def create(work: UnitOfWork, command: CreateOrganisation) -> str:
    """Add an organisation and return its ref. The platform's administrator; raises `invalid`."""
    work.permit("organisation.create")
    held = command.governed
    get_profile(held.profile)
    parent = organisation_by_ref(work.session, held.parent_ref) if held.parent_ref else None
    return service.create_organisation(
        work,
        name=command.name,
        name_zh=command.name_zh,
        short_name=command.short_name,
        sector=held.sector,
        kind=held.kind,
        parent=parent,
        home_region=command.home_region,
        profile=held.profile,
    ).ref


@dataclass(frozen=True, slots=True)
class EditOrganisation:
    """`governed` None: as it is."""

    ref: str
    version: int | None
    name: str
    name_zh: str | None = None
    short_name: str | None = None
    home_region: str | None = None
    governed: Governed | None = None


def edit(work: UnitOfWork, command: EditOrganisation) -> int:
    """Change an organisation and return its new version. Its administrator: names and seat; the platform's: everything."""
    organisation = organisation_by_ref(work.session, command.ref)
    work.permit("organisation.edit", _subject(organisation))
    if command.governed is not None:
        work.permit("organisation.govern", _subject(organisation))
    check_version(command.version, organisation.version)
    before = facts(work, organisation)
    held = command.governed or Governed(organisation.sector, organisation.kind, organisation.profile)
    rules.refuse(
        [
            *rules.organisation_problems(command.name, held.sector, held.kind, command.home_region),
            *(rules.name_problems(command.name_zh, rules.ORGANISATION_NAME_MAX, "/name_zh") if command.name_zh else ()),
            *(rules.name_problems(command.short_name, 80, "/short_name") if command.short_name else ()),
        ]
    )
    organisation.name, organisation.name_zh = command.name.strip(), command.name_zh or None
    organisation.short_name, organisation.home_region = command.short_name or None, command.home_region or None
    if command.governed is not None:
        _govern(work, organisation, command.governed)
    organisation.version += 1
    organisation.updated_at = work.now
    _announce(work, "organisation.edited", organisation, before, facts(work, organisation))
    return organisation.version


def _govern(work: UnitOfWork, organisation: Organisation, held: Governed) -> None:
    get_profile(held.profile)
    parent = organisation_by_ref(work.session, held.parent_ref) if held.parent_ref else None
    if parent is not None and parent.id in subtree_ids(work.session, organisation.id):
        raise fail(
            "parent_loop", [rules.problem("/parent", "It stands below this organisation.", "该单位隶属于本单位。", "parent_loop")]
        )
    organisation.sector, organisation.kind, organisation.profile = held.sector, held.kind, held.profile
    organisation.parent_id = parent.id if parent else None


@dataclass(frozen=True, slots=True)
class SetStatus:
    ref: str
    status: str  # active, deactivated


def set_status(work: UnitOfWork, command: SetStatus) -> None:
    """Deactivate an organisation, so that nobody acts for it, or take it back. The platform's administrator; not for its own."""
    organisation = organisation_by_ref(work.session, command.ref)
    work.permit("organisation.govern", _subject(organisation))
    if organisation.id == work.actor.organisation_id:
        raise fail("last_admin", organisation=organisation.name)
    if organisation.status == command.status:
        return
    before = {"status": organisation.status}
    organisation.status, organisation.updated_at = command.status, work.now
    organisation.version += 1
    action = "organisation.deactivated" if command.status == "deactivated" else "organisation.reactivated"
    _announce(work, action, organisation, before, {"status": command.status})


@dataclass(frozen=True, slots=True)
class GrantCompetence:
    organisation_ref: str
    authority: str
    level: str
    sectors: tuple[str, ...]
    regions: tuple[str, ...]
    host_kinds: tuple[str, ...] = ()


def grant(work: UnitOfWork, command: GrantCompetence) -> str:
    """Give a regulator a competence and return its ref. The platform's administrator; raises `invalid`."""
    organisation = organisation_by_ref(work.session, command.organisation_ref)
    work.permit("organisation.govern", _subject(organisation))
    return service.grant_competence(
        work,
        organisation,
        authority=command.authority,
        level=command.level,
        sectors=command.sectors,
        regions=command.regions,
        host_kinds=command.host_kinds,
    ).ref


@dataclass(frozen=True, slots=True)
class EndCompetence:
    organisation_ref: str
    ref: str


def end_competence(work: UnitOfWork, command: EndCompetence) -> None:
    """Take a competence away; decisions made under it stand. Raises `not_found`."""
    organisation = organisation_by_ref(work.session, command.organisation_ref)
    work.permit("organisation.govern", _subject(organisation))
    held = work.session.scalar(
        select(CompetenceGrant).where(CompetenceGrant.ref == command.ref, CompetenceGrant.organisation_id == organisation.id)
    )
    if held is None:
        raise fail("not_found")
    before = service.competence_facts(held)
    work.session.delete(held)
    _announce(work, "competence.ended", organisation, before, {})


def facts(work: UnitOfWork, organisation: Organisation) -> dict[str, object]:
    """An organisation as the record shows it."""
    parent = work.session.get(Organisation, organisation.parent_id) if organisation.parent_id else None
    return {
        "name": organisation.name,
        "name_zh": organisation.name_zh,
        "short_name": organisation.short_name,
        "sector": organisation.sector,
        "kind": organisation.kind,
        "profile": organisation.profile,
        "home_region": organisation.home_region,
        "parent": parent.ref if parent else None,
    }


def _announce(
    work: UnitOfWork, action: str, organisation: Organisation, before: Mapping[str, object], after: Mapping[str, object]
) -> None:
    work.emit(Event(action, "organisation", organisation.ref, (organisation.id,), *changes(before, after)))


def _subject(organisation: Organisation) -> Subject:
    return Subject(owner_id=organisation.id, status=organisation.status)
