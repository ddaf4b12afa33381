"""Bundles: needs of one organisation that are useful only together."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.needs.models import Bundle, Need


@dataclass(frozen=True, slots=True)
class MakeBundle:
    name: str
    need_refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DissolveBundle:
    ref: str


def make_bundle(work: UnitOfWork, command: MakeBundle) -> str:
    """Tie open needs of the organisation acted for together. A need is in one bundle at most. Returns the bundle's ref."""
    organisation_id = work.actor.organisation_id
    work.permit("bundle.edit", Subject(requester_id=organisation_id))
    needs = work.session.scalars(select(Need).where(Need.ref.in_(command.need_refs))).all()
    if len(needs) != len(set(command.need_refs)) or any(n.organisation_id not in work.actor.subtree for n in needs):
        raise fail("not_found")
    if len(needs) < 2 or any(n.bundle_id is not None or n.status == "left" for n in needs):
        raise fail("conflict")
    bundle = Bundle(organisation_id=organisation_id, name=command.name, created_at=work.now)
    work.session.add(bundle)
    work.session.flush()
    for need in needs:
        need.bundle_id, need.version, need.updated_at = bundle.id, need.version + 1, work.now
    work.emit(
        Event(
            "bundle.made",
            "bundle",
            bundle.ref,
            (bundle.organisation_id,),
            after={"name": bundle.name, "needs": sorted(command.need_refs)},
        )
    )
    return bundle.ref


def dissolve_bundle(work: UnitOfWork, command: DissolveBundle) -> None:
    """Let the needs of a bundle stand alone again."""
    bundle = work.session.scalar(select(Bundle).where(Bundle.ref == command.ref))
    if bundle is None:
        raise fail("not_found")
    work.permit("bundle.edit", Subject(requester_id=bundle.organisation_id))
    refs = work.session.scalars(select(Need.ref).where(Need.bundle_id == bundle.id)).all()
    work.session.execute(
        update(Need).where(Need.bundle_id == bundle.id).values(bundle_id=None, version=Need.version + 1, updated_at=work.now)
    )
    work.emit(
        Event(
            "bundle.dissolved",
            "bundle",
            bundle.ref,
            (bundle.organisation_id,),
            before={"name": bundle.name, "needs": sorted(refs)},
        )
    )
