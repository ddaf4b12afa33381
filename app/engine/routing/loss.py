"""What light loses on a network's edges, in whole micro-decibels, so that sums are exact. The figures of fibre are in
`app.catalogue.fibre`; what a splice and a connector lose comes from the jurisdiction's profile."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.fibre import assumed_splices, attenuation_db_km

__all__ = ["UDB", "Joints", "assumed_splices", "attenuation_db_km", "span_loss_udb"]

UDB = 1_000_000  # micro-decibels in a decibel


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


def span_loss_udb(length_m: float, db_km: float, splices: int, joints: Joints) -> int:
    """Length × attenuation + the span's own splices + the joint to what follows it."""
    return round((length_m / 1000 * db_km + (splices + 1) * joints.splice_db) * UDB)
