"""For each guard of the ledger a case that only this guard catches, in SQL, and how to take the guard away.

A case is a script: statements that each commit alone, on a tower with 10 kg and 4 positions. With the guard it is
refused; without it the same script goes through and leaves what the guard is there to prevent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.ledger import guards

ENGINES = ("postgresql", "sqlite")


@dataclass(frozen=True, slots=True)
class Case:
    """`story`: what would happen. `script`: the statements; {a}: the tower. `remove`: by engine, what takes the guard away."""

    guard: str
    story: str
    script: Sequence[str]
    remove: dict[str, Sequence[str]]


def claim(what: str = "load_kg", amount: int = 6000, slot: int | None = None, **more: str) -> str:
    """A statement that inserts a claim for January."""
    values = {
        "ref": "'{ref}'",
        "asset_id": "{a}",
        "dimension": f"'{what}'",
        "kind": "'committed'",
        "state": "'active'",
        "slot": "NULL" if slot is None else str(slot),
        "amount_milli": str(amount),
        "starts": "'2027-01-01'",
        "ends": "'2027-02-01'",
        "holder_type": "'prove'",
        "holder_ref": "'x'",
        "created_at": "'2026-01-01 00:00:00.000000'",
    } | more
    return f"INSERT INTO claim ({', '.join(values)}) VALUES ({', '.join(values.values())})"


def position(slot: int | None = None, amount: int = 1000, **more: str) -> str:
    """A claim of one mounting position."""
    return claim("platform", amount, slot, **more)


def held(until: str) -> str:
    """A hold of 6 kg."""
    return claim(kind="'held'", expires_at=f"'{until} 00:00:00.000000'")


LOWERED = "UPDATE capacity SET total_milli = {n} WHERE asset_id = {{a}} AND dimension = '{what}'"
NO_CHECKS = ("PRAGMA ignore_check_constraints = ON",)


def guard(name: str, story: str, *script: str) -> Case:
    return Case(name, story, script, {engine: guards.drop_statements(engine, name) for engine in ENGINES})


def check(table: str, name: str, story: str, *script: str) -> Case:
    """A CHECK constraint; SQLite cannot drop one, but can be told to look away."""
    drop = (f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}",)
    return Case(f"ck_{table}_{name}", story, script, {"postgresql": drop, "sqlite": NO_CHECKS})


CASES: tuple[Case, ...] = (
    guard("claim_fits", "a claim on a day that has too little left", claim(), claim(amount=5000)),
    guard("claim_fits", "a claim on a fifth position of four", position(5)),
    guard("claim_fits", "an amount of a dimension that is numbered", position()),
    guard("slot_once", "one position for two", position(1), position(1, starts="'2027-01-31'")),
    guard("total_covers", "a total below what is claimed", claim(), LOWERED.format(n=4000, what="load_kg")),
    guard(
        "total_covers",
        "a position taken away from its tenant",
        position(4),
        LOWERED.format(n=3000, what="platform"),
    ),
    guard("capacity_kept", "a tower deleted under its tenant", claim(), "DELETE FROM capacity WHERE asset_id = {a}"),
    guard(
        "claim_stands",
        "a released claim that comes back over the next one",
        claim(holder_ref="'first'"),
        "UPDATE claim SET state = 'released' WHERE holder_ref = 'first'",
        claim(holder_ref="'second'"),
        "UPDATE claim SET state = 'active' WHERE holder_ref = 'first'",
    ),
    guard("claim_stands", "a claim that grows after it was judged", claim(), "UPDATE claim SET amount_milli = 11000"),
    guard("hold_clock", "a hold ended before its time", held("2099-01-01"), "UPDATE claim SET state = 'expired'"),
    guard("hold_clock", "a hold that is over before it begins", held("2020-01-01")),
    check("claim", "kind", "a claim of a kind that nobody counts", claim(kind="'gift'")),
    check("claim", "state", "a state that no rule knows", claim(), "UPDATE claim SET state = 'parked'"),
    check("claim", "window", "a claim that ends before it starts", claim(starts="'2027-03-01'")),
    check("claim", "amount", "a negative amount that makes room for 15 kg on 10", claim(amount=-5000), claim(amount=15000)),
    check("claim", "slot", "half a position", position(1, 500)),
    check("claim", "hold_expires", "a hold without an end", claim(kind="'held'")),
    check("claim", "equipment", "equipment of somebody who is no tenant from before", claim(equipment="'2 yagis'")),
    check("claim", "only_holds_expire", "a commitment that lapses by itself", claim(), "UPDATE claim SET state = 'expired'"),
    check(
        "claim",
        "converted",
        "a tenant from before that is converted away",
        claim(kind="'baseline'"),
        "UPDATE claim SET state = 'converted'",
    ),
    check(
        "capacity", "sort", "a dimension of a sort that no guard sums", "UPDATE capacity SET sort = 'heap' WHERE asset_id = {a}"
    ),
    check("capacity", "total", "a negative total", "INSERT INTO capacity VALUES ({a}, 'power_kw', 'quantity', -1000, 0)"),
    check("capacity", "whole_slots", "two and a half positions", LOWERED.format(n=2500, what="platform")),
    Case(
        "fk_claim_asset_id_capacity",
        "the history of a capacity that never was",
        (claim(what="power_kw", state="'released'"),),
        {
            "postgresql": ("ALTER TABLE claim DROP CONSTRAINT fk_claim_asset_id_capacity",),
            "sqlite": ("PRAGMA foreign_keys = OFF",),
        },
    ),
    Case(
        "pk_capacity",
        "two totals for one dimension",
        ("INSERT INTO capacity VALUES ({a}, 'load_kg', 'quantity', 10000, 0)",),
        {"postgresql": ("ALTER TABLE capacity DROP CONSTRAINT pk_capacity CASCADE",)},
    ),
)
