"""Who settles a dispute about access: the communications administration of the region at the profile's level; where it is itself
a party, the next level up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.access.models import AccessRequest
from app.accounts import competences
from app.catalogue.profiles import get_profile
from app.catalogue.regions import LEVELS
from app.db.work import UnitOfWork
from app.kernel.actor import Competence
from app.kernel.permission import within


def candidates(level: str, region: str, held: Iterable[Competence], parties: frozenset[int]) -> list[tuple[str, int]]:
    """(level, organisation) of everybody who could settle, from `level` upwards, the nearest first. Pure."""
    able = [c for c in held if c.authority == "communications" and c.regions and within(region, c.regions)]
    upwards: Sequence[str] = LEVELS[: LEVELS.index(level) + 1][::-1]
    found = [(one, c.organisation_id) for one in upwards for c in able if c.level == one and c.organisation_id not in parties]
    return list(dict.fromkeys(found))


def _all(work: UnitOfWork, request: AccessRequest) -> list[tuple[str, int]]:
    parties = frozenset({request.owner_id, request.requester_id})
    level = get_profile(request.profile).competent_level
    return candidates(level, request.region, competences(work.session), parties)


def settler_of(work: UnitOfWork, request: AccessRequest) -> int | None:
    """The competent regulator; None: nobody is registered."""
    found = _all(work, request)
    return found[0][1] if found else None


def next_settler(work: UnitOfWork, request: AccessRequest, below: int) -> int | None:
    """The competent regulator on a higher level than `below`'s; None: there is none."""
    found = _all(work, request)
    levels = [level for level, organisation in found if organisation == below]
    higher = [org for level, org in found if not levels or LEVELS.index(level) < LEVELS.index(levels[0])]
    return higher[0] if higher else None
