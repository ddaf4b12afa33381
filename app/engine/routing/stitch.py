"""From spans of several owners to one network: joints, sites, handovers, gaps, and the two ends of a question.

Lines that cross are not joined: only ends are, and where the owner declares a chamber. All distances are geodesic, on integer
earth-centred centimetres, so that nothing happens at the antimeridian or a pole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from app.engine.csr import pointer
from app.engine.earth import ecef_cm
from app.engine.problem import Ints, ProblemError
from app.engine.routing.cutting import Section, sections_of, without_loops
from app.engine.routing.loss import Joints, span_loss_udb
from app.engine.routing.near import Links, clusters, links, near_pairs
from app.engine.routing.network import BUILD, ENDLESS, HANDOVER, SPAN, Network
from app.engine.routing.spans import Chamber, Meeting, Point, SpanRow, check_spans, off_earth
from app.kernel.geometry import length_m

ASKER = -1  # owner of the two ends
ACROSS_A_CELL_MM = 10_000_000  # farther than any two places of one cell
Cell = Callable[[float, float], Hashable]


@dataclass(frozen=True, slots=True)
class Stitched:
    """`network` with `start` and `goal` (-1 where none was asked for). `sections[e]`: where edge e runs, for sections of spans.
    `risk_ids`: the caller's id of each dense risk. `rough[e]`: the edge is there only as far as rough places tell."""

    network: Network
    start: int
    goal: int
    sections: list[Section]
    risk_ids: Ints
    rough: np.ndarray[tuple[int], np.dtype[np.bool_]]
    spans: tuple[SpanRow, ...]


class _Nodes(NamedTuple):
    """`of[section, 2]`: the nodes of a section's ends. `rough`: whether a node is only roughly placed."""

    owner: Ints
    lon: np.ndarray[tuple[int], np.dtype[np.float64]]
    lat: np.ndarray[tuple[int], np.dtype[np.float64]]
    rough: np.ndarray[tuple[int], np.dtype[np.bool_]]
    of: Ints


def stitch(
    spans: Sequence[SpanRow],
    ends: tuple[Point, Point] | None = None,
    chambers: Sequence[Chamber] = (),
    meeting: Meeting = Meeting(),
    cell_of: Cell | None = None,
) -> Stitched:
    """Build the network. `ends`: A and B, joined to every node within reach by what has to be built. `cell_of`: the cell that
    holds a place, where some spans are rough. O(n log n) for n ends of spans, with at most `neighbours` gaps each.

    Raises `ProblemError` for what is no span or no place, and where A and B are one place."""
    rows = list(spans)
    check_spans(rows)
    _check_ends(ends, meeting)
    sections = sections_of(rows, chambers, meeting.snap_m)
    nodes = _with_ends(_joints(rows, sections, meeting.snap_m), ends)
    sections, of = without_loops(sections, nodes.of)
    place = ecef_cm(nodes.lon, nodes.lat)
    site, handovers = _sites(nodes, place, meeting)
    roughly = _rough_links(nodes, place, cell_of)
    builds = _builds(nodes, place, site, roughly, meeting)
    made = _Parts(rows, sections, nodes, of, site, _joined(handovers, _between_owners(nodes, roughly)), builds)
    network, risk_ids = _network(made, meeting)
    rough = nodes.rough[network.tail] | nodes.rough[network.head]
    rough[: len(sections)] = [rows[s.row].rough for s in sections]
    n = len(nodes.owner)
    return Stitched(network, n - 2 if ends else -1, n - 1 if ends else -1, sections, risk_ids, rough, tuple(rows))


def _check_ends(ends: tuple[Point, Point] | None, meeting: Meeting) -> None:
    for name, place in zip(("start", "goal"), ends or (), strict=False):
        if reason := off_earth(place):
            raise ProblemError(name, None, reason)
    if ends is not None:
        lon, lat = (np.array([place[k] for place in ends], np.float64) for k in (0, 1))
        if len(near_pairs(ecef_cm(lon, lat), meeting.snap_m).far):
            raise ProblemError("goal", None, "A and B are one place")


