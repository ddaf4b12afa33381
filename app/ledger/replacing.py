"""Capacity of an amendment: it holds only what the agreement it replaces does not have, and takes that one's place at once; and
capacity that is given back before its time. Called inside use cases, like book.py; it authorises nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from app.catalogue.declaration import MILLI, Dimension, Sort
from app.catalogue.kinds import KINDS
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.timewindow import Window
from app.ledger.book import expire_overdue, sweep_at
from app.ledger.claiming import Holder, close, dimension_of, enter, lock, whole
from app.ledger.fitting import short
from app.ledger.models import Capacity
from app.ledger.queries import ClaimView, active, held_by
from app.ledger.rules import Taken, free_of, longest_run, peak_milli, pick_slots

Slots = dict[str, list[int]]
Key = tuple[int, str]  # asset, dimension


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one line of the amendment takes. `amounts`: dimension → milli; `limits`: the most that its listing opens."""

    asset_id: int
    kind: str
    amounts: Mapping[str, int]
    window: Window
    organisation_id: int | None = None
    listing_id: int | None = None
    limits: Mapping[str, int] | None = None


def hold_difference(
    work: UnitOfWork, wanted: Sequence[Wanted], holder: Holder, replaced: Holder, expires_at: datetime
) -> list[Slots]:
    """Hold for `holder` what `wanted` takes beyond the active claims of `replaced`, and return the slots of each line.

    A slot that is had already is kept where it is free for the whole new period. Raises `no_capacity`, judged as if what is
    replaced were free."""
    for asset_id in sorted({one.asset_id for one in wanted}):
        expire_overdue(work, asset_id)
    rows = {asset_id: lock(work, asset_id) for asset_id in sorted({one.asset_id for one in wanted})}
    old: dict[Key, list[ClaimView]] = defaultdict(list)
    for claim in held_by(work.session, replaced.type, replaced.ref):
        old[claim.asset_id, claim.dimension].append(claim)
    fresh: dict[Key, list[tuple[Wanted, Taken]]] = defaultdict(list)
    slots: list[Slots] = []
    for one in wanted:
        chosen: Slots = {}
        for name, amount in one.amounts.items():
            dimension, key = dimension_of(KINDS[one.kind], name), (one.asset_id, name)
            whole(dimension, amount)
            others = _others(work, one, name, replaced) + [part for _, part in fresh[key]]
            _check_limit(work, one, dimension, amount, replaced, fresh[key])
            picked = _pick(dimension, rows[one.asset_id].get(name), amount, others, one.window, old[key])
            if dimension.sort is Sort.SLOTS:
                chosen[name] = list(picked)
            fresh[key] += [(one, Taken(one.window, MILLI, slot)) for slot in picked] or [(one, Taken(one.window, amount))]
        slots.append(chosen)
    for (asset_id, name), parts in fresh.items():
        for slot, window, milli, one in _beyond(parts, old[asset_id, name]):
            via = replace(holder, organisation_id=one.organisation_id, listing_id=one.listing_id)
            enter(work, asset_id, name, slot, milli, window, "held", via, expires_at=expires_at)
    work.session.flush()
    sweep_at(work, expires_at)
    return slots


def take_place(work: UnitOfWork, wanted: Sequence[Wanted], slots: Sequence[Slots], holder: Holder, replaced: Holder) -> None:
    """Commit the lines of an amendment in place of everything that `replaced` and `holder` have. No instant between: one
    transaction."""
    assets = {claim.asset_id for who in (holder, replaced) for claim in held_by(work.session, who.type, who.ref)}
    for asset_id in sorted(assets | {one.asset_id for one in wanted}):
        lock(work, asset_id)
    for who in (holder, replaced):
        close(work, held_by(work.session, who.type, who.ref), "converted")
    for one, chosen in zip(wanted, slots, strict=True):
        via = replace(holder, organisation_id=one.organisation_id, listing_id=one.listing_id)
        for name, amount in one.amounts.items():
            parts: list[tuple[int | None, int]] = [(slot, MILLI) for slot in chosen.get(name, ())] or [(None, amount)]
            for slot, milli in parts:
                enter(work, one.asset_id, name, slot, milli, one.window, "committed", via)
    work.session.flush()


def cut_short(work: UnitOfWork, holder: Holder, day: date) -> list[ClaimView]:
    """Give back what `holder` has from `day` on; what it had before stands. Returns the claims that ended."""
    claims = held_by(work.session, holder.type, holder.ref)
    for asset_id in sorted({claim.asset_id for claim in claims}):
        lock(work, asset_id)
    ended = [claim for claim in held_by(work.session, holder.type, holder.ref) if claim.window.end > day]
    close(work, ended, "ended")
    for claim in ended:
        if claim.window.start < day:
            who = Holder(holder.type, holder.ref, claim.organisation_id, claim.listing_id)
            window = Window(claim.window.start, day)
            enter(work, claim.asset_id, claim.dimension, claim.slot, claim.amount_milli, window, claim.kind, who, note=claim.note)
    work.session.flush()
    return ended


