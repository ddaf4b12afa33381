"""The API's shapes of an asset's capacity."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.catalogue.declaration import Sort
from app.kernel.quantity import from_milli
from app.kernel.timewindow import FAR
from app.ledger.queries import ClaimView
from app.ledger.views import CapacityView
from app.web.inputs import amounts_field
from app.web.shapes import DAY, MOMENT, NUMBER, REF, TEXT, WHOLE, by_name, choice, many, maybe, named, record


class Strict(Schema):
    class Meta:
        unknown = RAISE


class TotalsIn(Strict):
    totals = amounts_field(
        required=True,
        validators=(validate.Length(1),),
        metadata={"description": "Dimension → amount in its unit."},
    )


class ClaimIn(Strict):
    """A claim of the owner's own. A reserve replaces the earlier reserve of each dimension it names; 0 ends it."""

    kind = fields.String(required=True, validate=validate.OneOf(("baseline", "unavailable", "reserve")))
    amounts = amounts_field(required=True, validators=(validate.Length(1),))
    starts = fields.Date(load_default=None, allow_none=True, metadata={"description": "Left out: today."})
    ends = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "The day after the last one. Left out: until further notice."},
    )
    occupant = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))
    note = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    equipment = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))


CLAIM = named(
    "Claim",
    record(
        id=REF,
        dimension=TEXT,
        kind=TEXT,
        state=TEXT,
        slot=maybe(WHOLE),
        amount=NUMBER,
        starts=DAY,
        ends=maybe(DAY),
        holder=record(type=maybe(TEXT), id=maybe(TEXT)),
        note=maybe(TEXT),
        equipment=maybe(TEXT),
        expires_at=maybe(MOMENT),
    ),
)
CAPACITY = named(
    "Capacity",
    record(
        asset=record(id=REF, name=TEXT, kind=TEXT),
        dimensions=many(
            record(
                dimension=TEXT,
                sort=choice(*Sort),
                unit=TEXT,
                total=NUMBER,
                free_now=NUMBER,
                version=WHOLE,
                profile=many(record(starts=DAY, ends=maybe(DAY), taken=by_name(NUMBER), free=NUMBER)),
            )
        ),
        claims=many(CLAIM),
        available_from=maybe(DAY),
        begin_too_early=many(REF),
    ),
)
ENTERED = named("EnteredClaim", record(slots=by_name(many(WHOLE))))
ENDED = named("EndedClaim", record(id=REF, state=choice("ended")))


def _amount(milli: int) -> float:
    return float(from_milli(milli))


def claim_json(claim: ClaimView) -> dict[str, Any]:
    return {
        "id": claim.ref,
        "dimension": claim.dimension,
        "kind": claim.kind,
        "state": claim.state,
        "slot": claim.slot,
        "amount": _amount(claim.amount_milli),
        "starts": claim.window.start.isoformat(),
        "ends": None if claim.window.end == FAR else claim.window.end.isoformat(),
        "holder": {"type": claim.holder_type, "id": claim.holder_ref},
        "note": claim.note,
        "equipment": claim.equipment,
        "expires_at": claim.expires_at.isoformat() if claim.expires_at else None,
    }


def capacity_json(view: CapacityView) -> dict[str, Any]:
    return {
        "asset": {"id": view.asset_ref, "name": view.asset_name, "kind": view.kind.name},
        "dimensions": [
            {
                "dimension": d.dimension.name,
                "sort": d.dimension.sort.value,
                "unit": d.dimension.unit,
                "total": _amount(d.total_milli),
                "free_now": _amount(d.free_milli) if view.is_there else 0.0,
                "version": d.version,
                "profile": [
                    {
                        "starts": s.start.isoformat(),
                        "ends": None if s.end == FAR else s.end.isoformat(),
                        "taken": {kind: _amount(milli) for kind, milli in s.taken.items()},
                        "free": _amount(s.free_milli),
                    }
                    for s in d.steps
                ],
            }
            for d in view.dimensions
        ],
        "claims": [claim_json(claim) for claim in view.claims],
        "available_from": view.available_from.isoformat() if view.available_from else None,
        "begin_too_early": [claim.ref for claim in view.too_early],
    }
