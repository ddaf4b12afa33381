"""What owners give in an allocation, and what changes from one allocation to another. For who may see them whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import OrganisationName
from app.db.work import Reader
from app.kernel.errors import fail
from app.listings import Listing
from app.matching.allocating.models import AllocationLine, AllocationNeed
from app.matching.allocating.queries import RunView, run_detail, whole_run
from app.matching.faces import ListingFace, faces_of
from app.needs import NeedView, needs_by_ids

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class OwnerUse:
    """What an owner gives in a run. `owner` None: all that the viewer may not see, together."""

    owner: OrganisationName | None
    listings: int
    needs: int
    units: Mapping[str, int]  # by kind, in its counted unit


def owner_use(reader: Reader, ref: str) -> list[OwnerUse]:
    """What each owner gives, the most first; listings that the viewer may not see stand together, without a name."""
    run = whole_run(reader, ref)
    columns = (AllocationLine.listing_id, AllocationLine.need_id, AllocationLine.quantity, Listing.kind)
    lines = reader.session.execute(
        select(*columns).join(Listing, Listing.id == AllocationLine.listing_id).where(AllocationLine.run_id == run.id)
    ).all()
    ids = sorted({line.listing_id for line in lines})
    faces: dict[int, ListingFace] = {}
    for begin in range(0, len(ids), CHUNK):
        faces |= faces_of(reader, ids[begin : begin + CHUNK])
    owners = {face.owner.id: face.owner for face in faces.values()}
    grouped: dict[int | None, list[Any]] = {}
    for line in lines:
        face = faces.get(line.listing_id)
        grouped.setdefault(face.owner.id if face else None, []).append(line)
    found = [_use(owners.get(key) if key else None, rows) for key, rows in grouped.items()]
    return sorted(found, key=lambda use: (use.owner is None, -use.needs, use.owner.ref if use.owner else ""))


def _use(owner: OrganisationName | None, rows: list[Any]) -> OwnerUse:
    units: dict[str, int] = {}
    for row in rows:
        units[row.kind] = units.get(row.kind, 0) + row.quantity
    return OwnerUse(owner, len({r.listing_id for r in rows}), len({r.need_id for r in rows}), units)


@dataclass(frozen=True, slots=True)
class Difference:
    """One need that two runs treat differently. `change`: gained, lost, more, less, moved."""

    need: NeedView | None
    change: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs beside each other; `left` is the one compared with. Only needs that are in both are compared."""

    left: RunView
    right: RunView
    counts: Mapping[str, int]  # by change; also `same`, `only_left`, `only_right`
    differences: tuple[Difference, ...]
    owners: tuple[tuple[OrganisationName | None, OwnerUse | None, OwnerUse | None], ...]


def compare(reader: Reader, left: str, right: str, limit: int = 200) -> Comparison:
    """What changes from one run to another. Both must be visible as a whole."""
    runs = [whole_run(reader, ref) for ref in (left, right)]
    for run in runs:
        if run.status != "done":
            raise fail("not_found")
    (one, of_one), (two, of_two) = (_given(reader.session, run.id) for run in runs)
    changes = {n: _change((one[n], of_one.get(n, {})), (two[n], of_two.get(n, {}))) for n in one.keys() & two.keys()}
    counts = dict.fromkeys(("gained", "lost", "more", "less", "moved", "same"), 0)
    for change in changes.values():
        counts[change] += 1
    counts |= {"only_left": len(one.keys() - two.keys()), "only_right": len(two.keys() - one.keys())}
    order = list(counts)
    told = sorted((n for n, change in changes.items() if change != "same"), key=lambda n: (order.index(changes[n]), n))[:limit]
    needs = needs_by_ids(reader, told)
    return Comparison(
        run_detail(reader, left),
        run_detail(reader, right),
        counts,
        tuple(Difference(needs.get(n), changes[n], one[n], two[n]) for n in told),
        _owners(reader, left, right),
    )


def _given(session: Session, run_id: int) -> tuple[dict[int, int], dict[int, dict[int, int]]]:
    """(need → units given, need → listing → units)."""
    given = select(AllocationNeed.need_id, AllocationNeed.given).where(AllocationNeed.run_id == run_id)
    lines: dict[int, dict[int, int]] = {}
    columns = (AllocationLine.need_id, AllocationLine.listing_id, AllocationLine.quantity)
    for need, listing, quantity in session.execute(select(*columns).where(AllocationLine.run_id == run_id)):
        lines.setdefault(need, {})[listing] = quantity
    return dict(session.execute(given).all()), lines


def _change(before: tuple[int, dict[int, int]], after: tuple[int, dict[int, int]]) -> str:
    rules: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("same", lambda: before == after),
        ("gained", lambda: before[0] == 0),
        ("lost", lambda: after[0] == 0),
        ("more", lambda: after[0] > before[0]),
        ("less", lambda: after[0] < before[0]),
    )
    return next((name for name, holds in rules if holds()), "moved")


def _owners(
    reader: Reader, left: str, right: str
) -> tuple[tuple[OrganisationName | None, OwnerUse | None, OwnerUse | None], ...]:
    uses = [{u.owner.id if u.owner else None: u for u in owner_use(reader, ref)} for ref in (left, right)]
    keys = list(dict.fromkeys([*uses[0], *uses[1]]))
    found = []
    for key in keys:
        pair = (uses[0].get(key), uses[1].get(key))
        known = pair[0] or pair[1]
        found.append((known.owner if known else None, *pair))
    return tuple(found)
