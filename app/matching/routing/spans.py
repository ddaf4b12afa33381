"""From the listings that a viewer may see to the spans of a network: place as disclosed, what is free, rent, loss, risks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select

from app.catalogue.declaration import AssetKind, Criterion, Test
from app.catalogue.kinds import KINDS
from app.catalogue.passage import cable_mm, passable
from app.db.work import Reader
from app.engine import MISSING, ON_REQUEST, ListingRow, NeedRow, Problem, explain, problem_from_rows
from app.engine.facts import prepare
from app.engine.judge import judge
from app.engine.routing import Chamber, SpanRow, assumed_splices, attenuation_db_km
from app.kernel.geometry import distance_m, length_m
from app.kernel.text import Text
from app.listings import Listing
from app.matching.faces import Around, Faces, ListingFace, faces_around, faces_of
from app.matching.routing.question import RouteQuestion
from app.matching.routing.risks import risks_of, shared_assets
from app.matching.source import Scope, listing_rows, roots
from app.matching.source_seen import Sight

WIDER = 0.3  # of the distance between A and B, to either side
LEAST_M, MOST_M = 5_000.0, 300_000.0
LEFT_TO_THE_ROUTE = frozenset({"reach", "price", "not_own", "loss"})  # criteria that a section need not pass by itself
ASKING = 1  # id of the question among needs


@dataclass(frozen=True)
class Ground:
    """What a question is asked of. `faces`, `free`, `on_request`, `own`, `kept`: by listing id. `owner_of`: whose a network's owner is, by the
    head of its tree. `beyond`: listings that were not compared."""

    spans: list[SpanRow]
    chambers: list[Chamber]
    faces: dict[int, ListingFace]
    free: dict[int, int]
    on_request: set[int]
    own: set[int]
    kept: set[int]
    beyond: int
    problem: Problem | None

    def why_not(self, listing_id: int) -> list[Text]:
        """What one section fails, but for its place and price."""
        if self.problem is None:
            return []
        found = explain(self.problem, 0, self.problem.listing_index(listing_id))
        return [r.sentence for r in found.reasons if not r.passed and r.criterion.name not in LEFT_TO_THE_ROUTE]


def survey(reader: Reader, question: RouteQuestion) -> Ground:
    """The spans around A and B that the actor may see one by one, in the question's currency."""
    between = shapely.LineString([question.start.place, question.goal.place])
    far = distance_m(question.start.place, question.goal.place)
    if question.only is None:
        around = faces_around(reader, question.kind, between, min(max(far * WIDER, LEAST_M), MOST_M))
    else:
        around = Around(_named(reader, question), 0)
    faces = {
        number: face
        for number, face in around.faces.tell().items()
        if (face.price_minor is None or face.currency == question.currency or face.owner.id in reader.actor.subtree)
        and face.ref not in question.without
    }
    if not faces:
        return Ground([], [], {}, {}, set(), set(), set(), around.beyond, None)
    return _ground(reader, question, faces, around)


def _named(reader: Reader, question: RouteQuestion) -> Faces:
    """The open listings that the question names."""
    wanted = select(Listing.id).where(
        Listing.ref.in_(question.only or ()), Listing.kind == question.kind, Listing.status == "published"
    )
    return faces_of(reader, list(reader.session.scalars(wanted)))


def _ground(reader: Reader, question: RouteQuestion, faces: dict[int, ListingFace], around: Around) -> Ground:
    session, heads = reader.session, roots(reader.session)
    scope = Scope(kind=question.kind, listing_ids=list(faces))
    rows = list(listing_rows(session, scope, heads, lambda listing: Sight(faces[listing].geometry, faces[listing].tier)))
    problem = problem_from_rows([question.asset_kind], rows, [_asked(question, heads)])
    free = _free(problem, question, {row.id: row.values for row in rows})
    assets = {row.id: row.asset_id for row in session.execute(select(Listing.id, Listing.asset_id).where(Listing.id.in_(faces)))}
    risks, several = risks_of(session, set(assets.values())), shared_assets(assets.values())
    own = {number for number, face in faces.items() if face.owner.id in reader.actor.subtree}
    kept = {number for number, face in faces.items() if face.ref in question.kept}
    free |= {number: max(free[number], question.units) for number in kept}
    rate = _usual_rate(rows, faces)
    spans: list[SpanRow] = []
    for row in rows:
        asset = assets[row.id]
        run = tuple(sorted({*risks[asset], *({asset} & several)}))
        rent = 0 if row.id in own | kept else row.price_minor
        spans += _spans(row, faces[row.id], free[row.id], rent, rate, run)
    chambers = [chamber for row in rows if faces[row.id].tier.name == "T3" for chamber in _chambers(row)]
    on_request = {row.id for row in rows if row.price_minor == ON_REQUEST and row.id not in own | kept}
    return Ground(spans, chambers, faces, free, on_request, own, kept, around.beyond, problem)


