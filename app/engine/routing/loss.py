"""What light loses: along the fibre, at splices, at connectors. Whole micro-decibels, so that sums are exact.

Attenuation where a cable states none: the highest that its Recommendation allows at 1550 nm, cabled (ITU-T G.652.D, G.654.E,
G.655.D, G.657.A). Splice and connector: planning values within ITU-T L.404 and IEC 61300-3-34 grade C.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

UDB = 1_000_000  # micro-decibels in a decibel
MOST_DB_KM: Mapping[str, float] = {"g652": 0.30, "g654": 0.23, "g655": 0.35, "g657": 0.30}
UNKNOWN_DB_KM = 0.35  # the worst of them
DRUM_M = 2_000.0  # what a cable comes in, and so where it is spliced when nothing is stated


@dataclass(frozen=True, slots=True)
class Joints:
    """What one splice and one connector lose, in dB."""

    splice_db: float = 0.1
    connector_db: float = 0.5

    @property
    def handover_udb(self) -> int:
        """Two connectors and a splice more than a joint inside one owner's cable."""
        return round((2 * self.connector_db + self.splice_db) * UDB)

    @property
    def ends_udb(self) -> int:
        """A connector and a splice at either end, less the joint that the last section counts."""
        return round((2 * self.connector_db + self.splice_db) * UDB)


def attenuation_db_km(stated: float | None, fibre_type: str | None) -> float:
    """What a kilometre loses: as stated, else by the type of fibre, else the worst type."""
    return stated if stated is not None else MOST_DB_KM.get(fibre_type or "", UNKNOWN_DB_KM)


def assumed_splices(length_m: float) -> int:
    """Splices inside a span that states none: one between every two drums."""
    return max(0, math.ceil(length_m / DRUM_M) - 1)


def span_loss_udb(length_m: float, db_km: float, splices: int, joints: Joints) -> int:
    """Length × attenuation + the span's own splices + the joint to what follows it."""
    return round((length_m / 1000 * db_km + (splices + 1) * joints.splice_db) * UDB)
