"""What an allocation is asked: whose needs come first, how much owners open or keep, and which rules hold. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from app.kernel.errors import DomainError, Problem, fail
from app.kernel.text import Text

WEIGHTS = {"high": 4, "normal": 2, "low": 1}
FIRST = 1000  # what comes first counts as many times
MOST_WEIGHT = 1000
OPENED = (-100, 1000)
SECONDS = (1, 600)
MOST_NAMED = 2000


@dataclass(frozen=True, slots=True)
class Scenario:
    """`weights` by priority. `opened`: by owner, per cent more (or less) open than now, never more than there is. `reserve`: by
    owner, per cent of all capacity kept back. `first`: needs, or organisations with all their needs, that count `FIRST` times.
    `budgets`: by organisation, what its needs may cost in a year, in `currency`'s minor unit. `exclusive`: an asset serves one
    organisation. `divisible`: a need of several units may be served from several listings. Organisations and needs by ref."""

    weights: Mapping[str, int] = field(default_factory=lambda: dict(WEIGHTS))
    opened: Mapping[str, int] = field(default_factory=dict)
    reserve: Mapping[str, int] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    budgets: Mapping[str, int] = field(default_factory=dict)
    currency: str = "CNY"
    exclusive: bool = False
    divisible: bool = False
    seconds: int = 60

    @property
    def is_plain(self) -> bool:
        """Nothing is asked that is not so now."""
        return self == Scenario(seconds=self.seconds)

    def as_json(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @staticmethod
    def of(stored: Mapping[str, Any]) -> Scenario:
        return Scenario(**{**stored, "first": tuple(stored["first"])})


def check(scenario: Scenario) -> None:
    """Raise `invalid` with everything that is out of range."""
    found: list[Problem] = []
    if set(scenario.weights) != set(WEIGHTS) or not all(0 <= w <= MOST_WEIGHT for w in scenario.weights.values()):
        found.append(_wrong("weights", *_between(0, MOST_WEIGHT)))
    if not all(OPENED[0] <= p <= OPENED[1] for p in scenario.opened.values()):
        found.append(_wrong("opened", *_between(*OPENED)))
    if not all(0 <= p <= 100 for p in scenario.reserve.values()):
        found.append(_wrong("reserve", *_between(0, 100)))
    if not all(0 <= b <= 10**15 for b in scenario.budgets.values()):
        found.append(_wrong("budgets", *_between(0, 10**15)))
    if not SECONDS[0] <= scenario.seconds <= SECONDS[1]:
        found.append(_wrong("seconds", *_between(*SECONDS)))
    if max(map(len, (scenario.first, scenario.opened, scenario.reserve, scenario.budgets))) > MOST_NAMED:
        found.append(_wrong("first", f"Name at most {MOST_NAMED}.", f"最多指定 {MOST_NAMED} 个。"))
    if found:
        raise fail("invalid", found)


def unknown(name: str, refs: list[str]) -> DomainError:
    """`invalid`: no organisation or need of this list has these references."""
    told = "、".join(refs[:5])
    return fail("invalid", [_wrong(name, f"Not known here: {', '.join(refs[:5])}.", f"未找到：{told}。")])


def _between(least: int, most: int) -> tuple[str, str]:
    return f"Give a number from {least} to {most}.", f"请填写 {least} 到 {most} 之间的数。"


def _wrong(name: str, en: str, zh: str) -> Problem:
    return Problem("invalid", Text(en, zh), pointer=f"/{name}")
