"""The frozen columnar `Network`: what routes are searched on. Checked once; no web, no database, no opinion about money's worth.

A node is one owner's end of a section at one place; a site is a place where several owners' nodes can hand over. An edge is
undirected: a section of a span, a handover between two owners at a site, or a gap to be built. Lengths are whole millimetres,
losses micro-decibels, money minor units, capacity whole units of what is asked for.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.engine.csr import pointer
from app.engine.problem import Ints, ProblemError

SPAN, HANDOVER, BUILD = range(3)  # Network.kind
ENDLESS = 1 << 40  # units free on a handover or a build
LARGEST = 1 << 52  # of any column, so that sums along a route stay exact in 64 bits
YEAR = 365  # days that a yearly rent is for
SHUT = -1  # weight of an edge that a search must not use
FAR = 1 << 62  # distance of what a search did not reach


@dataclass(frozen=True, eq=False)
class Network:
    """N nodes, E edges. `owner[N]`: -1 at the two ends of a question. `site[N]`: dense. `tail`, `head[E]`. `span[E]`: the row of
    the span that an edge is a section of, -1 for the others. `rent_minor[E]`: per unit and year. `once_minor[E]`: paid once.
    `risk_ptr`, `risk`: CSR over edges, ids of what else fails with them (a duct, a bridge, a tunnel), dense."""

    owner: Ints
    site: Ints
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    tail: Ints
    head: Ints
    kind: Ints
    span: Ints
    length_mm: Ints
    rent_minor: Ints
    once_minor: Ints
    loss_udb: Ints
    free: Ints
    risk_ptr: Ints
    risk: Ints
    local: threading.local = field(default_factory=threading.local, repr=False)

    def __post_init__(self) -> None:
        check(self)

    def __len__(self) -> int:
        return len(self.owner)

    @property
    def edges(self) -> int:
        return len(self.tail)

    @cached_property
    def arcs(self) -> tuple[Ints, Ints, Ints]:
        """CSR of both directions: (ptr[N + 1], to, edge), the arcs of a node in order of (to, edge)."""
        source, target = np.concatenate((self.tail, self.head)), np.concatenate((self.head, self.tail))
        edge = np.tile(np.arange(self.edges), 2)
        order = np.lexsort((edge, target, source))
        return pointer(np.bincount(source, minlength=len(self))), target[order], edge[order]

    @cached_property
    def at_risk(self) -> tuple[Ints, Ints]:
        """CSR by risk: the edges that fail with each."""
        edge = np.repeat(np.arange(self.edges), np.diff(self.risk_ptr))
        order = np.argsort(self.risk, kind="stable")
        return pointer(np.bincount(self.risk, minlength=int(self.risk.max(initial=-1)) + 1)), edge[order]

    @cached_property
    def at_site(self) -> tuple[Ints, Ints]:
        """CSR by site: its nodes."""
        order = np.argsort(self.site, kind="stable")
        return pointer(np.bincount(self.site, minlength=int(self.site.max(initial=-1)) + 1)), order

    def risks_of(self, edges: Ints) -> Ints:
        """The risks that any of some edges runs, ascending."""
        if not len(edges):
            return np.zeros(0, np.int64)
        return np.unique(np.concatenate([self.risk[self.risk_ptr[e] : self.risk_ptr[e + 1]] for e in edges]))


def prices(network: Network, units: int, days: int) -> Ints:
    """What each edge costs for `units` over `days`, in minor units: rent by the day (rounded half up) and what is paid once.

    Raises `ProblemError` where a price is so large that a route's sum would not be exact."""
    if units < 1:
        raise ProblemError("units", None, "at least 1 is asked for")
    if days < 1:
        raise ProblemError("days", None, "the window is empty")
    if int(network.rent_minor.max(initial=0)) * units * days > LARGEST:
        raise ProblemError("rent_minor", int(network.rent_minor.argmax()), "too large for that many units and days")
    return (network.rent_minor * (units * days) * 2 + YEAR) // (2 * YEAR) + network.once_minor


def weights(network: Network, units: int, days: int) -> Ints:
    """The prices as a search compares them: at least 1, so that of two equal routes the one with fewer sections wins; `SHUT`
    where fewer than `units` are free."""
    return np.where(network.free >= units, np.maximum(prices(network, units, days), 1), SHUT)


def check(network: Network) -> None:
    """Refuse what no network may hold, by column and row."""
    n, e = len(network.owner), len(network.tail)
    for name in ("site", "lon", "lat"):
        _shape(name, getattr(network, name), n)
    for name in ("head", "kind", "span", "length_mm", "rent_minor", "once_minor", "loss_udb", "free"):
        _shape(name, getattr(network, name), e)
    _shape("risk_ptr", network.risk_ptr, e + 1)
    for name, low, high in (
        ("tail", 0, n - 1),
        ("head", 0, n - 1),
        ("site", 0, max(n - 1, 0)),
        ("kind", SPAN, BUILD),
        ("length_mm", 0, LARGEST),
        ("rent_minor", 0, LARGEST),
        ("once_minor", 0, LARGEST),
        ("loss_udb", 0, LARGEST),
        ("free", 0, ENDLESS),
        ("risk", 0, LARGEST),
    ):
        column = getattr(network, name)
        wrong = np.flatnonzero((column < low) | (column > high))
        if len(wrong):
            raise ProblemError(name, int(wrong[0]), f"{column[wrong[0]]} is not within {low} and {high}")
    for name, most in (("lon", 180.0), ("lat", 90.0)):
        column = getattr(network, name)
        wrong = np.flatnonzero(~(np.abs(column) <= most))
        if len(wrong):
            raise ProblemError(name, int(wrong[0]), f"{column[wrong[0]]} is no place on Earth")
    loops = np.flatnonzero(network.tail == network.head)
    if len(loops):
        raise ProblemError("head", int(loops[0]), "an edge leads back to its own node")


def _shape(name: str, column: NDArray[np.generic], rows: int) -> None:
    if column.shape != (rows,):
        raise ProblemError(name, None, f"{len(column)} rows where {rows} are needed")


def other_end(network: Network, edge: int, node: int) -> int:
    """The node at the other end of an edge."""
    return int(network.tail[edge] + network.head[edge] - node)