def _others(work: UnitOfWork, one: Wanted, name: str, replaced: Holder) -> list[Taken]:
    """What everybody else takes of a dimension while the line lasts."""
    claims = active(work.session, one.asset_id, window=one.window, dimensions=(name,))
    return [Taken(c.window, c.amount_milli, c.slot, c.kind) for c in claims if not _held(c, replaced)]


def _held(claim: ClaimView, holder: Holder) -> bool:
    return (claim.holder_type, claim.holder_ref) == (holder.type, holder.ref)


def _check_limit(
    work: UnitOfWork,
    one: Wanted,
    dimension: Dimension,
    amount: int,
    replaced: Holder,
    fresh: Sequence[tuple[Wanted, Taken]],
) -> None:
    """`no_capacity` when the listing opens less than what would then go through it."""
    if one.limits is None or one.listing_id is None or dimension.name not in one.limits:
        return
    claims = active(work.session, one.asset_id, window=one.window, dimensions=(dimension.name,))
    through = [Taken(c.window, c.amount_milli) for c in claims if c.listing_id == one.listing_id and not _held(c, replaced)]
    through += [part for other, part in fresh if other.listing_id == one.listing_id]
    left = one.limits[dimension.name] - peak_milli(through, one.window)
    if amount > left:
        raise short(dimension, max(0, left), amount)


def _pick(
    dimension: Dimension,
    row: Capacity | None,
    amount: int,
    others: Sequence[Taken],
    window: Window,
    old: Sequence[ClaimView],
) -> tuple[int, ...]:
    """The slots of a line, those that are had already first; none of a quantity. Raises `no_capacity`."""
    if row is None:
        raise short(dimension, 0, amount)
    free = free_of(row.sort, row.total_milli, others, window)
    if dimension.sort is Sort.QUANTITY:
        if amount > free.free_milli:
            raise short(dimension, free.free_milli, amount)
        return ()
    count, had = amount // MILLI, {claim.slot for claim in old}
    kept = [slot for slot in free.free_slots if slot in had]
    if dimension.contiguous:
        chosen = pick_slots(kept, count, contiguous=True) or pick_slots(free.free_slots, count, contiguous=True)
    else:
        chosen = tuple(sorted([*kept, *(slot for slot in free.free_slots if slot not in had)][:count]))
    if chosen is None or len(chosen) < count:
        best = longest_run(free.free_slots) if dimension.contiguous else len(free.free_slots)
        raise short(dimension, best * MILLI, amount)
    return chosen


def _beyond(parts: Sequence[tuple[Wanted, Taken]], old: Sequence[ClaimView]) -> Iterator[tuple[int | None, Window, int, Wanted]]:
    """What the lines take beyond what is had, day by day: slot, window, milli, and the line that it is for.

    Per slot (None: a quantity) and stretch of days on which nothing changes: max(0, wanted − had)."""
    for slot in sorted({part.slot for _, part in parts}, key=lambda one: one or 0):
        mine = [(one, part) for one, part in parts if part.slot == slot]
        had = [Taken(claim.window, claim.amount_milli) for claim in old if claim.slot == slot]
        edges = {edge for taken in [*(part for _, part in mine), *had] for edge in (taken.window.start, taken.window.end)}
        pieces: list[tuple[Window, int]] = []
        for start, end in pairwise(sorted(edges)):
            wanted = sum(part.amount_milli for _, part in mine if start in part.window)
            more = wanted - sum(taken.amount_milli for taken in had if start in taken.window)
            if more > 0:
                if pieces and pieces[-1][0].end == start and pieces[-1][1] == more:
                    pieces[-1] = (Window(pieces[-1][0].start, end), more)
                else:
                    pieces.append((Window(start, end), more))
        for window, milli in pieces:
            yield slot, window, milli, next(one for one, part in mine if part.window.overlaps(window))


def check_unlapsed(work: UnitOfWork, holder: Holder, until: datetime | None) -> None:
    """`hold_lapsed` when the time of an amendment's hold is over, whether or not it had to hold anything."""
    if until is None or until <= work.database_now:
        raise fail("hold_lapsed")
    if any(
        claim.expires_at is not None and claim.expires_at <= work.database_now
        for claim in held_by(work.session, holder.type, holder.ref)
    ):
        raise fail("hold_lapsed")
