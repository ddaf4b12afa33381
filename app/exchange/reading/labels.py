"""Header words: how two labels are compared, and where the unit in a header ends and its name begins."""

from __future__ import annotations

import re
import unicodedata

from app.kernel.errors import DomainError
from app.kernel.quantity import find_unit

_BRACKETS = re.compile(r"[(（\[【]([^()（）\[\]【】]*)[)）\]】]")
_KEPT = re.compile(r"[^\w%]+|_", re.UNICODE)
_PER = re.compile(r"[/每]")
_PERIODS = {"年", "月", "日", "天", "季", "year", "yr", "y", "a", "month", "mo", "day", "annum"}


def plain(text: str) -> str:
    """Full-width forms folded, edges and doubled spaces gone; case kept."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def normalise(text: str) -> str:
    """The form in which labels and aliases are compared: no case, width, space, punctuation, or unit in brackets."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = _KEPT.sub("", _BRACKETS.sub("", folded))
    return bare or _KEPT.sub("", folded)


def is_unit(text: str) -> bool:
    """Whether the words are a unit: `m`, `㎡`, `万元/年`, `NZD/year`."""
    amount, *per = _PER.split(unicodedata.normalize("NFKC", text).strip(), maxsplit=1)
    if per and per[0].strip().casefold() not in _PERIODS:
        return _known(text)
    return _known(amount) or (amount.strip().isascii() and amount.strip().isupper() and len(amount.strip()) == 3)


def _known(text: str) -> bool:
    try:
        find_unit(unicodedata.normalize("NFKC", text).strip())
    except DomainError:
        return False
    return True


def split_unit(label: str) -> tuple[str, str | None]:
    """ "挂高(m)" → ("挂高", "m"); "预算\\n(万元/年)" → ("预算", "万元/年"); "Height (overall)" keeps its bracket."""
    text = plain(label)
    for found in reversed(list(_BRACKETS.finditer(text))):
        inside = found.group(1).removeprefix("单位").lstrip(":： ").strip()
        if is_unit(inside):
            return plain(text[: found.start()] + text[found.end() :]), inside
    head, comma, tail = text.rpartition(",")
    if comma and is_unit(tail):
        return head.strip(), tail.strip()
    return text, None
