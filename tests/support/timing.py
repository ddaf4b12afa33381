"""The database's clock follows the clock of the test: it stands until the test moves it.

SQLite: `strftime('…', 'now')` is answered by the test's clock. PostgreSQL: the function `database_now()` of the template reads a
setting that each transaction of the test's engine begins with; others see the real time.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from sqlalchemy import Connection, event

from app.db.work import Bus

AS_STORED = "%Y-%m-%d %H:%M:%S.%f"
FOLLOWING = """CREATE OR REPLACE FUNCTION database_now() RETURNS timestamptz LANGUAGE sql STABLE AS
$$SELECT COALESCE(NULLIF(current_setting('test.now', true), '')::timestamptz, transaction_timestamp())$$"""


def follow(bus: Bus) -> None:
    """Make the database of `bus` tell the time of whatever clock the bus has. Once for each engine, before it connects."""

    def now(form: str, when: str) -> str:
        assert when == "now", when
        return bus.clock.now().astimezone(UTC).strftime(AS_STORED)

    def connected(connection: Any, record: Any) -> None:
        connection.create_function("strftime", 2, now)

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL test.now = '{bus.clock.now().isoformat()}'")  # no query: takes no snapshot

    if bus.database.is_sqlite:
        event.listen(bus.database.engine, "connect", connected)
    else:
        event.listen(bus.database.engine, "begin", begun)
