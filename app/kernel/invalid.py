"""What is wrong with a geometry, as GEOS says it, in both languages."""

from __future__ import annotations

from app.kernel.text import Text

REASONS = {
    "Self-intersection": "自相交",
    "Ring Self-intersection": "环自相交",
    "Hole lies outside shell": "内环在外环之外",
    "Holes are nested": "内环嵌套",
    "Interior is disconnected": "内部不连通",
    "Duplicate Rings": "环重复",
    "Too few points in geometry component": "点数不足",
    "Nested shells": "外环嵌套",
    "Invalid Coordinate": "坐标无效",
    "Ring is not closed": "环未闭合",
}


def invalid_reason(words: str) -> Text:
    """GEOS's reason ("Self-intersection[121.4 31.2]") with its position behind it; in English on both sides where it is not known."""
    what, _, where = words.partition("[")
    place = f" ({where.rstrip(']')})" if where else ""
    return Text(what + place, REASONS.get(what, what) + place)
