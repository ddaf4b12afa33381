"""Reads a profile from its TOML file; refuses what it does not know, naming the place."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from app.catalogue.clock_words import EVENTS, OUTCOMES, RULES
from app.catalogue.profiles import (
    AUTHORITIES,
    FAIRNESS,
    MOST_FAIRNESS_POINTS,
    MOST_FAIRNESS_TIMES,
    Authority,
    Clearance,
    Clock,
    Cobuild,
    Evidence,
    FairnessTerm,
    Mode,
    Order,
    OrderTier,
    PauseReason,
    Profile,
    RefusalGround,
    Rent,
    RouteTerms,
    SamePlace,
    Source,
    TenantDiscount,
)
from app.catalogue.together import ACTS, Together
from app.catalogue.works_terms import LATE_RULES, WORKS_KINDS, LateRule, WorksRule, WorksSpace
from app.kernel.money import exponent
from app.kernel.text import Text
from app.kernel.workcalendar import Unit, get_calendar

Table = Mapping[str, Any]


class ProfileError(ValueError):
    """The file contradicts itself; the message names the clause."""


def read_profile(path: Path) -> Profile:
    """The profile of one file, whose name is its code."""
    content = path.read_text(encoding="utf-8")
    table = tomllib.loads(content, parse_float=Decimal)
    try:
        profile = _profile(path.stem, table, hashlib.sha256(content.encode()).hexdigest()[:12])
    except (KeyError, TypeError, ValueError) as error:
        raise ProfileError(f"{path.name}: {error!r}") from error
    _check(profile)
    return profile


def _profile(code: str, table: Table, version: str) -> Profile:
    region = table["regions"]
    offer = table["offer"]
    return Profile(
        code=code,
        name=_text(table, "name"),
        currency=table["currency"],
        language=table["language"],
        time_zone=table["time_zone"],
        region_tree=region["tree"],
        levels=tuple(region["levels"]),
        competent_level=region["competent_level"],
        kinds=tuple(table["kinds"]["covered"]),
        kinds_source=_source(table["kinds"]),
        regulated_sectors=frozenset(table["regulated_sectors"]),
        public_security_grades=frozenset(table["public_security_grades"]),
        authorities=tuple(
            Authority(capacity, row["mode"], _source(row), row.get("four_eyes", True))
            for capacity, row in table["authority"].items()
        ),
        clearances=tuple(
            Clearance(Decimal(row["up_to_kv"]), Decimal(row["clearance_m"]), _source(table["clearance"]))
            for row in table["clearance"]["rows"]
        ),
        same_place=tuple(SamePlace(row["setting"], row["distance_m"], _source(row)) for row in table.get("same_place", ())),
        refusal_grounds=tuple(_ground(row) for row in table["refusal_ground"]),
        clocks=tuple(_clock(row) for row in table["clock"]),
        offer_hold_days=offer["hold_days"],
        offer_hold_source=_source(offer),
        rent=_rent(table["rent"]),
        cobuild=_cobuild(table["cobuild"]) if "cobuild" in table else None,
        routes=_routes(table["routes"]) if "routes" in table else None,
        order=Order(table["order"]["days"], _source(table["order"])) if "order" in table else None,
        version=version,
        fairness=tuple(map(_fairness, table.get("fairness", ()))),
        works=tuple(map(_works, table.get("works", ()))),
        appeal=(_text(table["appeal"], "text"), _source(table["appeal"])) if "appeal" in table else None,
        together=Together(frozenset(table["together"]["acts"]), _source(table["together"])) if "together" in table else None,
    )


def _fairness(row: Table) -> FairnessTerm:
    return FairnessTerm(row["term"], _text(row, "label"), int(row["points"]), int(row.get("times", 1)), _source(row))


def _works(row: Table) -> WorksRule:
    reserve = tuple(
        WorksSpace(Text(r["en"], r["zh"]), r["asset"], r["dimension"], float(r["least"]), bool(r["along"]))
        for r in row.get("reserve", ())
    )
    late = LateRule(row["late"]["then"], _text(row["late"], "text"), _source(row["late"]))
    months = int(row["publish_months"]), int(row["request_months"])
    return WorksRule(tuple(row["kinds"]), _text(row, "label"), *months, reserve, late, _source(row))


def _cobuild(row: Table) -> Cobuild:
    names = [f.name for f in fields(Cobuild) if f.name != "source"]
    return Cobuild(**{name: int(row[name]) for name in names}, source=_source(row))


def _routes(row: Table) -> RouteTerms:
    """Prices whole, the rest as figures. Refuses what is negative, and joints farther apart than two metres."""
    names = [f.name for f in fields(RouteTerms) if f.name != "source"]
    if wrong := [name for name in names if row[name] < 0] or (["snap_m"] if row["snap_m"] > 2 else []):
        raise ValueError(f"routes.{wrong[0]} is out of range")
    known: dict[str, Any] = {name: int(row[name]) if name.endswith("minor") else float(row[name]) for name in names}
    return RouteTerms(**known, source=_source(row))


def _text(row: Table, name: str) -> Text:
    return Text(row[name]["en"], row[name]["zh"])


def _source(row: Table) -> Source:
    note = Text(row["note"]["en"], row["note"]["zh"]) if "note" in row else None
    return Source(row["source"], note, row.get("source_zh", ""))


def _ground(row: Table) -> RefusalGround:
    evidence = tuple(Evidence(e["code"], Text(e["en"], e["zh"])) for e in row["evidence"])
    return RefusalGround(row["code"], _text(row, "text"), evidence, _source(row))


def _clock(row: Table) -> Clock:
    return Clock(
        rule=row["rule"],
        label=_text(row, "label"),
        event=row["event"],
        actor=row["actor"],
        length=row["length"],
        unit=row["unit"],
        calendar=row["calendar"],
        consequence=_text(row, "consequence"),
        source=_source(row),
        outcome=row["outcome"],
        pauses=tuple(PauseReason(p["code"], Text(p["en"], p["zh"])) for p in row.get("pauses", ())),
        tiers=tuple(OrderTier(t["over"], t.get("length"), Text(t["en"], t["zh"])) for t in row.get("tiers", ())),
    )


def _rent(row: Table) -> Rent:
    discounts = tuple(TenantDiscount(d["tenants"], Decimal(d["base"]), Decimal(d["site"])) for d in row["discounts"])
    return Rent(discounts, Decimal(row["anchor_extra"]), _source(row))


def _check(profile: Profile) -> None:
    """Refuse values outside the vocabularies, and repeated clauses."""
    exponent(profile.currency)
    _among(profile, "capacity", [a.capacity for a in profile.authorities], AUTHORITIES)
    _among(profile, "mode", {a.mode for a in profile.authorities}, get_args(Mode))
    _among(profile, "rule", [c.rule for c in profile.clocks], RULES)
    _among(profile, "unit", {c.unit for c in profile.clocks}, get_args(Unit))
    _among(profile, "outcome", {c.outcome for c in profile.clocks}, tuple(OUTCOMES))
    _among(profile, "event", {c.event for c in profile.clocks}, tuple(EVENTS))
    _among(profile, "competent level", [profile.competent_level], profile.levels)
    _among(profile, "act on several cases at once", sorted(profile.together.acts) if profile.together else (), tuple(ACTS))
    _among(profile, "kind of works", [kind for rule in profile.works for kind in rule.kinds], tuple(WORKS_KINDS))
    for rule in profile.works:
        if not 0 <= rule.request_months <= rule.publish_months:
            raise ProfileError(f"{profile.code}: joining ends before the works are announced")
        _among(profile, "late rule", [rule.late.then], tuple(LATE_RULES))
        _among(profile, "kind of asset", {space.asset for space in rule.reserve}, profile.kinds)
    codes = [ground.code for ground in profile.refusal_grounds]
    _among(profile, "refusal ground", codes, codes)
    _among(profile, "fairness term", [t.term for t in profile.fairness], FAIRNESS)
    if sum(t.points for t in profile.fairness) > MOST_FAIRNESS_POINTS or any(t.points < 0 for t in profile.fairness):
        raise ProfileError(f"{profile.code}: fairness gives fewer than 0 or more than {MOST_FAIRNESS_POINTS} points")
    if any(not 1 <= t.times <= MOST_FAIRNESS_TIMES for t in profile.fairness):
        raise ProfileError(f"{profile.code}: fairness counts a need less than once or more than {MOST_FAIRNESS_TIMES} times")
    for clock in profile.clocks:
        get_calendar(clock.calendar)


def _among(profile: Profile, what: str, values: Sequence[str] | set[str], allowed: Sequence[str]) -> None:
    if unknown := set(values) - set(allowed):
        raise ProfileError(f"{profile.code}: unknown {what} {sorted(unknown)}")
    if len(set(values)) != len(values):
        raise ProfileError(f"{profile.code}: a {what} is given twice")
