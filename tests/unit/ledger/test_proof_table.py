"""What is proven is complete: a case for every guard of the ledger, a step for every use case that moves something."""

from __future__ import annotations

import ast

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Table

from app.config import ROOT
from app.ledger import guards
from app.ledger.models import Capacity, Claim
from prove.cases import CASES
from prove.chapters import ASIDE, ROOMS, STEPS

SWEPT = {"run"}  # the sweep of holds, which the proof ends with
TABLES: tuple[Table, ...] = (Capacity.__table__, Claim.__table__)  # type: ignore[assignment]


def test_every_trigger_and_constraint_has_a_case_on_each_engine() -> None:
    constraints = {c.name for t in TABLES for c in t.constraints if isinstance(c, CheckConstraint)}
    links = {c.name for c in Claim.__table__.constraints if isinstance(c, ForeignKeyConstraint) and len(c.columns) == 2}  # type: ignore[attr-defined]
    wanted = {*guards.GUARDS, *constraints, *links}
    for engine in ("postgresql", "sqlite"):
        assert wanted - {case.guard for case in CASES if engine in case.remove} == set()


def use_cases(room: str) -> set[str]:
    """The use cases of a feature: what takes a command; and what its jobs do."""
    found = set()
    for file in (ROOT / "app" / room).rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in tree.body:
            if (
                isinstance(node, ast.FunctionDef)
                and not node.name.startswith("_")
                and [a.arg for a in node.args.args] == ["work", "command"]
            ):
                found.add(node.name)
        if file.name == "jobs.py":
            calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func).endswith("bus.execute")]
            found |= {ast.unparse(call.args[0]) for call in calls}
    return found


def test_every_use_case_that_moves_capacity_money_or_approvals_is_told_under_faults() -> None:
    told = {step.use_case for step in STEPS}
    every = set().union(*map(use_cases, ROOMS))
    assert len(every) > 50
    assert every - told - set(ASIDE) - SWEPT == set()
    assert set(ASIDE) <= every
    assert not told & set(ASIDE)
