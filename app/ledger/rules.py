"""The arithmetic of capacity over time: pure. Peak of quantities, slots free throughout, which slots to take, the profile of
a dimension.

Amounts are whole thousandths of the dimension's unit; a slot is one thousand. Windows are half-open days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from itertools import pairwise

from app.catalogue.declaration import MILLI, MOST_SLOTS
from app.kernel.errors import declare
from app.kernel.timewindow import Window

declare(
    "no_capacity",
    HTTPStatus.CONFLICT,
    "{dimension}: {asked} asked, only {free} free for the whole period.",
    "{dimension}：所需 {asked}，全程空闲只有 {free}。",
)
declare(
    "structure_full",
    HTTPStatus.CONFLICT,
    "The structure would carry {would} of what it can: {taken} is taken by existing, reserved, held and pending loads, {asked} "
    "({share}) is asked, {free} is free.",
    "结构利用率将达 {would}：现有、自留、预留和待审批荷载已占 {taken}，所需 {asked}（{share}），剩余 {free}。",
)
declare(
    "capacity_in_use",
    HTTPStatus.CONFLICT,
    "{dimension}: {wanted} is not possible, {taken} is taken by: {holders}.",
    "{dimension}：无法改为 {wanted}，已占用 {taken}，占用方：{holders}。",
)
declare(
    "hold_lapsed",
    HTTPStatus.CONFLICT,
    "The capacity is no longer held: the hold ended or expired.",
    "容量预留已结束或过期，不再保留。",
)
declare(
    "not_a_dimension",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "“{dimension}” is no capacity of this kind of asset.",
    "该类资产没有“{dimension}”这一容量。",
)
declare(
    "slots_only_whole",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "{dimension} is counted: give a whole number.",
    "{dimension}按个数计：请填整数。",
)
declare(
    "total_too_high",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "{dimension}: no asset has more than {most}.",
    "{dimension}：任何设施都不超过 {most}。",
)
declare(
    "not_yet_available",
    HTTPStatus.CONFLICT,
    "The asset is not available before {available}: it cannot be held from {start} on.",
    "该设施 {available} 起方可使用，不能自 {start} 起预留。",
)
declare("amount_missing", HTTPStatus.UNPROCESSABLE_ENTITY, "Say how much of which capacity.", "请填写容量及数量。")


@dataclass(frozen=True, slots=True)
class Taken:
    """An active claim, as the arithmetic sees it."""

    window: Window
    amount_milli: int
    slot: int | None = None
    kind: str = "held"


@dataclass(frozen=True, slots=True)
class Free:
    """What is free of one dimension in a window. For a quantity, `free_milli` at the tightest day; for slots, those free
    throughout."""

    total_milli: int
    peak_milli: int
    free_milli: int
    free_slots: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of days on which nothing changes: what each kind of claim takes, and what is free."""

    start: date
    end: date
    taken: Mapping[str, int] = field(default_factory=dict)
    free_milli: int = 0


def peak_milli(claims: Iterable[Taken], window: Window) -> int:
    """The highest sum of the claims on any day of `window`. O(n log n)."""
    edges: list[tuple[date, int]] = []
    for claim in claims:
        inside = claim.window.intersection(window)
        if inside is not None:
            edges += [(inside.start, claim.amount_milli), (inside.end, -claim.amount_milli)]
    running = highest = 0
    for _, delta in sorted(edges):  # an end (negative) comes before a start on the same day: windows are half-open
        running += delta
        highest = max(highest, running)
    return highest


def slots_free(total_milli: int, claims: Iterable[Taken], window: Window) -> tuple[int, ...]:
    """The slots that no claim touches on any day of `window`, in order. At most `MOST_SLOTS` are numbered, whatever is stored."""
    busy = {claim.slot for claim in claims if claim.slot is not None and claim.window.overlaps(window)}
    return tuple(slot for slot in range(1, min(total_milli // MILLI, MOST_SLOTS) + 1) if slot not in busy)


def free_of(sort: str, total_milli: int, claims: Sequence[Taken], window: Window) -> Free:
    """What is free of a dimension of `sort` in `window`."""
    peak = peak_milli(claims, window)
    if sort == "slots":
        slots = slots_free(total_milli, claims, window)
        return Free(total_milli, peak, len(slots) * MILLI, slots)
    return Free(total_milli, peak, max(0, total_milli - peak))


def pick_slots(free: Sequence[int], count: int, *, contiguous: bool = False, highest: bool = False) -> tuple[int, ...] | None:
    """The `count` slots to take of the free ones: the lowest (or highest), as one unbroken run where they must be neighbours."""
    order = sorted(free, reverse=highest)
    if not contiguous:
        return tuple(sorted(order[:count])) if len(order) >= count else None
    for place in range(len(order) - count + 1):
        run = order[place : place + count]
        if abs(run[-1] - run[0]) == count - 1:
            return tuple(sorted(run))
    return None


def longest_run(free: Iterable[int]) -> int:
    """Length of the longest unbroken run of slots."""
    best = length = 0
    before: int | None = None
    for slot in sorted(free):
        length = length + 1 if before is not None and slot == before + 1 else 1
        best, before = max(best, length), slot
    return best


def steps_of(total_milli: int, claims: Sequence[Taken], window: Window) -> list[Step]:
    """The profile of a dimension over `window`: free + all claims = total on every step. O(n · steps)."""
    inside = [claim for claim in claims if claim.window.overlaps(window)]
    days = {window.start, window.end}
    for claim in inside:
        days |= {max(claim.window.start, window.start), min(claim.window.end, window.end)}
    edges = sorted(days)
    return [_step(total_milli, inside, start, end) for start, end in pairwise(edges)]


def _step(total_milli: int, claims: Sequence[Taken], start: date, end: date) -> Step:
    taken: dict[str, int] = {}
    for claim in claims:
        if start in claim.window:
            taken[claim.kind] = taken.get(claim.kind, 0) + claim.amount_milli
    return Step(start, end, taken, total_milli - sum(taken.values()))
