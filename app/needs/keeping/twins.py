"""Which entries of a list look like the same need twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Row, select

from app.accounts import OrganisationName, names
from app.db.work import Reader
from app.disclosure import anchor
from app.kernel.geometry import distance_m
from app.needs.keeping.models import NeedMerge
from app.needs.keeping.rules import LEAST_SHARE, NEAR_M, Entry, Likeness, likeness
from app.needs.models import Need, NeedsList
from app.needs.rules import ENTERED_STATES

MOST_PAIRS = 50
METRES = 110_000.0  # of a degree of latitude, at the least
COLUMNS = (Need.id, Need.ref, Need.kind, Need.title, Need.radius_m, Need.window_start, Need.window_end, Need.quantity)


@dataclass(frozen=True, slots=True)
class Twin:
    """Two entries that look like one. `standing`: a merge of either waits for consent."""

    leaves: Need
    kept: Need
    leaves_by: OrganisationName
    kept_by: OrganisationName
    like: Likeness

    @property
    def same_organisation(self) -> bool:
        return self.leaves_by.id == self.kept_by.id


def twins_of(reader: Reader, round_: NeedsList) -> list[Twin]:
    """The likeliest pairs first; what waits for an answer is left out. Only those are compared that may be near each other and
    whose periods share enough."""
    standing = select(NeedMerge.need_id).where(NeedMerge.status == "proposed")
    rows = reader.session.execute(
        select(*COLUMNS, Need.submitted_on, Need.geom)
        .where(Need.needs_list_id == round_.id, Need.status.in_(ENTERED_STATES), Need.id.not_in(standing), Need.shape != "route")
        .order_by(Need.id)
    ).all()
    places = [anchor(row.geom) for row in rows]
    entries = [_entry(row) for row in rows]
    pairs: list[tuple[int, int, Likeness]] = []
    for one, other in _near(rows, places):
        found = likeness(entries[one], entries[other], distance_m(places[one], places[other]))
        if found is not None:
            older, newer = sorted((one, other), key=lambda n: (rows[n].submitted_on or round_.closes_on, rows[n].id))
            pairs.append((newer, older, found))
    pairs.sort(key=lambda pair: (-pair[2].points, rows[pair[0]].id, rows[pair[1]].id))
    chosen = [(rows[newer].id, rows[older].id, found) for newer, older, found in pairs[:MOST_PAIRS]]
    ids = set(chain.from_iterable(pair[:2] for pair in chosen))
    needs = {need.id: need for need in reader.session.scalars(select(Need).where(Need.id.in_(ids)))}
    known = names(reader.session, {need.organisation_id for need in needs.values()})
    return [
        Twin(needs[n], needs[o], known[needs[n].organisation_id], known[needs[o].organisation_id], found)
        for n, o, found in chosen
    ]


def _near(rows: Sequence[Row[Any]], places: list[tuple[float, float]]) -> list[tuple[int, int]]:
    """Pairs of one kind that may be within each other's reach and whose periods share enough, each once."""
    if len(rows) < 2:
        return []
    lon, lat = np.array(places).T
    aside = np.cos(np.radians(lat))
    reach = np.maximum(NEAR_M, np.array([row.radius_m for row in rows]))
    flat = shapely.points(lon * aside.min(), lat)  # never farther than they are
    one, other = shapely.STRtree(flat).query(flat, predicate="dwithin", distance=reach / METRES)
    starts, ends = (np.array([row[at].toordinal() for row in rows]) for at in (5, 6))
    kinds = np.unique([row.kind for row in rows], return_inverse=True)[1]
    both = np.minimum(ends[one], ends[other]) - np.maximum(starts[one], starts[other])
    shorter = np.minimum((ends - starts)[one], (ends - starts)[other])
    kept = (one < other) & (kinds[one] == kinds[other]) & (both > 0) & (both >= LEAST_SHARE * shorter)
    return list(zip(one[kept].tolist(), other[kept].tolist(), strict=True))


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.ref, row.kind, row.title, row.radius_m, row.window_start, row.window_end, row.quantity)
