"""An independent judge: peak ÷ capacity of every dimension on every day, in SQL of its own that shares nothing with the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

FIRST, DAYS = date(2027, 1, 1), 31
CALENDAR = {
    "postgresql": "SELECT d::date AS day FROM generate_series(date '2027-01-01', date '2027-01-31', interval '1 day') AS d",
    "sqlite": """WITH RECURSIVE c(day) AS (SELECT '2027-01-01' UNION ALL SELECT date(day, '+1 day') FROM c WHERE day < '2027-01-31')
        SELECT day FROM c""",
}
USED = """
WITH days AS ({calendar})
SELECT used.day, used.dimension, MAX(used.taken * 1.0 / NULLIF(used.total, 0)) AS ratio, MAX(used.taken - used.total) AS over_milli
  FROM (SELECT days.day, k.asset_id, k.dimension, k.total_milli AS total,
               (SELECT COALESCE(SUM(c.amount_milli), 0) FROM claim c
                 WHERE c.asset_id = k.asset_id AND c.dimension = k.dimension AND c.state = 'active'
                   AND c.starts <= days.day AND days.day < c.ends) AS taken
          FROM days CROSS JOIN capacity k) AS used
 GROUP BY used.day, used.dimension ORDER BY used.day, used.dimension"""
TWICE = """
SELECT COUNT(*) FROM claim a JOIN claim b
    ON a.asset_id = b.asset_id AND a.dimension = b.dimension AND a.slot = b.slot AND a.id < b.id
 WHERE a.state = 'active' AND b.state = 'active' AND a.starts < b.ends AND b.starts < a.ends"""
BEYOND = """
SELECT COUNT(*) FROM claim c JOIN capacity k ON k.asset_id = c.asset_id AND k.dimension = c.dimension
 WHERE c.state = 'active' AND c.slot * 1000 > k.total_milli"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ratio`: (day, dimension) → peak ÷ capacity over all assets. `over_milli`: the most that is sold above a total.

    `twice`: pairs of claims on one slot at once. `beyond`: claims on a slot that is not there."""

    ratio: Mapping[tuple[date, str], float]
    over_milli: int
    twice: int
    beyond: int

    @property
    def peak(self) -> float:
        return max(self.ratio.values(), default=0.0)

    @property
    def holds(self) -> bool:
        return self.over_milli <= 0 and self.twice == 0 and self.beyond == 0

    def __str__(self) -> str:
        said = f"peak ÷ capacity {self.peak:.3f}"
        return (
            said + (f", {self.twice} slots sold twice" if self.twice else "") + (f", {self.beyond} beyond" if self.beyond else "")
        )


def judge(connection: Any, dialect: str) -> Verdict:
    """Look once, in one transaction of `connection` (psycopg or sqlite3)."""
    rows = connection.execute(USED.format(calendar=CALENDAR[dialect])).fetchall()
    ratio = {(_day(day), dimension): float(share or 0) for day, dimension, share, _ in rows}
    over = max((int(milli) for *_, milli in rows), default=0)
    twice, beyond = (int(connection.execute(sql).fetchone()[0]) for sql in (TWICE, BEYOND))
    return Verdict(ratio, over, twice, beyond)


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def table(verdict: Verdict) -> list[str]:
    """Every day and dimension, a week to a line."""
    lines = []
    for dimension in sorted({name for _, name in verdict.ratio}):
        for week in range(0, DAYS, 11):
            days = [FIRST + timedelta(days=n) for n in range(week, min(week + 11, DAYS))]
            cells = " ".join(f"{day:%d}:{verdict.ratio[day, dimension]:.3f}" for day in days)
            lines.append(f"    {dimension:10} {cells}")
    return lines
