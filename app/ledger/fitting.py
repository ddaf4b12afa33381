"""Whether an amount fits into what is free, and which slots it gets: pure, given the claims of its window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from app.catalogue.declaration import MILLI, Dimension, Sort
from app.kernel.errors import DomainError, fail
from app.kernel.quantity import from_milli, written_quantity
from app.kernel.timewindow import Window
from app.ledger.models import Capacity
from app.ledger.queries import ClaimView, taken
from app.ledger.rules import free_of, longest_run, peak_milli, pick_slots

REPORT_HOLDER = "structure"  # of what a structural report has found in use (structure.py)


def is_report(claim: ClaimView) -> bool:
    return claim.holder_type == REPORT_HOLDER


def choose(
    dimension: Dimension,
    row: Capacity | None,
    amount: int,
    claims: Sequence[ClaimView],
    window: Window,
    highest: bool,
) -> tuple[int, ...]:
    """The slots to take (none of a quantity), or `no_capacity` with the numbers."""
    if row is None:
        raise short(dimension, 0, amount)
    free = free_of(row.sort, row.total_milli, taken(claims, dimension.name), window)
    if dimension.sort is Sort.QUANTITY:
        if amount > free.free_milli:
            raise _overloaded(dimension, row.total_milli, free.peak_milli, amount, claims)
        return ()
    chosen = pick_slots(free.free_slots, amount // MILLI, contiguous=dimension.contiguous, highest=highest)
    if chosen is None:
        best = longest_run(free.free_slots) if dimension.contiguous else len(free.free_slots)
        raise short(dimension, best * MILLI, amount)
    return chosen


def check_limit(
    dimension: Dimension,
    amount: int,
    claims: Sequence[ClaimView],
    window: Window,
    listing_id: int | None,
    limits: Mapping[str, int] | None,
) -> None:
    """`no_capacity` when the listing opens less than the `amount` and what is already taken through it."""
    if limits is None or dimension.name not in limits or listing_id is None:
        return
    through = [claim for claim in claims if claim.listing_id == listing_id]
    left = limits[dimension.name] - peak_milli(taken(through, dimension.name), window)
    if amount > left:
        raise short(dimension, max(0, left), amount)


def _overloaded(dimension: Dimension, total_milli: int, peak: int, asked: int, claims: Sequence[ClaimView]) -> DomainError:
    """`no_capacity`; where a structural report is behind it `structure_full`, with the shares that add up."""
    if not any(is_report(claim) and claim.dimension == dimension.name for claim in claims):
        return short(dimension, max(0, total_milli - peak), asked)
    return fail(
        "structure_full",
        name=dimension.name,
        taken=_per_cent(peak, total_milli),
        share=_per_cent(asked, total_milli),
        would=_per_cent(peak + asked, total_milli),
        free=written_quantity(from_milli(max(0, total_milli - peak)), dimension.unit),
        asked=written_quantity(from_milli(asked), dimension.unit),
        free_milli=max(0, total_milli - peak),
        asked_milli=asked,
    )


def _per_cent(part: int, total: int) -> str:
    """To a tenth, rounded up: what is over the limit never reads as within it."""
    return f"{Decimal(-(-part * 1000 // total)) / 10:g} %" if total else "100 %"


def short(dimension: Dimension, free_milli: int, asked_milli: int) -> DomainError:
    """`no_capacity`, with the numbers."""
    return fail(
        "no_capacity",
        name=dimension.name,
        dimension=dimension.label,
        free=written_quantity(from_milli(free_milli), dimension.unit),
        asked=written_quantity(from_milli(asked_milli), dimension.unit),
        free_milli=free_milli,
        asked_milli=asked_milli,
    )
