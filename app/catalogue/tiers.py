"""Disclosure tiers: how precisely a viewer sees an asset or a need (product.md, Words)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from app.kernel.text import Text


class Tier(IntEnum):
    """Ordered: a higher tier shows everything that a lower one shows."""

    T0 = 0
    T1 = 1
    T2 = 2
    T3 = 3


@dataclass(frozen=True, slots=True)
class TierWords:
    label: Text
    description: Text


TIERS: dict[Tier, TierWords] = {
    Tier.T0: TierWords(Text("Counted", "仅计数"), Text("Only counted, per grid cell.", "仅按网格显示数量。")),
    Tier.T1: TierWords(
        Text("Approximate", "概略"),
        Text("Snapped to a grid: where it roughly is, and its kind.", "位置吸附到网格：仅显示大致位置和类别。"),
    ),
    Tier.T2: TierWords(
        Text("Exact", "精确"),
        Text("Exact location and capacity, inside a granted area and period.", "在授权区域和期限内显示精确位置与容量。"),
    ),
    Tier.T3: TierWords(Text("Internal", "内部"), Text("Everything, internal detail included.", "显示全部内容，包括内部细节。")),
}
