"""Papers about an agreement that other rooms print: a regulator's decision, a statement of rent. A room registers how it prints one
again, so that a file can be compared with what the register would print today."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Reprint:
    """The paper in every language, and the hash of the agreement version that it is on."""

    content_hash: str
    prints: Iterable[bytes]


Printer = Callable[[Session, str, str], Reprint | None]  # session, ref, base_url
PRINTERS: dict[str, Printer] = {}
_NAMED = re.compile(rb"infrashare-([a-z]+)-([0-9a-hj-km-np-tv-z]{13})")


def register_paper(kind: str, printer: Printer) -> None:
    PRINTERS[kind] = printer


def paper_name(kind: str, ref: str) -> str:
    """How a paper calls itself in its metadata."""
    return f"infrashare-{kind}-{ref}"


def reprint(session: Session, data: bytes, base_url: str) -> Reprint | None:
    """The paper that a file says it is; None when it names none of ours."""
    named = _NAMED.search(data)
    printer = PRINTERS.get(named[1].decode()) if named else None
    return printer(session, named[2].decode(), base_url) if named and printer else None
