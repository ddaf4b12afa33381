"""Versions, lines and signatures are never changed, whoever writes; and each guard is what refuses it."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.agreements.service import SignAgreement, sign_agreement
from app.db import immutable
from tests.integration.life.steps import drafted, hash_of
from tests.support.life import World

CHANGES = {"agreement_version": "content_hash = 'x'", "capacity_line": "currency = 'USD'", "signature": "content_hash = 'x'"}


@pytest.mark.parametrize("table", ["agreement_version", "capacity_line", "signature"])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_refused_and_only_by_its_guard(world: World, table: str, verb: str) -> None:
    ref = drafted(world)
    world.do(world.owner, sign_agreement, SignAgreement(ref, hash_of(world, ref)))
    statement = f"UPDATE {table} SET {CHANGES[table]}" if verb == "UPDATE" else f"DELETE FROM {table}"
    database = world.bus.database
    with pytest.raises(DBAPIError, match="never changed"), database.write() as session:
        session.execute(text(statement))
    dialect = database.engine.dialect.name
    with database.write() as session:
        for drop in immutable.drop_statements(dialect, table):
            session.execute(text(drop))
    try:
        if (table, verb) != ("agreement_version", "DELETE"):  # its lines refer to it: there the foreign key speaks too
            with database.write() as session:
                session.execute(text(statement))
    finally:
        with database.write() as session:
            for made in immutable.statements(dialect, table):
                session.connection().exec_driver_sql(made)
