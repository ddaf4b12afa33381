"""What a profile lets one act do to several cases at once. A decision is made one by one, whatever a profile says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.kernel.text import Text

if TYPE_CHECKING:
    from app.catalogue.profiles import Source

ACTS: dict[str, Text] = {
    "completeness": Text("find requests complete", "认定申请完整"),
    "consult": Text("give opinions", "反馈意见"),
    "file": Text("take on file", "办理备案"),
}


@dataclass(frozen=True, slots=True)
class Together:
    """`acts`: of `ACTS`, those that may be done to several cases at once."""

    acts: frozenset[str]
    source: Source
