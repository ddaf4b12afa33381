"""How a saving is reckoned: pure, exact until one rounding, each way with its definition in words.

A definition is never changed: another way of reckoning is another code, so that a number always says what it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app.kernel.text import Text

LEASE, GROUP = "lease-1", "group-1"
DEFINITIONS = {
    LEASE: Text(
        "What the requester stated at submission that building alone would cost, for the part of its need that is served, less the "
        "agreed yearly prices over the days of the term that was asked for. Reckoned once, on the day of entry into force; without "
        "discounting, index, tenant discounts and make-ready; amendments change nothing.",
        "以申请方提交需求时填报的自建造价（按已满足部分折算），减去需求期限内约定年价合计；于协议生效之日计算一次，"
        "不计折现、递增、共享优惠及施工准备费用，补充协议不再调整。",
    ),
    GROUP: Text(
        "What building alone would cost each member, as it stated at submission or else by the costs of the profile, less its share "
        "of the joint cost (Shapley). Reckoned once, on the day on which the last member consents.",
        "各成员自建造价（以提交时填报为准，未填报的按配置造价）减去其分摊的共建费用（夏普利值）；于最后一个成员同意之日计算一次。",
    ),
}
DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Price:
    """A yearly price, paid (or, negative, received) from `starts` until `ends`."""

    minor_a_year: int
    starts: date
    ends: date


def served_part(quantity: int, outstanding: int, told: int) -> int:
    """How much of a need of `quantity` is served and not yet `told` of."""
    return max(0, quantity - outstanding - told)


def part_of(whole_minor: int, part: int, quantity: int) -> int:
    return round(Fraction(whole_minor * part, quantity))


def paid(prices: Iterable[Price], until: date) -> int:
    """What the prices come to up to `until`, the end of the term that was asked for."""
    total = sum(
        (Fraction(one.minor_a_year * max(0, (min(one.ends, until) - one.starts).days), DAYS_A_YEAR) for one in prices), Fraction()
    )
    return round(total)
