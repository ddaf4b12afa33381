"""Use cases of agency: let another organisation act for one's own, and end that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.accounts import rules
from app.accounts.directory import names, organisation_by_ref
from app.accounts.models import Agency
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.permission import Subject


@dataclass(frozen=True, slots=True)
class GrantAgency:
    """`ends` is exclusive; None: until it is ended."""

    principal_ref: str
    agent_ref: str
    starts: date
    ends: date | None = None
    regions: tuple[str, ...] = ()


def grant_agency(work: UnitOfWork, command: GrantAgency) -> str:
    """Let `agent` act for `principal`; both are told. The principal's own administrator; raises `invalid`, `agency_exists`."""
    principal = organisation_by_ref(work.session, command.principal_ref)
    work.permit("agency.grant", Subject(owner_id=principal.id, status=principal.status))
    agent = organisation_by_ref(work.session, command.agent_ref)
    rules.refuse(rules.agency_problems(principal.id, agent.id, agent.status, command.starts, command.ends, command.regions))
    running = work.session.scalar(
        select(Agency.id).where(
            Agency.principal_id == principal.id,
            Agency.agent_id == agent.id,
            Agency.ended_at.is_(None),
            (Agency.ends.is_(None)) | (Agency.ends > work.today),
        )
    )
    if running is not None:
        raise fail("agency_exists", agent=agent.name, principal=principal.name)
    made = Agency(
        principal_id=principal.id,
        agent_id=agent.id,
        starts=command.starts,
        ends=command.ends,
        regions=sorted(set(command.regions)),
        created_at=work.now,
        updated_at=None,
        ended_at=None,
    )
    work.session.add(made)
    work.session.flush()
    after = {
        "agent": agent.name,
        "starts": command.starts.isoformat(),
        "ends": command.ends.isoformat() if command.ends else None,
        "regions": made.regions,
    }
    work.emit(Event("agency.granted", "organisation", principal.ref, (principal.id, agent.id), after=after))
    return made.ref


@dataclass(frozen=True, slots=True)
class EndAgency:
    organisation_ref: str
    ref: str


def end_agency(work: UnitOfWork, command: EndAgency) -> None:
    """End an agency at once. An administrator of the principal or of the agent; raises `not_found`."""
    agency = work.session.scalar(select(Agency).where(Agency.ref == command.ref, Agency.ended_at.is_(None)))
    side = organisation_by_ref(work.session, command.organisation_ref)
    if agency is None or side.id not in (agency.principal_id, agency.agent_id):
        raise fail("not_found")
    work.permit("agency.end", Subject(owner_id=side.id, status=side.status))
    agency.ended_at = agency.updated_at = work.now
    known = names(work.session, [agency.principal_id, agency.agent_id])
    principal, agent = known[agency.principal_id], known[agency.agent_id]
    work.emit(Event("agency.ended", "organisation", principal.ref, (principal.id, agent.id), before={"agent": agent.name}))
