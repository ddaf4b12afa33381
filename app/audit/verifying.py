"""Whether the chains of records are whole, by themselves and against the heads that were published, and where they are not.

Linear in the number of records, constant in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.audit.chain import GENESIS, PLATFORM, record_hash
from app.audit.heads import NOTED, Head, Published
from app.audit.stored import Kept, kept_records


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place of a chain that does not hold. `kind`: changed (the hash is not of this content, or a byte is written in another way
    than it was), gap (a record is missing before this), fork (two records follow one), cut (records that a published head knew are gone),
    rewritten (the record that a published head knew is another), heads_changed, signature or heads_missing (a line of the published
    file; `position` is the line)."""

    chain: str
    position: int
    kind: str


@dataclass(frozen=True, slots=True)
class Verdict:
    records: int
    heads: tuple[Head, ...]
    faults: tuple[Fault, ...]


class _Chain:
    """One chain on the way from its first record to its end."""

    def __init__(self, name: str) -> None:
        self.head, self.last_id = Head(name, 0, GENESIS), 0

    def follow(self, row: Kept) -> tuple[int, str | None]:
        """The position of the next record, and what is wrong with it."""
        before, position = self.head, self.head.position + 1 if row.position is None else row.position
        if row.facts is None:
            self.head = Head(before.chain, position, before.hash)
            return position, "changed"
        own = str(row.facts["hash"])
        fault = _fault(row.facts, before, self.last_id)
        self.head, self.last_id = Head(before.chain, position, own), row.facts["id"]
        return position, fault


def verify(session: Session, published: Sequence[Published] | None = None) -> Verdict:
    """Walk every chain from its first record, past every head that was published. Without `published` the chains are judged by
    themselves."""
    expected: dict[tuple[str, int], set[str]] = {}  # more than one where a forged end was published after the true one
    for line in published or ():
        for head in line.heads if line.fault is None else ():
            expected.setdefault((head.chain, head.position), set()).add(head.hash)
    count = 0
    chains: dict[str, _Chain] = {}
    broken: dict[str, Fault] = {}
    noted: dict[int, set[str]] = {}
    for row in kept_records(session):
        count += 1
        chain = chains.setdefault(row.chain, _Chain(row.chain))
        position, kind = chain.follow(row)
        known = expected.pop((row.chain, position), {chain.head.hash})
        kind = kind or ("rewritten" if known != {chain.head.hash} else None)
        if kind is not None:
            broken.setdefault(row.chain, Fault(row.chain, position, kind))
        elif row.chain == PLATFORM and row.facts is not None and row.facts["action"] == NOTED:
            noted.setdefault(row.facts["after"]["line"], set()).add(row.facts["after"]["hash"])
    for name, _position in sorted(expected):
        last = chains[name].head.position if name in chains else 0
        broken.setdefault(name, Fault(name, last + 1, "cut"))
    heads = tuple(chain.head for chain in chains.values())
    of_file = [] if published is None else _of_file(published, noted)
    return Verdict(count, heads, (*of_file, *(broken[name] for name in sorted(broken))))


def _of_file(published: Sequence[Published], noted: Mapping[int, Set[str]]) -> list[Fault]:
    """What is wrong with the published file: by itself, and by what the record says of it, the first line that is gone."""
    faults = []
    for line in published:
        kind = line.fault or ("heads_changed" if noted.get(line.line, {line.digest}) != {line.digest} else None)
        if kind is not None:
            faults.append(Fault("published heads", line.line, kind))
    gone = [number for number in sorted(noted) if number > len(published)]
    return faults + [Fault("published heads", number, "heads_missing") for number in gone[:1]]


def _fault(facts: Mapping[str, Any], head: Head, last_id: int) -> str | None:
    if facts["position"] == head.position:
        return "fork"
    if facts["position"] != head.position + 1:
        return "gap"
    if facts["hash"] != record_hash(facts) or facts["id"] <= last_id:
        return "changed"
    return None if facts["prev_hash"] == head.hash else "fork"