def _joints(rows: list[SpanRow], sections: list[Section], snap_m: float) -> _Nodes:
    """The ends of sections, those of one owner that lie within the snap of one another (or of a third between them) made one."""
    ends = [(rows[s.row], s.line.coords[k]) for s in sections for k in (0, -1)]
    owner = np.array([span.owner for span, _ in ends], np.int64)
    lon, lat = (np.array([place[k] for _, place in ends], np.float64) for k in (0, 1))
    close = near_pairs(ecef_cm(lon, lat), snap_m)
    same = owner[close.tail] == owner[close.head]
    joint = clusters(len(ends), close.tail[same], close.head[same])
    first = np.unique(joint, return_index=True)[1]
    rough = np.ones(len(first), bool)
    np.logical_and.at(rough, joint, np.array([span.rough for span, _ in ends], bool))
    return _Nodes(owner[first], lon[first], lat[first], rough, joint.reshape(-1, 2))


def _with_ends(nodes: _Nodes, ends: tuple[Point, Point] | None) -> _Nodes:
    if ends is None:
        return nodes
    return _Nodes(
        np.append(nodes.owner, (ASKER, ASKER)),
        np.append(nodes.lon, [place[0] for place in ends]),
        np.append(nodes.lat, [place[1] for place in ends]),
        np.append(nodes.rough, (False, False)),
        nodes.of,
    )


def _sites(nodes: _Nodes, place: Ints, meeting: Meeting) -> tuple[Ints, Links]:
    """Sites (what stands within their reach of one another, one by one), and the handovers between owners at them."""
    owned = np.flatnonzero(nodes.owner != ASKER)
    near = near_pairs(place[owned], meeting.site_m)
    tail, head = owned[near.tail], owned[near.head]
    change = nodes.owner[tail] != nodes.owner[head]
    return clusters(len(nodes.owner), tail, head), Links(tail, head, near.far).where(change)


def _rough_links(nodes: _Nodes, place: Ints, cell_of: Cell | None) -> Links:
    """What may meet because it stands in one cell, where at least one of the two is only roughly known."""
    by_cell: dict[Hashable, list[int]] = defaultdict(list)
    if cell_of is not None and nodes.rough.any():
        for node, (lon, lat) in enumerate(zip(nodes.lon.tolist(), nodes.lat.tolist(), strict=True)):
            by_cell[cell_of(lon, lat)].append(node)
    pairs = [pair for mates in by_cell.values() for pair in combinations(mates, 2) if nodes.rough[list(pair)].any()]
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return links(place, both[:, 0], both[:, 1], ACROSS_A_CELL_MM)


def _between_owners(nodes: _Nodes, found: Links) -> Links:
    """Those between two owned nodes: one owner's own joint there is taken for granted, another's is a handover."""
    return found.where((nodes.owner[found.tail] != ASKER) & (nodes.owner[found.head] != ASKER))


def _joined(one: Links, two: Links) -> Links:
    """Both, each pair once."""
    tail, head, far = (np.concatenate(columns) for columns in zip(one, two, strict=True))
    pairs, first = np.unique(np.column_stack((tail, head)), axis=0, return_index=True)
    return Links(pairs[:, 0], pairs[:, 1], far[first])


def _builds(nodes: _Nodes, place: Ints, site: Ints, roughly: Links, meeting: Meeting) -> Links:
    """Gaps that can be built: between exact places, and from the ends to all that is within reach (a whole cell, where rough)."""
    exact = np.flatnonzero(~nodes.rough & (nodes.owner != ASKER))
    near = near_pairs(place[exact], meeting.gap_m, meeting.neighbours)
    gaps = Links(exact[near.tail], exact[near.head], near.far)
    handed = (site[gaps.tail] == site[gaps.head]) & (nodes.owner[gaps.tail] != nodes.owner[gaps.head])
    found = gaps.where(~(handed & (gaps.far <= round(meeting.site_m * 1000))))
    ends, owned = np.flatnonzero(nodes.owner == ASKER), np.flatnonzero(nodes.owner != ASKER)
    for end in ends:
        found = _joined(found, links(place, np.full(len(owned), end), owned, round(meeting.reach_m * 1000)))
    if len(ends):
        found = _joined(found, links(place, ends[:1], ends[1:], round(meeting.gap_m * 1000)))
    return _joined(found, roughly.where((nodes.owner[roughly.tail] == ASKER) | (nodes.owner[roughly.head] == ASKER)))


