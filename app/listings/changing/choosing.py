"""Which of one's own listings a bulk change is about: named one by one, or all that a filter finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, select

from app.assets import Asset
from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.db.work import Reader
from app.disclosure import own
from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.listings.changing.rules import MOST
from app.listings.filters import COLUMNS, ListingFilter, conditions
from app.listings.models import Listing
from app.listings.place import distances


@dataclass(frozen=True, slots=True)
class Choice:
    """`refs`: of listings; or `filter`: all of one's own that it finds."""

    refs: tuple[str, ...] = ()
    filter: ListingFilter | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person has chosen, for the form: how many, of which kinds, in which states."""

    count: int
    kinds: tuple[AssetKind, ...]
    states: dict[str, int]


@dataclass(frozen=True, slots=True)
class ChosenRow:
    """One of the chosen listings in the versions that are there now."""

    id: int
    version: int
    asset_version: int
    kind: str
    status: str
    ref: str


def chosen_rows(reader: Reader, choice: Choice) -> list[ChosenRow]:
    """The chosen listings in the order in which they were made. Raises `invalid` for what is not one's own, `bulk_too_many`."""
    if choice.filter is None:
        return _named(reader, choice.refs)
    wanted = replace(choice.filter, owner="mine")
    fitting = conditions(reader, wanted)
    if wanted.near is not None:
        near = wanted.near
        places = reader.session.execute(select(Listing.id, Listing.geom).where(*conditions(reader, wanted))).all()
        metres = distances(near, [place for _id, place in places])
        fitting = [Listing.id.in_([row[0] for row, far in zip(places, metres, strict=True) if far <= near.radius_m])]
    count = reader.session.scalar(select(func.count()).select_from(Listing).where(*fitting)) or 0
    if count > MOST:
        raise fail("bulk_too_many", count=count, most=MOST)
    return _rows(reader, fitting)


def _rows(reader: Reader, fitting: Iterable[ColumnElement[bool]]) -> list[ChosenRow]:
    columns = (Listing.id, Listing.version, Asset.version, Listing.kind, Listing.status, Listing.ref)
    statement = select(*columns).join(Asset, Asset.id == Listing.asset_id).where(*fitting).order_by(Listing.id)
    return [ChosenRow(*row) for row in reader.session.execute(statement)]


def _named(reader: Reader, refs: tuple[str, ...]) -> list[ChosenRow]:
    wanted = list(dict.fromkeys(refs))
    if len(wanted) > MOST:
        raise fail("bulk_too_many", count=len(wanted), most=MOST)
    found = _rows(reader, [own(reader.actor, COLUMNS), Listing.ref.in_(wanted)])
    known = {row.ref for row in found}
    strangers = [
        Problem("not_own", Text("This is not one of your listings.", "不是本单位的资源。"), pointer=f"/listings/{place}")
        for place, ref in enumerate(wanted)
        if ref not in known
    ]
    if strangers:
        raise fail("invalid", strangers)
    return found


def chosen(reader: Reader, choice: Choice) -> Chosen:
    """What was chosen, before anything is asked of it. Drafters."""
    reader.permit("bulk_change.list")
    rows = chosen_rows(reader, choice)
    states: dict[str, int] = {}
    for row in rows:
        states[row.status] = states.get(row.status, 0) + 1
    return Chosen(len(rows), tuple(KINDS[name] for name in sorted({row.kind for row in rows})), states)
