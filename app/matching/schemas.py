"""The API's shape of matches: qualification answers in the manner of MEF LSO Sonata (a colour, reasons, valid-until,
alternates)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.kernel.money import MOST_MINOR
from app.kernel.timewindow import Window
from app.matching.comparing import CHANGES, Comparison, Side
from app.matching.queries import ListingNeed, NeedMatches, Pair, RunView, Term
from app.matching.what_if import Answer, WhatIf
from app.needs import MAX_RADIUS_M
from app.web.geojson import geometry_json
from app.web.inputs import text_field
from app.web.pagination import MAX_LIMIT
from app.web.query import Lenient
from app.web.shapes import (
    CURRENCY,
    DAY,
    FLAG,
    GEOMETRY,
    MINOR,
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

VALID_FOR = timedelta(hours=24)


def _known_kind(name: str | None) -> None:
    if name is not None and name not in KINDS:
        raise ValidationError("No such kind.")


class MatchQuery(Lenient):
    limit = fields.Integer(validate=validate.Range(1, MAX_LIMIT))


class RunIn(Schema):
    class Meta:
        unknown = RAISE

    kind = fields.String(load_default=None, allow_none=True, validate=[validate.Length(max=80), _known_kind])


COLOUR = choice("green", "yellow", "red")
PAIR = named(
    "Match",
    record(
        colour=COLOUR,
        listing=record(
            id=REF,
            title=maybe(TEXT),
            kind=TEXT,
            sector=TEXT,
            owner=PARTY,
            tier_seen=choice(*Tier.__members__),
            geometry=GEOMETRY,
            price_minor=maybe(MINOR),
            currency=CURRENCY,
        ),
        matches=FLAG,
        approximate=FLAG,
        score=NUMBER,
        distance_m=NUMBER,
        terms=many(record(name=TEXT, label=TEXT, points=NUMBER, weight=NUMBER, policy=FLAG, source=maybe(TEXT))),
        reasons=many(
            record(
                criterion=TEXT,
                passed=FLAG,
                asked=FLAG,
                stated=FLAG,
                detail=TEXT,
                would_do=maybe(record(window_start=DAY, window_end=DAY)),
            )
        ),
        smallest_change=maybe(TEXT),
    ),
)
MATCHES = named(
    "NeedMatches",
    record(
        need=REF,
        colour=COLOUR,
        in_reach=WHOLE,
        feasible=WHOLE,
        not_compared=WHOLE,
        results=many(PAIR),
        alternates=many(PAIR),
        smallest_change=maybe(PAIR),
        engine_version=TEXT,
        computed_at=MOMENT,
        valid_until=MOMENT,
    ),
)
NEED_OF_LISTING = record(
    need=record(id=REF, title=TEXT, organisation=PARTY, window_start=DAY, window_end=DAY),
    score=maybe(NUMBER),
    distance_m=maybe(NUMBER),
)
LISTING_NEEDS = named("ListingNeeds", record(count=WHOLE, hidden=WHOLE, results=many(NEED_OF_LISTING)))
RUN = named(
    "MatchRun",
    record(
        id=REF,
        scope=TEXT,
        status=TEXT,
        started_at=MOMENT,
        finished_at=maybe(MOMENT),
        engine_version=TEXT,
        input_hash=maybe(TEXT),
        answer_hash=maybe(TEXT),
        seed=WHOLE,
        params=VALUES,
        listings=WHOLE,
        needs=WHOLE,
        matches=WHOLE,
        matched_needs=WHOLE,
        rejections=by_name(by_name(WHOLE)),
        timings=by_name(NUMBER),
        message=maybe(TEXT),
    ),
)


_SIDE = maybe(record(score=NUMBER, need_rank=maybe(WHOLE), listing_rank=maybe(WHOLE)))
RUN_COMPARISON = named(
    "MatchRunComparison",
    record(
        before=RUN,
        after=RUN,
        counts=by_name(WHOLE),
        differences=many(
            record(
                change=choice(*CHANGES),
                need=maybe(record(id=REF, title=TEXT)),
                listing=maybe(record(id=REF, title=maybe(TEXT))),
                before=_SIDE,
                after=_SIDE,
            )
        ),
    ),
)


WHAT_IF = named(
    "WhatIf",
    record(need=REF, before=WHOLE, after=WHOLE, gained=many(PAIR), lost=many(PAIR), gained_count=WHOLE, lost_count=WHOLE),
)


class WhatIfQuery(Lenient):
    radius_m = fields.Float(validate=validate.Range(0, int(MAX_RADIUS_M)))
    budget_minor = fields.Integer(validate=validate.Range(0, MOST_MINOR))
    window_start = fields.Date()
    window_end = fields.Date(metadata={"description": "the day after the last"})
    requirements = text_field(2000, metadata={"description": "name:value, separated by commas: height_m:20,mounts:1"})


def what_if_of(query: Mapping[str, Any]) -> WhatIf:
    stated = [part.partition(":") for part in query.get("requirements", "").split(",") if part.strip()]
    requirements = {name.strip(): value.strip() for name, _, value in stated}
    return WhatIf(**{k: v for k, v in query.items() if k != "requirements"}, requirements=requirements)


def what_if_json(found: Answer, locale: str) -> dict[str, Any]:
    return {
        "need": found.need.ref,
        "before": found.before,
        "after": found.after,
        "gained": [pair_json(pair, locale) for pair in found.gained],
        "lost": [pair_json(pair, locale) for pair in found.lost],
        "gained_count": found.gained_count,
        "lost_count": found.lost_count,
    }


class CompareQuery(Lenient):
    change = fields.String(validate=validate.OneOf(tuple(CHANGES)))
    limit = fields.Integer(validate=validate.Range(1, MAX_LIMIT))


def comparison_json(found: Comparison) -> dict[str, Any]:
    def side(one: Side | None) -> dict[str, Any] | None:
        return None if one is None else {"score": one.score, "need_rank": one.need_rank, "listing_rank": one.listing_rank}

    return {
        "before": run_json(found.before),
        "after": run_json(found.after),
        "counts": dict(found.counts),
        "differences": [
            {
                "change": d.change,
                "need": None if d.need is None else {"id": d.need.ref, "title": d.need.title},
                "listing": None if d.listing is None else {"id": d.listing.ref, "title": d.listing.title or None},
                "before": side(d.before),
                "after": side(d.after),
            }
            for d in found.differences
        ],
    }


def colour(pair: Pair) -> str:
    """green: fits as asked. yellow: fits on an approximate place, or after a change of the need. red: nothing of the need can
    mend it."""
    if pair.matches:
        return "yellow" if pair.uncertain else "green"
    return "yellow" if pair.change is not None else "red"


def pair_json(pair: Pair, locale: str) -> dict[str, Any]:
    listing = pair.listing
    return {
        "colour": colour(pair),
        "listing": {
            "id": listing.ref,
            "title": listing.title or None,
            "kind": listing.kind,
            "sector": listing.sector,
            "owner": {"id": listing.owner.ref, "name": listing.owner.name},
            "tier_seen": listing.tier.name,
            "geometry": geometry_json(listing.geometry),
            "price_minor": listing.price_minor,
            "currency": listing.currency,
        },
        "matches": pair.matches,
        "approximate": pair.uncertain,
        "score": pair.score,
        "distance_m": round(pair.distance_m, 2),
        "terms": [_term_json(term, locale) for term in pair.terms],
        "reasons": [
            {
                "criterion": r.name,
                "passed": r.passed,
                "asked": r.asked,
                "stated": r.stated,
                "detail": r.sentence.in_(locale),
                "would_do": _window_json(r.would_do),
            }
            for r in pair.reasons
        ],
        "smallest_change": pair.change.in_(locale) if pair.change else None,
    }


def _term_json(term: Term, locale: str) -> dict[str, Any]:
    return {
        "name": term.name,
        "label": term.label.in_(locale),
        "points": term.points,
        "weight": term.weight,
        "policy": term.is_policy,
        "source": term.source.text.in_(locale) if term.source else None,
    }


def _window_json(window: Window | None) -> dict[str, str] | None:
    """The last day is the one before `window_end`, as everywhere."""
    return None if window is None else {"window_start": window.start.isoformat(), "window_end": window.end.isoformat()}


def matches_json(found: NeedMatches, locale: str) -> dict[str, Any]:
    return {
        "need": found.need.ref,
        "colour": colour(found.matches[0])
        if found.matches
        else ("yellow" if found.smallest or any(p.change for p in found.near) else "red"),
        "in_reach": found.in_reach,
        "feasible": found.feasible,
        "not_compared": found.beyond,
        "results": [pair_json(pair, locale) for pair in found.matches],
        "alternates": [pair_json(pair, locale) for pair in found.near],
        "smallest_change": pair_json(found.smallest, locale) if found.smallest else None,
        "engine_version": found.engine_version,
        "computed_at": found.computed_at.isoformat(),
        "valid_until": valid_until(found.computed_at).isoformat(),
    }


def valid_until(computed_at: datetime) -> datetime:
    return computed_at + VALID_FOR


def listing_need_json(found: ListingNeed) -> dict[str, Any]:
    need = found.need
    return {
        "need": {
            "id": need.ref,
            "title": need.title,
            "organisation": {"id": need.organisation.ref, "name": need.organisation.name},
            "window_start": need.window_start.isoformat(),
            "window_end": need.window_end.isoformat(),
        },
        "score": found.score,
        "distance_m": None if found.distance_m is None else round(found.distance_m, 2),
    }


def run_json(run: RunView) -> dict[str, Any]:
    return {
        "id": run.ref,
        "scope": run.scope,
        "status": run.status,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "engine_version": run.engine_version,
        "input_hash": run.input_hash,
        "answer_hash": run.answer_hash,
        "seed": run.seed,
        "params": run.params,
        "listings": run.listings,
        "needs": run.needs,
        "matches": run.matches,
        "matched_needs": run.matched_needs,
        "rejections": run.rejections,
        "timings": run.timings,
        "message": run.message,
    }