@dataclass(frozen=True, slots=True)
class _Parts:
    """All that becomes edges: sections (`of`: their ends), handovers, builds."""

    rows: list[SpanRow]
    sections: list[Section]
    nodes: _Nodes
    of: Ints
    site: Ints
    handovers: Links
    builds: Links


def _network(made: _Parts, meeting: Meeting) -> tuple[Network, Ints]:
    s, h, b = len(made.sections), len(made.handovers.far), len(made.builds.far)
    spans = [made.rows[section.row] for section in made.sections]
    owner = made.nodes.owner
    other = owner[made.handovers.tail] != owner[made.handovers.head]
    joints = meeting.joints
    run = [span.risks for span in spans] + [()] * (h + b)
    risk_ids, risk = np.unique(np.array([r for risks in run for r in risks], np.int64), return_inverse=True)
    return Network(
        owner=owner,
        site=made.site,
        lon=made.nodes.lon,
        lat=made.nodes.lat,
        tail=np.concatenate((made.of[:, 0], made.handovers.tail, made.builds.tail)),
        head=np.concatenate((made.of[:, 1], made.handovers.head, made.builds.head)),
        kind=np.repeat((SPAN, HANDOVER, BUILD), (s, h, b)),
        span=np.concatenate((np.array([section.row for section in made.sections], np.int64), np.full(h + b, -1))),
        length_mm=np.concatenate(
            (_shared(made, lambda span: round(_length_m(span) * 1000)), np.zeros(h, np.int64), made.builds.far)
        ),
        rent_minor=np.concatenate((_shared(made, lambda span: span.rent_minor), np.zeros(h + b, np.int64))),
        once_minor=np.concatenate(
            (
                np.zeros(s, np.int64),
                np.where(other, meeting.handover_minor, 0),
                (made.builds.far * meeting.build_minor_m + 500) // 1000 + meeting.build_fixed_minor,
            )
        ),
        loss_udb=np.concatenate(
            (
                _shared(made, lambda span: _loss_udb(span, joints))
                + np.array([_joint_udb(span, joints) for span in spans], np.int64),
                np.where(other, joints.handover_udb, 0),
                np.array([span_loss_udb(mm / 1000, meeting.build_db_km, 0, joints) for mm in made.builds.far.tolist()], np.int64)
                if any(span.db_km for span in made.rows)
                else np.zeros(b, np.int64),
            )
        ),
        free=np.concatenate((np.array([min(span.free, ENDLESS) for span in spans], np.int64), np.full(h + b, ENDLESS))),
        risk_ptr=pointer(np.array([len(risks) for risks in run], np.int64)),
        risk=risk.astype(np.int64),
    ), risk_ids


def _shared(made: _Parts, whole: Callable[[SpanRow], int]) -> Ints:
    """A figure of each span given to its sections by their share; the parts sum to the whole."""
    found = np.zeros(len(made.sections), np.int64)
    begun: dict[int, float] = defaultdict(float)
    for k, section in enumerate(made.sections):
        amount, before = whole(made.rows[section.row]), begun[section.row]
        begun[section.row] = before + section.share
        found[k] = round(amount * begun[section.row]) - round(amount * before)
    return found


def _length_m(span: SpanRow) -> float:
    return span.length_m if span.length_m is not None else length_m(list(span.line.coords))


def _loss_udb(span: SpanRow, joints: Joints) -> int:
    """Of the fibre and its own splices; a duct has no fibre."""
    return span_loss_udb(_length_m(span), span.db_km, span.splices, joints) - _joint_udb(span, joints) if span.db_km else 0


def _joint_udb(span: SpanRow, joints: Joints) -> int:
    return span_loss_udb(0.0, 0.0, 0, joints) if span.db_km else 0
