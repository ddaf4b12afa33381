"""The API's shape of allocations."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.catalogue.kinds import KINDS
from app.kernel.money import CURRENCIES
from app.matching.allocating.comparing import Comparison, OwnerUse
from app.matching.allocating.queries import NeedRow, RunView, Share
from app.matching.allocating.scenario import MOST_NAMED, MOST_WEIGHT, OPENED, SECONDS, WEIGHTS, Scenario
from app.web.i18n import current_locale
from app.web.query import Lenient, Paged
from app.web.shapes import (
    CURRENCY,
    FLAG,
    MOMENT,
    NUMBER,
    PARTY,
    REF,
    TEXT,
    VALUES,
    WHOLE,
    by_name,
    choice,
    many,
    maybe,
    named,
    record,
)

SCENARIO = record(
    weights=by_name(WHOLE),
    opened=by_name(WHOLE),
    reserve=by_name(WHOLE),
    first=many(REF),
    budgets=by_name(WHOLE),
    currency=CURRENCY,
    exclusive=FLAG,
    divisible=FLAG,
    seconds=WHOLE,
)
STATUS = choice("running", "done", "failed", "cancelled")
ALLOCATION = named(
    "Allocation",
    record(
        {
            "base": maybe(REF),
            "scenario": SCENARIO,
            "needs": WHOLE,
            "listings": WHOLE,
            "matches": WHOLE,
            "served": WHOLE,
            "value": maybe(WHOLE),
            "bound": maybe(WHOLE),
            "gap": maybe(NUMBER),
            "engine_version": TEXT,
            "input_hash": maybe(TEXT),
            "seed": WHOLE,
            "params": VALUES,
            "methods": maybe(record(settled=WHOLE, rounds=WHOLE, parts=by_name(WHOLE))),
            "timings": by_name(NUMBER),
            "message": maybe(TEXT),
            "progress": maybe(WHOLE),
        },
        id=REF,
        needs_list=maybe(REF),
        region=TEXT,
        status=STATUS,
        started_at=MOMENT,
        finished_at=maybe(MOMENT),
        proven=FLAG,
    ),
)
SHARE = record(
    {"score": NUMBER, "distance_m": NUMBER, "slots": by_name(many(WHOLE))},
    listing=maybe(record(id=REF, title=TEXT, owner=PARTY)),
    quantity=WHOLE,
)
NEEDS = named(
    "AllocationNeeds",
    record(
        count=WHOLE,
        results=many(
            record(
                need=maybe(record(id=REF, title=TEXT, kind=TEXT)),
                wanted=WHOLE,
                given=WHOLE,
                candidates=maybe(WHOLE),
                weight=maybe(WHOLE),
                outcome=choice("served", "partly", "no_candidate", "bundle", "contested", "budget", "exclusive"),
                **{"from": many(SHARE)},
            )
        ),
    ),
)
OWNERS = named(
    "AllocationOwners",
    record(results=many(record(owner=maybe(PARTY), listings=WHOLE, needs=WHOLE, units=by_name(record(quantity=WHOLE, of=TEXT))))),
)
CHANGES = ("gained", "lost", "more", "less", "moved")
COMPARISON = named(
    "AllocationComparison",
    record(
        before=ALLOCATION,
        after=ALLOCATION,
        counts=by_name(WHOLE),
        differences=many(record(need=maybe(record(id=REF, title=TEXT)), change=choice(*CHANGES), before=WHOLE, after=WHOLE)),
    ),
)


_REF = validate.Length(max=13)
_WEIGHT = validate.Range(0, MOST_WEIGHT)


class WeightsIn(Schema):
    class Meta:
        unknown = RAISE

    high = fields.Integer(load_default=WEIGHTS["high"], validate=_WEIGHT)
    normal = fields.Integer(load_default=WEIGHTS["normal"], validate=_WEIGHT)
    low = fields.Integer(load_default=WEIGHTS["low"], validate=_WEIGHT)


def _by_ref(least: int, most: int, description: str) -> fields.Dict:
    return fields.Dict(
        fields.String(validate=_REF),
        fields.Integer(strict=True, validate=validate.Range(least, most)),
        load_default=dict,
        metadata={"description": description},
    )


class AllocationIn(Schema):
    """What is asked. Organisations and needs by id."""

    class Meta:
        unknown = RAISE

    needs_list = fields.String(
        load_default=None, allow_none=True, validate=_REF, metadata={"description": "left out: every open need"}
    )
    base = fields.String(
        load_default=None, allow_none=True, validate=_REF, metadata={"description": "the allocation that this varies"}
    )
    weights = fields.Nested(WeightsIn, load_default=lambda: dict(WEIGHTS), metadata={"description": "by priority"})
    opened = _by_ref(*OPENED, "owner: per cent more open than now, never more than there is")
    reserve = _by_ref(0, 100, "owner: per cent of all capacity kept back")
    first = fields.List(
        fields.String(validate=_REF),
        load_default=list,
        validate=validate.Length(max=MOST_NAMED),
        metadata={"description": "needs or organisations that come first"},
    )
    budgets = _by_ref(0, 10**15, "organisation: what its needs may cost in a year, in minor units")
    currency = fields.String(load_default="CNY", validate=validate.OneOf(sorted(CURRENCIES)))
    exclusive = fields.Boolean(load_default=False, metadata={"description": "an asset serves one organisation"})
    divisible = fields.Boolean(load_default=False, metadata={"description": "a need may be served from several listings"})
    seconds = fields.Integer(load_default=60, validate=validate.Range(*SECONDS))


class ListIn(Paged):
    needs_list = fields.String(load_default=None, validate=_REF)


class NeedsIn(Lenient):
    served = fields.Boolean(load_default=None, allow_none=True)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    offset = fields.Integer(load_default=0, validate=validate.Range(0, 10**9))


def scenario_of(body: dict[str, Any]) -> Scenario:
    asked = {name: value for name, value in body.items() if name not in ("needs_list", "base")}
    return Scenario(**{**asked, "first": tuple(body["first"])})


def run_json(run: RunView) -> dict[str, Any]:
    """Who sees only its own rows gets no totals and not what was asked."""
    known: dict[str, Any] = {
        "id": run.ref,
        "needs_list": run.needs_list_ref,
        "region": run.region,
        "status": run.status,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "proven": run.proven,
    }
    if not run.whole:
        return known
    return known | {
        "base": run.base_ref,
        "scenario": run.scenario.as_json(),
        "needs": run.needs,
        "listings": run.listings,
        "matches": run.pairs,
        "served": run.served,
        "value": run.value,
        "bound": run.bound,
        "gap": run.gap,
        "engine_version": run.engine_version,
        "input_hash": run.input_hash,
        "seed": run.seed,
        "params": run.params,
        "methods": run.methods or None,
        "timings": run.timings,
        "message": None if run.message is None else run.message.in_(current_locale()),
        "progress": run.percent,
    }


def need_json(row: NeedRow) -> dict[str, Any]:
    return {
        "need": {"id": row.need.ref, "title": row.need.title, "kind": row.need.kind} if row.need else None,
        "wanted": row.wanted,
        "given": row.given,
        "candidates": row.candidates,
        "weight": row.weight,
        "outcome": row.outcome,
        "from": [share_json(share) for share in row.shares],
    }


def share_json(share: Share) -> dict[str, Any]:
    listing = share.listing
    if listing is None:
        return {"listing": None, "quantity": share.quantity}
    known: dict[str, Any] = {
        "listing": {"id": listing.ref, "title": listing.title, "owner": {"id": listing.owner.ref, "name": listing.owner.name}},
        "quantity": share.quantity,
    }
    if listing.is_exact:
        known["slots"] = dict(share.slots)
    if share.distance_m is not None:
        known |= {"score": share.score, "distance_m": round(share.distance_m, 2)}
    return known


def use_json(use: OwnerUse) -> dict[str, Any]:
    return {
        "owner": {"id": use.owner.ref, "name": use.owner.name} if use.owner else None,
        "listings": use.listings,
        "needs": use.needs,
        "units": {kind: {"quantity": units, "of": KINDS[kind].quantity} for kind, units in use.units.items()},
    }


def comparison_json(found: Comparison) -> dict[str, Any]:
    return {
        "before": run_json(found.left),
        "after": run_json(found.right),
        "counts": dict(found.counts),
        "differences": [
            {
                "need": {"id": d.need.ref, "title": d.need.title} if d.need else None,
                "change": d.change,
                "before": d.before,
                "after": d.after,
            }
            for d in found.differences
        ],
    }
