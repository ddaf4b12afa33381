"""Who sees which entry, how precisely: rules.visible_tier on rows, and the same rule as a condition in SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from app.accounts import Organisation
from app.db.containment import region_within_any
from app.db.work import Reader
from app.kernel.actor import Actor
from app.kernel.permission import Subject, within
from app.needs.models import Need
from app.needs.rules import Facts, visible_tier

NOWHERE = "-"  # a region that no regulator has


def subject_of(need: Need) -> Subject:
    """Whom the policies are about. A draft exists for its requester only."""
    return Subject(
        requester_id=need.organisation_id, region=NOWHERE if need.status == "draft" else need.region, status=need.status
    )


def _is_administration(actor: Actor, region: str) -> bool:
    return any(c.authority == "communications" and within(region, c.regions) for c in actor.competences)


def _is_regulator(actor: Actor, region: str) -> bool:
    return any(within(region, c.regions) for c in actor.competences)


def tier_seen(reader: Reader, need: Need, sector: str) -> str | None:
    """How precisely the actor sees this entry; None: not at all."""
    actor = reader.actor
    if actor.is_system:
        return "T3"
    if actor.is_anonymous:
        return None
    return visible_tier(
        Facts(
            status=need.status,
            outcome=need.outcome,
            tier=need.tier,
            same_tree=need.organisation_id in actor.subtree,
            same_sector=sector == actor.sector,
            is_administration=_is_administration(actor, need.region),
            is_regulator=_is_regulator(actor, need.region),
            is_evaluator=actor.is_evaluator,
        )
    )


def visible(reader: Reader, *, at_least: str = "T1") -> ColumnElement[bool]:
    """`tier_seen(...) >= at_least` (T1, T2 or T3) as a condition on `need`."""
    actor = reader.actor
    if actor.is_system:
        return true()
    if actor.is_anonymous:
        return false()
    parts: list[Any] = [Need.organisation_id.in_(actor.subtree)]
    parts += [and_(Need.status != "draft", _in(c.regions)) for c in actor.competences if c.authority == "communications"]
    parts += [and_(Need.status.not_in(("draft", "submitted")), _in(c.regions)) for c in actor.competences]
    if actor.is_evaluator:
        parts.append(Need.status.not_in(("draft", "submitted")))
    if at_least != "T3":
        rivals = select(Organisation.id).where(Organisation.sector == actor.sector)
        parts.append(and_(Need.status.not_in(("draft", "submitted")), Need.tier >= at_least, Need.organisation_id.not_in(rivals)))
    return or_(*parts)


def _in(regions: frozenset[str]) -> ColumnElement[bool]:
    return region_within_any(Need.region, regions) if regions else true()


def own(reader: Reader) -> ColumnElement[bool]:
    return true() if reader.actor.is_system else Need.organisation_id.in_(reader.actor.subtree)
