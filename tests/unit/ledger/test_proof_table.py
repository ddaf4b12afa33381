"""The table of `make prove-capacity` has a case for every guard that the ledger's tables have."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Table

from app.ledger import guards
from app.ledger.models import Capacity, Claim
from prove.cases import CASES

TABLES: tuple[Table, ...] = (Capacity.__table__, Claim.__table__)  # type: ignore[assignment]


def test_every_trigger_and_constraint_has_a_case_on_each_engine() -> None:
    constraints = {c.name for t in TABLES for c in t.constraints if isinstance(c, CheckConstraint)}
    links = {c.name for c in Claim.__table__.constraints if isinstance(c, ForeignKeyConstraint) and len(c.columns) == 2}  # type: ignore[attr-defined]
    wanted = {*guards.GUARDS, *constraints, *links}
    for engine in ("postgresql", "sqlite"):
        assert wanted - {case.guard for case in CASES if engine in case.remove} == set()
