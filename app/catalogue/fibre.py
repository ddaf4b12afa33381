"""What light loses: along the fibre, at splices, at connectors; and what is taken for granted where a cable states less.

Attenuation where a cable states none: the highest that its Recommendation allows at 1550 nm, cabled (ITU-T G.652.D, G.654.E,
G.655.D, G.657.A). What a splice and a connector lose is a setting of the profile. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from app.catalogue.profiles import Profile

MOST_DB_KM: Mapping[str, float] = {"g652": 0.30, "g654": 0.23, "g655": 0.35, "g657": 0.30}
UNKNOWN_DB_KM = 0.35  # the worst of them
DRUM_M = 2_000.0  # what a cable comes in, and so where it is spliced when nothing is stated


def attenuation_db_km(stated: float | None, fibre_type: str | None) -> float:
    """What a kilometre loses: as stated, else by the type of fibre, else the worst type."""
    return stated if stated is not None else MOST_DB_KM.get(fibre_type or "", UNKNOWN_DB_KM)


def assumed_splices(length_m: float) -> int:
    """Splices inside a span that states none: one between every two drums."""
    return max(0, math.ceil(length_m / DRUM_M) - 1)


def end_to_end_loss_db(attributes: Mapping[str, Any], profile: Profile | None) -> float | None:
    """A cable by itself from end to end: length × dB/km + its splices + a splice and a connector at either end. None where it
    states no length, or the jurisdiction no figures."""
    length, terms = attributes.get("length_m"), None if profile is None else profile.routes
    if length is None or terms is None:
        return None
    stated = attributes.get("attenuation_db_km")
    per_km = attenuation_db_km(None if stated is None else float(stated), attributes.get("fibre_type"))
    splices = attributes.get("splices")
    joints = (assumed_splices(float(length)) if splices is None else int(splices)) + 2
    return round(float(length) / 1000 * per_km + joints * terms.splice_db + 2 * terms.connector_db, 3)
