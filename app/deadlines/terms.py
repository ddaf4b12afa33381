"""A clock's rule as it is kept with each deadline: what a deadline was made by, whatever the profile says later. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.catalogue.profiles import Clock, OrderTier, PauseReason, Profile, Source
from app.kernel.text import Text


def terms_of(profile: Profile, clock: Clock) -> dict[str, Any]:
    """The rule with the time zone it is counted in, ready to be stored."""
    return {
        "time_zone": profile.time_zone,
        "rule": clock.rule,
        "label": _pair(clock.label),
        "event": clock.event,
        "actor": clock.actor,
        "length": clock.length,
        "unit": clock.unit,
        "calendar": clock.calendar,
        "consequence": _pair(clock.consequence),
        "outcome": clock.outcome,
        "pauses": [{"code": reason.code, **_pair(reason.text)} for reason in clock.pauses],
        "tiers": [
            {"over": tier.over, "length": tier.length, "name": _pair(tier.name) if tier.name else None} for tier in clock.tiers
        ],
        "source": {
            "citation": clock.source.citation,
            "citation_zh": clock.source.citation_zh,
            "note": _pair(clock.source.note) if clock.source.note else None,
        },
    }


def clock_from(terms: Mapping[str, Any]) -> Clock:
    """The rule that was stored."""
    source = terms["source"]
    return Clock(
        rule=terms["rule"],
        label=_text(terms["label"]),
        event=terms["event"],
        actor=terms["actor"],
        length=terms["length"],
        unit=terms["unit"],
        calendar=terms["calendar"],
        consequence=_text(terms["consequence"]),
        source=Source(source["citation"], _text(source["note"]) if source["note"] else None, source["citation_zh"]),
        outcome=terms["outcome"],
        pauses=tuple(PauseReason(row["code"], _text(row)) for row in terms["pauses"]),
        tiers=tuple(OrderTier(row["over"], row["length"], _text(row["name"]) if row["name"] else None) for row in terms["tiers"]),
    )


def _pair(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _text(pair: Mapping[str, str]) -> Text:
    return Text(pair["en"], pair["zh"])
