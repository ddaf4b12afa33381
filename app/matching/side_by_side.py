"""Up to five listings beside one another for one need: every condition of each, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.db.work import Reader
from app.engine import ENGINE_VERSION, explain_each
from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.kernel.timewindow import Window
from app.listings import Listing
from app.matching.faces import faces_of, note
from app.matching.queries import Pair, ReasonView, Term, inside_need, near_of, pair_of, policy_terms, problem_of
from app.needs import NeedView

MOST = 5
TOO_MANY = Text("Compare at most five listings.", "最多对比五个资源。")


@dataclass(frozen=True, slots=True)
class Column:
    """One listing: its pair with the need, and when it is open."""

    pair: Pair
    window: Window


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term of the score across the listings; None where a listing does not have it. `best`: the columns that earn most, where
    they differ."""

    label: Text
    weight: int
    terms: tuple[Term | None, ...]
    best: frozenset[int]

    @property
    def differs(self) -> bool:
        return bool(self.best)


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A condition across the listings. `differs`: some pass and some do not, or their margins are not the same."""

    label: Text
    reasons: tuple[ReasonView | None, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class SideBySide:
    """`missing`: references that name no listing of this kind that the viewer may see."""

    need: NeedView
    columns: tuple[Column, ...]
    terms: tuple[TermRow, ...]
    reasons: tuple[ReasonRow, ...]
    missing: tuple[str, ...]
    engine_version: str = ENGINE_VERSION


def side_by_side(reader: Reader, need_ref: str, listing_refs: Sequence[str]) -> SideBySide:
    """The listings in the order they were named, each once. Raises `invalid` for more than `MOST`."""
    need = inside_need(reader, need_ref)
    wanted = list(dict.fromkeys(ref.strip().lower() for ref in listing_refs if ref.strip()))
    if len(wanted) > MOST:
        raise fail("invalid", [Problem("too_many", TOO_MANY, pointer="/listing")])
    rows = reader.session.execute(
        select(Listing.id, Listing.ref, Listing.window_start, Listing.window_end).where(
            Listing.ref.in_(wanted), Listing.kind == need.kind
        )
    ).all()
    faces = faces_of(reader, [row.id for row in rows])
    known = {row.ref: row for row in rows if row.id in faces}
    columns: list[Column] = []
    if known:
        problem, policy = problem_of(reader, need, {row.id: faces[row.id] for row in known.values()}), policy_terms(need)
        place = {number: at for at, number in enumerate(problem.listings.id.tolist())}
        for ref in wanted:
            if ref not in known:
                continue
            row = known[ref]
            note(reader, faces[row.id])
            found = explain_each(problem, 0, [place[row.id]])[0]
            pair = (pair_of if found.matches else near_of)(problem, found, faces[row.id], policy)
            columns.append(Column(pair, Window(row.window_start, row.window_end)))
    pairs = [column.pair for column in columns]
    return SideBySide(need, tuple(columns), _terms(pairs), _reasons(pairs), tuple(ref for ref in wanted if ref not in known))


def _terms(pairs: Sequence[Pair]) -> tuple[TermRow, ...]:
    names = list(dict.fromkeys(term.name for pair in pairs for term in pair.terms if not term.is_policy))
    found = []
    for name in names:
        terms = tuple(next((term for term in pair.terms if term.name == name), None) for pair in pairs)
        points = [round(term.points, 1) if term else 0.0 for term in terms]
        differ = len(set(points)) > 1
        best = frozenset(at for at, earned in enumerate(points) if differ and earned == max(points))
        first = next(term for term in terms if term is not None)
        found.append(TermRow(first.label, first.weight, terms, best))
    return tuple(found)


def _reasons(pairs: Sequence[Pair]) -> tuple[ReasonRow, ...]:
    names = list(dict.fromkeys(reason.name for pair in pairs for reason in pair.reasons))
    found = []
    for name in names:
        reasons = tuple(next((reason for reason in pair.reasons if reason.name == name), None) for pair in pairs)
        said = {None if reason is None else (reason.passed, reason.sentence) for reason in reasons}
        label = next(reason.label for reason in reasons if reason is not None)
        found.append(ReasonRow(label, reasons, len(said) > 1))
    return tuple(found)
