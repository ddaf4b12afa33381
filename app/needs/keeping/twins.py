"""Which entries of a list look like the same need twice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np
import shapely
from sqlalchemy import LargeBinary, func, select

from app.accounts import OrganisationName, names
from app.db.work import Reader
from app.disclosure import anchor
from app.kernel.geometry import distances_m
from app.needs.keeping.models import NeedMerge
from app.needs.keeping.rules import LEAST_COVER, LEAST_SHARE, NARROW_M, NEAR_M, Entry, Likeness, likeness
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


Alike = tuple[int, int, Likeness]  # the entry that leaves, the one that is kept, and how alike they are


def alike_in(reader: Reader, round_: NeedsList) -> list[Alike]:
    """The likeliest pairs first; what waits for an answer is left out. Only those are compared that may be near each other and
    whose periods share enough."""
    standing = select(NeedMerge.need_id).where(NeedMerge.status == "proposed")
    rows: Sequence[Any] = reader.session.execute(
        select(*COLUMNS, Need.shape, Need.submitted_on, func.ST_AsBinary(Need.geom, type_=LargeBinary()).label("wkb"))
        .where(Need.needs_list_id == round_.id, Need.status.in_(ENTERED_STATES), Need.id.not_in(standing))
        .order_by(Need.id)
    ).all()
    shapes = np.asarray(shapely.from_wkb([row.wkb for row in rows]), object)
    near = _near(rows, shapes)
    entries = {at: _entry(rows[at]) for at in {at for pair in near for at in pair[:2]}}
    places = {at: anchor(shapes[at]) for at in entries}
    far = distances_m([places[one] for one, _, _ in near], [places[other] for _, other, _ in near])
    pairs: list[tuple[int, int, Likeness]] = []
    for (one, other, covered), metres in zip(near, far, strict=True):
        found = likeness(entries[one], entries[other], metres, covered)
        if found is not None:
            older, newer = sorted((one, other), key=lambda n: (rows[n].submitted_on or round_.closes_on, rows[n].id))
            pairs.append((newer, older, found))
    pairs.sort(key=lambda pair: (-pair[2].points, rows[pair[0]].id, rows[pair[1]].id))
    return [(rows[newer].id, rows[older].id, found) for newer, older, found in pairs[:MOST_PAIRS]]


def twins_of(reader: Reader, chosen: Sequence[Alike]) -> list[Twin]:
    """The pairs in full."""
    ids = set(chain.from_iterable(pair[:2] for pair in chosen))
    needs = {need.id: need for need in reader.session.scalars(select(Need).where(Need.id.in_(ids)))}
    known = names(reader.session, {need.organisation_id for need in needs.values()})
    return [
        Twin(needs[n], needs[o], known[needs[n].organisation_id], known[needs[o].organisation_id], found)
        for n, o, found in chosen
    ]


def _near(rows: Sequence[Any], shapes: Any) -> list[tuple[int, int, float | None]]:
    """Pairs of one kind that may be within each other's reach and whose periods share enough, each once; where one of them is a line
    or an area, how much of the larger ground both cover."""
    if len(rows) < 2:
        return []
    flat = _flat(shapes)  # metres, never farther apart than they are
    circles = np.array([row.shape == "circle" for row in rows])
    radius = np.array([row.radius_m for row in rows])
    reach = np.where(circles, np.maximum(NEAR_M, radius), 2 * np.maximum(NARROW_M, radius))
    one, other = shapely.STRtree(flat).query(flat, predicate="dwithin", distance=reach)
    one, other = np.unique(np.sort(np.stack([one, other]), axis=0), axis=1)
    starts, ends = (np.array([row[at].toordinal() for row in rows]) for at in (5, 6))
    kinds = np.unique([row.kind for row in rows], return_inverse=True)[1]
    both = np.minimum(ends[one], ends[other]) - np.maximum(starts[one], starts[other])
    shorter = np.minimum((ends - starts)[one], (ends - starts)[other])
    kept = (one != other) & (kinds[one] == kinds[other]) & (both > 0) & (both >= LEAST_SHARE * shorter)
    one, other = one[kept], other[kept]
    by_ground = ~(circles[one] & circles[other])
    near = zip(one[~by_ground].tolist(), other[~by_ground].tolist(), repeat(None))
    one, other = one[by_ground], other[by_ground]
    if not len(one):
        return list(near)
    wide = np.where(circles, radius, np.maximum(NARROW_M, radius))
    return [*near, *_covering(one, other, flat, wide)]


def _covering(one: Any, other: Any, flat: Any, wide: Any) -> list[tuple[int, int, float | None]]:
    """Those of the pairs of which both cover enough of the larger ground, with the share."""
    used = np.unique(np.concatenate([one, other]))
    ground = np.empty(len(flat), dtype=object)
    ground[used] = shapely.buffer(flat[used], wide[used])
    size = shapely.area(ground)
    larger = np.maximum(size[one], size[other])
    alike = np.minimum(size[one], size[other]) >= LEAST_COVER * larger  # else both cannot cover so much
    one, other, larger = one[alike], other[alike], larger[alike]
    covered = shapely.area(shapely.intersection(ground[one], ground[other])) / larger
    enough = covered >= LEAST_COVER
    return list(zip(one[enough].tolist(), other[enough].tolist(), covered[enough].tolist(), strict=True))


def _flat(shapes: Any) -> Any:
    """Shapes of one list on a plane in metres: east by its northernmost latitude. What it is wrong by cancels in a share."""
    _west, south, _east, north = shapely.total_bounds(shapes)
    aside = math.cos(math.radians(max(abs(south), abs(north))))
    return shapely.transform(shapes, lambda points: points * (METRES * aside, METRES))


def _entry(row: Any) -> Entry:
    return Entry(row.ref, row.kind, row.title, row.radius_m, row.window_start, row.window_end, row.quantity)
