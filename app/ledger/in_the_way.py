"""Who is in the way of a change that its owner wants: the claims that a lower total or a larger reserve would go below. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.catalogue.declaration import MILLI, Dimension, Sort
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.quantity import from_milli, number_ranges, written_quantity
from app.kernel.text import Text
from app.kernel.timewindow import Window
from app.ledger.queries import ClaimView, taken
from app.ledger.rules import peak_milli

KIND_WORDS = {
    "baseline": Text("tenant from before", "原有占用"),
    "unavailable": Text("unavailable", "不可用"),
    "reserve": Text("owner's reserve", "权属单位预留"),
    "held": Text("held", "已预留"),
    "pending": Text("pending approval", "待审批"),
    "committed": Text("committed", "已承诺"),
}
HOLDER_WORDS = {
    "access_request": Text("access request {ref}", "共享申请 {ref}"),
    "agreement": Text("agreement {ref}", "共享协议 {ref}"),
    "occupant": Text("tenant {ref}", "原占用方 {ref}"),
    "reserve": Text("your own reserve", "本单位预留"),
    "structure": Text("existing loads by the structural report", "结构验算报告的现有荷载"),
    "outage": Text("an outage", "停用安排"),
}


def holder_words(claim: ClaimView) -> Text:
    """What holds a claim, in words, with the reference by which it is found."""
    known = HOLDER_WORDS.get(claim.holder_type)
    return known.format(ref=claim.holder_ref) if known else Text(claim.holder_ref, claim.holder_ref)


def above_total(dimension: Dimension, claims: Sequence[ClaimView], total_milli: int) -> list[ClaimView]:
    """The claims that a total would not cover: slots above it; of a quantity, whatever is there when more than it is taken."""
    if dimension.sort is Sort.SLOTS:
        return [claim for claim in claims if claim.slot is not None and claim.slot * MILLI > total_milli]
    return crowding(dimension, claims, total_milli)


def crowding(dimension: Dimension, claims: Sequence[ClaimView], left_milli: int) -> list[ClaimView]:
    """The claims of a quantity that are there on a day on which more than `left_milli` is taken. O(n²)."""
    every = taken(claims, dimension.name)
    return [c for c in claims if any(peak_milli(every, day) > left_milli for day in _days_of_change(claims, c.window))]


def _days_of_change(claims: Iterable[ClaimView], window: Window) -> list[Window]:
    """One day for each stretch of `window` on which the same claims stand: a sum is highest where a claim starts."""
    starts = {max(c.window.start, window.start) for c in claims if c.window.overlaps(window)}
    return [Window.of_days(day, 1) for day in sorted(starts)]


def in_use(dimension: Dimension, wanted_milli: int, taken_milli: int, claims: Sequence[ClaimView]) -> DomainError:
    """`capacity_in_use`: the holders in the sentence, one problem for
    each with what it holds over one period. For the owner's eyes: it names its tenants."""
    return fail(
        "capacity_in_use",
        [_one(dimension, same) for same in by_holder(claims)],
        dimension=dimension.label,
        holders=_listed(dict.fromkeys(holder_words(claim) for claim in claims)),
        wanted=written_quantity(from_milli(wanted_milli), dimension.unit),
        taken=written_quantity(from_milli(taken_milli), dimension.unit),
    )


def _listed(words: Iterable[Text]) -> Text:
    every = list(words)
    return Text("; ".join(word.en for word in every), "；".join(word.zh for word in every))


def by_holder(claims: Iterable[ClaimView]) -> list[list[ClaimView]]:
    """The slots that one holder has over the same days, said of them in the same words, stand together; everything else alone."""
    found: dict[tuple[object, ...], list[ClaimView]] = {}
    for claim in claims:
        alone = claim.ref if claim.slot is None else None
        held = (claim.dimension, claim.holder_type, claim.holder_ref, claim.organisation_id, claim.window, claim.expires_at)
        found.setdefault((*held, claim.kind, claim.state, claim.equipment, claim.note, alone), []).append(claim)
    return list(found.values())


def _one(dimension: Dimension, same: Sequence[ClaimView]) -> Problem:
    claim = same[0]
    amount = written_quantity(from_milli(sum(one.amount_milli for one in same)), dimension.unit)
    if claim.slot is not None:
        numbers = number_ranges(one.slot for one in same if one.slot is not None)
        amount = Text("{amount} (no. {numbers})", "{amount}（{numbers} 号）").format(amount=amount, numbers=numbers)
    sentence = Text("{what}: {amount}, {start} – {last} ({kind})", "{what}：{amount}，{start} – {last}（{kind}）").format(
        what=holder_words(claim),
        amount=amount,
        start=claim.window.start,
        last=Text("until further notice", "长期") if claim.window.is_open else claim.window.last,
        kind=KIND_WORDS[claim.kind],
    )
    return Problem("capacity_in_use", sentence, pointer=f"/{dimension.name}")
