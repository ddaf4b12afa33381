"""Who may enter a needs list, and whether an entry is one that it takes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts import above_ids, subtree_ids
from app.db.work import Reader, UnitOfWork
from app.kernel.errors import CATALOGUE, Problem, fail
from app.kernel.permission import within
from app.needs.keeping.models import ListInvitation
from app.needs.models import NeedsList
from app.needs.rules import check_collecting
from app.needs.terms import Stated, check_entry


def check_open_to(work: UnitOfWork, round_: NeedsList, organisation_id: int) -> None:
    """The list collects, and from this organisation. Raises `round_not_collecting`, `list_by_invitation`."""
    check_collecting(round_.status, round_.opens_on, round_.closes_on, work.today)
    if round_.audience == "invited" and not is_invited(work, round_.id, organisation_id):
        problem = Problem("list_by_invitation", CATALOGUE["list_by_invitation"].title, pointer="/needs_list")
        raise fail("list_by_invitation", [problem])


def check_enters(work: UnitOfWork, round_: NeedsList, organisation_id: int, kind: str, entry: Stated) -> None:
    """An entry that is in the list from now on. Raises `invalid` with each field that the list asks for, and as `check_open_to`."""
    check_open_to(work, round_, organisation_id)
    check_entry(round_.terms, kind, entry, submit=True)


def is_invited(reader: Reader, round_id: int, organisation_id: int) -> bool:
    """It is invited, or stands below one that is."""
    above = ListInvitation.organisation_id.in_(above_ids(reader.session, organisation_id))
    found = select(ListInvitation.id).where(ListInvitation.needs_list_id == round_id, above).limit(1)
    return reader.session.scalar(found) is not None


def invited_ids(reader: Reader, round_: NeedsList) -> frozenset[int] | None:
    """Everybody that may enter: those invited and those below them; None: all."""
    if round_.audience == "all":
        return None
    invited = reader.session.scalars(select(ListInvitation.organisation_id).where(ListInvitation.needs_list_id == round_.id))
    return frozenset().union(*(subtree_ids(reader.session, number) for number in invited))


def open_to_reader(reader: Reader, rounds: Sequence[NeedsList]) -> set[int]:
    """Of these lists those that the reader may enter something in: for its organisation, one below it, or as their keeper for
    whomever it invited."""
    found = {row.id for row in rounds if row.audience == "all"}
    closed = [row for row in rounds if row.audience != "all"]
    own = reader.actor.organisation_id
    if not closed:
        return found
    held = [one for one in reader.actor.competences if one.authority == "communications"]
    found |= {row.id for row in closed if any(within(row.region, one.regions) for one in held)}
    if own is not None:
        concerned = above_ids(reader.session, own) | reader.actor.subtree
        asked = select(ListInvitation.needs_list_id).where(
            ListInvitation.needs_list_id.in_([row.id for row in closed]), ListInvitation.organisation_id.in_(concerned)
        )
        found |= set(reader.session.scalars(asked))
    return found
