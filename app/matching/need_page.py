"""All that the page of a need shows, in one transaction: the need is read once, and everything is of one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.audit import HistoryRow, history
from app.db.work import Reader
from app.matching.cobuilding.queries import GroupView, groups_of_need
from app.matching.queries import NeedMatches, Part, matches_of
from app.needs import NeedView, RoundView, bundle_needs, collecting_rounds, need_detail


@dataclass(frozen=True, slots=True)
class NeedPage:
    """`found` and what comes after it: for who sees all of the need. `rounds`: the lists into which it could be carried over."""

    need: NeedView
    found: NeedMatches | None = None
    rounds: Sequence[RoundView] = ()
    bundled: Sequence[NeedView] = ()
    history: Sequence[HistoryRow] = ()
    groups: Sequence[GroupView] = ()


def need_page(reader: Reader, ref: str, part: Part) -> NeedPage:
    """The need as the actor may see it, or `not_found`."""
    need = need_detail(reader, ref)
    if not need.is_internal:
        return NeedPage(need)
    return NeedPage(
        need,
        matches_of(reader, need, part),
        collecting_rounds(reader),
        bundle_needs(reader, need.bundle_ref) if need.bundle_ref else (),
        history(reader, "need", ref),
        groups_of_need(reader, ref),
    )