def _asked(question: RouteQuestion, heads: Mapping[int, int]) -> NeedRow:
    """The question as a need at A: its window and requirements are what each section is judged by."""
    return NeedRow(
        id=ASKING,
        kind=question.kind,
        organisation=heads.get(question.organisation_id or 0, 0),
        place=shapely.Point(question.start.place),
        radius_m=1.0,
        currency=question.currency,
        start=question.window_start.toordinal(),
        end=question.window_end.toordinal(),
        values={**_nothing_else(question), **question.requirements, question.asset_kind.quantity: question.units},
    )


def _nothing_else(question: RouteQuestion) -> dict[str, int]:
    """Of capacities that are not asked for, none: so that what is free of them is known."""
    return {c.demand: 0 for c in question.asset_kind.criteria if c.test is Test.CAPACITY and c.demand is not None}


def _free(problem: Problem, question: RouteQuestion, attributes: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
    """By listing: whole units free throughout the window, through whatever the cable that is asked for fits into; none where the
    section fails another criterion."""
    count = len(problem.listings.id)
    zero = np.zeros(count, np.int64)
    judged = judge(prepare(problem).facts, zero, np.arange(count), zero, detail=True)
    kind = question.asset_kind
    amount = _amount(kind)
    diameter = cable_mm(kind, question.requirements)
    by_passage = () if diameter is None or kind.passage is None else (kind.passage.diameter,)
    others = sum(
        1 << bit
        for bit, c in enumerate(kind.all_criteria)
        if c.name not in LEFT_TO_THE_ROUTE and bit != amount and c.demand not in by_passage
    )
    margin = judged.margin[:, amount]
    free = np.where(margin == MISSING, 0, question.units + margin // 1000)
    if diameter is not None:
        bits = {c.supply: bit for bit, c in enumerate(kind.all_criteria) if c.test is Test.CAPACITY}
        asked = {kind.quantity: question.units}
        counts = {
            name: np.where(
                judged.margin[:, bit] == MISSING,
                0,
                asked.get(kind.all_criteria[bit].demand or "", 0) + judged.margin[:, bit] // 1000,
            )
            for name, bit in bits.items()
            if name is not None
        }
        rows = [passable(kind, attributes[listing], diameter) for listing in problem.listings.id.tolist()]
        free = np.array([sum(int(counts[name][k]) for name in through) for k, through in enumerate(rows)], np.int64)
    free = np.where(judged.fail & np.uint32(others), 0, np.maximum(free, 0))
    return dict(zip(problem.listings.id.tolist(), free.tolist(), strict=True))


def _amount(kind: AssetKind) -> int:
    """Which criterion counts the units that are asked for."""

    def counts(criterion: Criterion) -> bool:
        return criterion.demand == kind.quantity

    return next(bit for bit, criterion in enumerate(kind.all_criteria) if counts(criterion))


def _usual_rate(rows: list[ListingRow], faces: Mapping[int, ListingFace]) -> float:
    """Minor units a metre, unit and year: what the priced spans ask in the middle; for those whose price is on request."""
    asked = [row.price_minor / length for row in rows if row.price_minor > 0 and (length := _length_m(row, faces[row.id])) > 0]
    return median(asked) if asked else 0.0


def _length_m(row: ListingRow, face: ListingFace) -> float:
    stated = row.values.get("length_m")
    return float(str(stated)) if stated else sum(length_m(list(part.coords)) for part in _lines(face.geometry))


def _lines(geometry: shapely.Geometry) -> list[shapely.LineString]:
    """The parts that lead somewhere: what lies within one cell of a rough place does not."""
    whole = shapely.line_merge(geometry) if geometry.geom_type == "MultiLineString" else geometry
    parts = list(whole.geoms) if whole.geom_type == "MultiLineString" else [whole]
    return [shapely.force_2d(part) for part in parts if part.geom_type == "LineString"]


def _spans(row: ListingRow, face: ListingFace, free: int, rent: int, rate: float, risks: tuple[int, ...]) -> Iterator[SpanRow]:
    parts = _lines(face.geometry)
    lengths = [length_m(list(part.coords)) for part in parts]
    whole, stated = sum(lengths), _length_m(row, face)
    is_fibre = any(attribute.name == "attenuation_db_km" for attribute in KINDS[row.kind].attributes)
    db_km = attenuation_db_km(_number(row.values.get("attenuation_db_km")), str(row.values.get("fibre_type") or ""))
    for part, length in zip(parts, lengths, strict=True):
        share = length / whole if whole else 0.0
        yield SpanRow(
            id=row.id,
            owner=row.owner,
            line=part,
            free=free,
            rent_minor=round((rate * stated if rent == ON_REQUEST else rent) * share),
            length_m=stated * share,
            db_km=db_km if is_fibre else 0.0,
            splices=round(_splices(row.values.get("splices"), stated) * share) if is_fibre else 0,
            risks=risks,
            rough=not face.is_exact,
        )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _splices(stated: Any, metres: float) -> int:
    return assumed_splices(metres) if stated is None else int(stated)


def _chambers(row: ListingRow) -> Iterator[Chamber]:
    """The named ends of a section: where its owner can open what passes."""
    for part in _lines(row.place)[:1]:
        if row.values.get("chamber_from"):
            yield Chamber(row.owner, part.coords[0])
        if row.values.get("chamber_to"):
            yield Chamber(row.owner, part.coords[-1])
