"""Which numbers: places of one dimension of one asset, for jobs that each keep theirs for a whole window.

As many as are free on each day may still not be numbered: three holes free one after another are not one hole. Jobs are placed by
start; of the places that are free for a job, those with the same claims to come are alike, so one of each sort is tried (interval
scheduling with availability, Kolen et al. 2007). Depth first, within a count of nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

Numbers = tuple[int, ...]


class Job(NamedTuple):
    """`places` from `start` until before `end`."""

    start: int
    end: int
    places: int


class Taken(NamedTuple):
    """A claim from before on place `slot`, counted from 1."""

    slot: int
    start: int
    end: int


class OutOfNodes(Exception):
    """Neither numbered nor shown to be impossible within the nodes given."""


@dataclass
class _Search:
    jobs: Sequence[Job]
    order: list[int]
    contiguous: bool
    taken: list[list[tuple[int, int]]]  # per place, by start
    until: list[int]  # per place: when the last job placed there ends
    nodes: int
    chosen: dict[int, Numbers] = field(default_factory=dict)

    def place(self, at: int) -> bool:
        if at == len(self.order):
            return True
        job = self.jobs[self.order[at]]
        for numbers in self._ways(job):
            self.nodes -= 1
            if self.nodes < 0:
                raise OutOfNodes
            before = [self.until[n] for n in numbers]
            for n in numbers:
                self.until[n] = job.end
            self.chosen[self.order[at]] = numbers
            if self.place(at + 1):
                return True
            for n, end in zip(numbers, before, strict=True):
                self.until[n] = end
        return False

    def _ways(self, job: Job) -> Iterator[Numbers]:
        free = [n for n in range(len(self.until)) if self._is_free(n, job)]
        if self.contiguous:
            there = set(free)
            return (run for n in free if there.issuperset(run := tuple(range(n, n + job.places))))
        sorts: dict[tuple[tuple[int, int], ...], list[int]] = {}
        for n in free:
            sorts.setdefault(self._to_come(n, job.start), []).append(n)
        tightest = sorted(sorts, key=lambda claims: claims[0][0] if claims else 2**62)  # the soonest claimed again go first
        counts = product(*(range(min(len(sorts[s]), job.places), -1, -1) for s in tightest))
        return (
            tuple(n for s, take in zip(tightest, some, strict=True) for n in sorts[s][:take])
            for some in counts
            if sum(some) == job.places
        )

    def _is_free(self, place: int, job: Job) -> bool:
        return self.until[place] <= job.start and all(e <= job.start or s >= job.end for s, e in self.taken[place])

    def _to_come(self, place: int, day: int) -> tuple[tuple[int, int], ...]:
        return tuple((s, e) for s, e in self.taken[place] if e > day)


def number(
    places: int, taken: Sequence[Taken], jobs: Sequence[Job], contiguous: bool, nodes: int = 20_000
) -> list[Numbers] | None:
    """The numbers of each job, from 1; None when there are none. `contiguous`: a job's numbers follow each other. Raises
    `OutOfNodes`."""
    held: list[list[tuple[int, int]]] = [[] for _ in range(places)]
    for claim in taken:
        if 1 <= claim.slot <= places:
            held[claim.slot - 1].append((claim.start, claim.end))
    order = sorted(range(len(jobs)), key=lambda j: (jobs[j].start, -jobs[j].places, -jobs[j].end, j))
    search = _Search(jobs, order, contiguous, [sorted(h) for h in held], [-(2**62)] * places, nodes)
    if not search.place(0):
        return None
    return [tuple(n + 1 for n in search.chosen[j]) for j in range(len(jobs))]


def clash(places: int, taken: Sequence[Taken], jobs: Sequence[Job], contiguous: bool, nodes: int = 20_000) -> list[int]:
    """Of jobs that cannot be numbered together, a set from which none may be left out: each is tried once. Raises `OutOfNodes`."""
    kept = list(range(len(jobs)))
    for one in range(len(jobs)):
        rest = [j for j in kept if j != one]
        if number(places, taken, [jobs[j] for j in rest], contiguous, nodes) is None:
            kept = rest
    return kept
