"""What a structural report says of an asset counts in the ledger with everything else.

The utilisation that its owner reports is the load that is there already. What no named tenant accounts for is entered as a claim of
the report, day by day, so that existing, reserved, held, pending and committed loads add up in one place, under the same guards.
Used inside the ledger, and behind the register's door.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import insert

from app.assets import Asset
from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.db.work import UnitOfWork
from app.kernel.ids import new_ref
from app.kernel.quantity import to_milli
from app.kernel.timewindow import FAR, Window
from app.ledger.claiming import BEGINNING, Holder, close, enter, lock, touch
from app.ledger.fitting import REPORT_HOLDER, is_report
from app.ledger.models import Claim
from app.ledger.queries import ClaimView, active
from app.ledger.rules import Taken

REPORT = Holder(REPORT_HOLDER, "report")


def used_milli(total_milli: int, reported_pct: Any) -> int:
    """What a reported utilisation takes of a total, rounded up, never more than all of it."""
    share = Decimal(total_milli) * Decimal(str(reported_pct)) / 100
    return min(total_milli, int(share.to_integral_value(ROUND_CEILING)))


def unnamed(total_milli: int, used: int, named: Sequence[Taken], others: Sequence[Taken]) -> Iterator[tuple[Window, int]]:
    """By stretch of days, what the report takes beyond the tenants it names, and no more than is left beside `others`: a report
    that finds more than there is leaves nothing free, and ends nobody's claim. O(claims²)."""
    days = {BEGINNING, FAR} | {day for one in (*named, *others) for day in (one.window.start, one.window.end)}
    found: list[tuple[Window, int]] = []
    for start, end in pairwise(sorted(days)):
        standing = sum(one.amount_milli for one in named if start in one.window)
        left = total_milli - standing - sum(one.amount_milli for one in others if start in one.window)
        milli = max(0, min(used - standing, left))
        if found and found[-1][1] == milli and found[-1][0].end == start:
            found[-1] = (Window(found[-1][0].start, end), milli)
        else:
            found.append((Window(start, end), milli))
    return ((window, milli) for window, milli in found if milli)


def settle(work: UnitOfWork, asset_id: int) -> None:
    """Make the claims of the report what the asset's total, its reported utilisation and its named tenants make them now."""
    asset = work.session.get_one(Asset, asset_id)
    report = KINDS[asset.kind].reported
    if report is None:
        return
    row = lock(work, asset_id).get(report.dimension)
    claims = active(work.session, asset_id, dimensions=(report.dimension,))
    mine = [claim for claim in claims if is_report(claim)]
    stated = asset.attributes.get(report.attribute)
    wanted: list[tuple[Window, int]] = []
    if row is not None and stated is not None:
        day = asset.attributes.get(report.day)
        named = [one for one in claims if not is_report(one) and _counted(one, day)]
        others = [one for one in claims if not is_report(one) and not _counted(one, day)]
        wanted = list(unnamed(row.total_milli, used_milli(row.total_milli, stated), _taken(named), _taken(others)))
    if sorted((claim.window, claim.amount_milli) for claim in mine) == sorted(wanted):
        return
    close(work, mine, "ended")
    for window, milli in wanted:
        enter(work, asset_id, report.dimension, None, milli, window, "baseline", REPORT)
    work.session.flush()
    touch(work.session, {asset_id})


def lift(work: UnitOfWork, asset_id: int) -> None:
    """Take the claims of the report away for the rest of a change that is followed by `settle`."""
    close(work, [claim for claim in active(work.session, asset_id) if is_report(claim)], "ended")


def bulk_settle(work: UnitOfWork, rows: Sequence[tuple[int, AssetKind, Mapping[str, float | None], Mapping[str, Any]]]) -> None:
    """The claims of the reports of assets that are new: (asset id, kind, totals, attributes). One statement."""
    values = []
    for asset_id, kind, totals, attributes in rows:
        if kind.reported is None or not totals.get(kind.reported.dimension) or not attributes.get(kind.reported.attribute):
            continue
        total = to_milli(totals[kind.reported.dimension] or 0)
        values.append(
            {
                "ref": new_ref(),
                "asset_id": asset_id,
                "dimension": kind.reported.dimension,
                "kind": "baseline",
                "state": "active",
                "amount_milli": used_milli(total, attributes[kind.reported.attribute]),
                "starts": BEGINNING,
                "ends": FAR,
                "holder_type": REPORT.type,
                "holder_ref": REPORT.ref,
                "created_at": work.now,
            }
        )
    if values:
        work.session.execute(insert(Claim), values)


def _counted(claim: ClaimView, day: Any) -> bool:
    """Whether the report has measured the load: a tenant from before, or an agreement in force on the day of the report."""
    if claim.kind == "baseline":
        return True
    return claim.kind == "committed" and day is not None and claim.window.start <= date.fromisoformat(str(day))


def _taken(claims: Sequence[ClaimView]) -> list[Taken]:
    return [Taken(claim.window, claim.amount_milli) for claim in claims]
