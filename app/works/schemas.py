"""The API's shapes of works."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.catalogue.works_terms import LATE_RULES, WORKS_KINDS
from app.web.geojson import GeometryField, geometry_json
from app.web.inputs import amounts_field, code_field, count_field, text_field
from app.web.query import Paged
from app.web.shapes import DAY, FLAG, GEOMETRY, NUMBER, PARTY, REF, TEXT, WHOLE, by_name, choice, many, maybe, named, record
from app.works.announcing import ElementIn
from app.works.queries import ElementView, JoinView, WorksRow, WorksView
from app.works.rules import JOIN, LIFE, Lack

MOST_CHAINAGE = 10_000_000


class Strict(Schema):
    class Meta:
        unknown = RAISE


class WorksElementIn(Strict):
    """`capacity`, `reserved`: dimension → amount in its unit."""

    kind = code_field(required=True)
    name = text_field(200, 1, required=True)
    from_m = count_field(0, MOST_CHAINAGE, required=True)
    to_m = count_field(0, MOST_CHAINAGE, required=True)
    level = text_field(40, load_default="")
    bore_mm = count_field(1, 1000, load_default=None, allow_none=True)
    capacity = amounts_field(load_default=dict)
    reserved = amounts_field(load_default=dict)


class WorksIn(Strict):
    """`geometry`: the route. It stays a draft until it is announced."""

    kind = fields.String(required=True, validate=validate.OneOf(tuple(WORKS_KINDS)))
    name = text_field(200, 1, required=True)
    description = text_field(4000, load_default="")
    geometry = GeometryField("LineString", required=True)
    region = code_field(load_default=None, allow_none=True)
    from_m = count_field(0, MOST_CHAINAGE, required=True)
    to_m = count_field(0, MOST_CHAINAGE, required=True)
    permit_on = fields.Date(required=True)
    starts_on = fields.Date(required=True)
    completes_on = fields.Date(required=True)
    elements = fields.List(fields.Nested(WorksElementIn), load_default=list, validate=validate.Length(max=200))


class ReserveIn(Strict):
    amounts = amounts_field(required=True)


class JoinIn(Strict):
    """`elements`: numbers; none: the whole of the works."""

    what = text_field(4000, 1, required=True)
    elements = fields.List(count_field(1, 1000), load_default=list, validate=validate.Length(max=200))


class PassIn(Strict):
    why = text_field(4000, load_default="")


class JoinAnswerIn(Strict):
    """A refusal says why in `answer`."""

    accept = fields.Boolean(required=True)
    answer = text_field(4000, load_default="")


class SlipIn(Strict):
    starts_on = fields.Date(required=True)
    completes_on = fields.Date(required=True)
    reason = text_field(4000, 1, required=True)


class CloseIn(Strict):
    """A cancellation says why."""

    action = fields.String(required=True, validate=validate.OneOf(("complete", "cancel")))
    reason = text_field(4000, load_default="")


class WorksQuery(Paged):
    kind = fields.String(validate=validate.OneOf(tuple(WORKS_KINDS)))
    status = fields.String(validate=validate.OneOf(tuple(LIFE.states)))
    region = code_field()
    mine = fields.Boolean(load_default=False)


class OverseenQuery(Paged):
    lacking = fields.Boolean(load_default=False)


WORKS_ROW = named(
    "WorksRow",
    record(
        id=REF,
        name=TEXT,
        kind=choice(*WORKS_KINDS),
        sponsor=PARTY,
        region=TEXT,
        status=choice(*LIFE.states),
        permit_on=DAY,
        starts_on=DAY,
        completes_on=DAY,
        announced_on=maybe(DAY),
        join_until=maybe(DAY),
        is_open=FLAG,
        lacks_reserve=FLAG,
    ),
)
JOIN_SHAPE = named(
    "WorksJoin",
    record(
        number=WHOLE,
        organisation=PARTY,
        status=choice(*JOIN.states),
        what=TEXT,
        elements=many(WHOLE),
        asked_on=DAY,
        answered_on=maybe(DAY),
        answer=maybe(TEXT),
        is_late=FLAG,
    ),
)
WORKS = named(
    "Works",
    record(
        works=WORKS_ROW,
        version=WHOLE,
        description=TEXT,
        geometry=GEOMETRY,
        from_m=WHOLE,
        to_m=WHOLE,
        reason=maybe(TEXT),
        late=maybe(record(then=choice(*LATE_RULES), text=TEXT)),
        elements=many(
            record(
                number=WHOLE,
                kind=TEXT,
                name=TEXT,
                from_m=WHOLE,
                to_m=WHOLE,
                level=TEXT,
                bore_mm=maybe(WHOLE),
                capacity=by_name(NUMBER),
                reserved=by_name(NUMBER),
                asset=maybe(REF),
            )
        ),
        lacks=many(
            record(
                what=TEXT,
                asset=TEXT,
                dimension=TEXT,
                least=NUMBER,
                have=NUMBER,
                gaps=many(record(from_m=WHOLE, to_m=WHOLE)),
            )
        ),
        joins=many(JOIN_SHAPE),
        affected=many(record(element=TEXT, dimension=TEXT, kind=TEXT, starts=DAY, holder=maybe(PARTY))),
    ),
)
ANSWERED = named("WorksAnswered", record(id=REF, number=WHOLE, status=choice(*JOIN.states), answer=maybe(TEXT)))
SLIPPED = named("WorksSlipped", record(id=REF, claims=many(REF)))


def element_in(body: dict[str, Any]) -> ElementIn:
    return ElementIn(**body)


def _party(organisation: Any) -> dict[str, str] | None:
    return {"id": organisation.ref, "name": organisation.name} if organisation else None


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def row_json(row: WorksRow) -> dict[str, Any]:
    return {
        "id": row.ref,
        "name": row.name,
        "kind": row.kind,
        "sponsor": _party(row.sponsor),
        "region": row.region,
        "status": row.status,
        "permit_on": _day(row.permit_on),
        "starts_on": _day(row.starts_on),
        "completes_on": _day(row.completes_on),
        "announced_on": _day(row.announced_on),
        "join_until": _day(row.join_until),
        "is_open": row.is_open,
        "lacks_reserve": row.lacks_reserve,
    }


def element_json(one: ElementView) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind,
        "name": one.name,
        "from_m": one.from_m,
        "to_m": one.to_m,
        "level": one.level,
        "bore_mm": one.bore_mm,
        "capacity": dict(one.capacity),
        "reserved": dict(one.reserved),
        "asset": one.asset_ref,
    }


def join_json(join: JoinView, locale: str) -> dict[str, Any]:
    return {
        "number": join.number,
        "organisation": _party(join.organisation),
        "status": join.status,
        "what": join.what,
        "elements": list(join.elements),
        "asked_on": _day(join.asked_on),
        "answered_on": _day(join.answered_on),
        "answer": join.answer.in_(locale) if join.answer else None,
        "is_late": join.is_late,
    }


def lack_json(lack: Lack, locale: str) -> dict[str, Any]:
    return {
        "what": lack.space.label.in_(locale),
        "asset": lack.space.asset,
        "dimension": lack.space.dimension,
        "least": lack.space.least,
        "have": lack.have,
        "gaps": [{"from_m": start, "to_m": end} for start, end in lack.gaps],
    }


def works_json(view: WorksView, locale: str) -> dict[str, Any]:
    return {
        "works": row_json(view.row),
        "version": view.version,
        "description": view.description,
        "geometry": geometry_json(view.geometry),
        "from_m": view.from_m,
        "to_m": view.to_m,
        "reason": view.reason,
        "late": {"then": view.late.then, "text": view.late.text.in_(locale)} if view.late else None,
        "elements": [element_json(one) for one in view.elements],
        "lacks": [lack_json(lack, locale) for lack in view.lacks],
        "joins": [join_json(join, locale) for join in view.joins],
        "affected": [
            {
                "element": one.asset,
                "dimension": one.dimension,
                "kind": one.kind.in_(locale),
                "starts": _day(one.starts),
                "holder": _party(one.holder),
            }
            for one in view.affected
        ],
    }
