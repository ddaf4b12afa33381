"""The tenants that were on the demo's assets before the platform, and those who came beside it: what makes utilisation real."""

from __future__ import annotations

from datetime import date, timedelta

from app.db.work import UnitOfWork
from app.demo.register import Entry
from app.kernel.timewindow import FAR
from app.ledger.service import EnterClaim, enter_claim

EVERY = 4  # of the entries of each kind, one has a tenant
OCCUPANTS = {"tower": "原有监控与通信挂载", "duct": "原有线缆", "cable": "自用业务纤芯", "room": "原有设备"}
OWN_LIGHTING = "智慧路灯控制设备"


def tenant(work: UnitOfWork, entry: Entry, asset_ref: str, number: int, opened: date) -> bool:
    """Enter who is on the asset already, if it is the turn of `number`. Since the opening or some months later, at most by today."""
    if number % EVERY:
        return False
    starts = min(work.today, opened - timedelta(days=400) + timedelta(days=number * 47 % 700))
    amounts = _amounts(entry, number)
    occupant = OWN_LIGHTING if entry.owner == "lighting" and entry.asset.kind == "tower" else OCCUPANTS[entry.asset.kind]
    enter_claim(work, EnterClaim(asset_ref, "baseline", amounts, starts, FAR, occupant))
    return True


def _amounts(entry: Entry, number: int) -> dict[str, float]:
    """A part of what is counted; on a tower with its load."""
    kind, total = entry.asset.kind, entry.asset.capacity
    if kind == "tower":
        return {"platform": 1, "load_kg": total["load_kg"] * 0.15, "wind_area_m2": total["wind_area_m2"] * 0.15}
    if kind == "duct":
        return {"hole": total["hole"] // 2}
    if kind == "cable":
        return {"core": 4 * (1 + number % 5)}
    return {"rack_unit": 21 * (1 + number % 2), "power_kw": 6}
