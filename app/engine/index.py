"""The listings' parts in the order of (kind, latitude band, longitude): a query is a few contiguous runs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.engine.earth import Floats
from app.engine.parts import Parts
from app.engine.problem import Ints

BAND_DEG = 0.008
BANDS = round(180 / BAND_DEG) + 2
STEP = 16


class Index(NamedTuple):
    """`ptr[kind * BANDS + band]`: the run of that band; `sparse`: every `STEP`th of `lon`, so that a bisection touches little memory;
    `reach_m[kind]`: the longest half part, by which a search is widened."""

    ptr: Ints
    lon: Floats
    sparse: Floats
    a: Ints
    b: Ints
    listing: Ints
    reach_m: Floats


class Probes(NamedTuple):
    """The needs' parts, those of need i at `ptr[i]:ptr[i+1]`."""

    ptr: Ints
    lon: Floats
    lat: Floats
    a: Ints
    b: Ints
    half_m: Floats
    kind: Ints


def build_index(parts: Parts, kind: Ints, kinds: int) -> Index:
    """Sort the parts; `kind` by listing. O(m log m)."""
    of = kind[parts.row]
    key = of * BANDS + np.floor((parts.lat + 90) / BAND_DEG).astype(np.int64)
    order = _order(parts, key)
    ptr = np.concatenate(([0], np.cumsum(np.bincount(key, minlength=max(1, kinds) * BANDS)))).astype(np.int64)
    reach = np.zeros(max(1, kinds))
    np.maximum.at(reach, of, parts.half_m)
    lon = parts.lon[order]
    return Index(ptr, lon, lon[::STEP].copy(), parts.a[order], parts.b[order], parts.row[order], reach)


def _order(parts: Parts, key: Ints) -> Ints:
    """By key, then longitude: sorted as one integer of both, and only if that is too coarse anywhere, by comparison."""
    if len(key) and int(key.max()) >= 1 << 23:
        return np.lexsort((parts.row, parts.lon, key))
    fine = ((parts.lon + 180) * (1 << 31)).astype(np.int64)  # 2^40 at most, steps of 50 µm on the equator
    order = np.argsort(key << 40 | fine)
    lon, of = parts.lon[order], key[order]
    if ((np.diff(lon) < 0) & (of[1:] == of[:-1])).any():
        return np.lexsort((parts.row, parts.lon, key))
    return order


def build_probes(parts: Parts, kind: Ints) -> Probes:
    return Probes(parts.ptr, parts.lon, parts.lat, parts.a, parts.b, parts.half_m, kind)
