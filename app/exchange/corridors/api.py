"""/api/v1/corridor-layers: the lines that joint trenches follow."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.matching import (
    CORRIDOR_SORTS,
    MOST_CORRIDOR_LINES,
    LayerView,
    LineIn,
    LoadLayer,
    drop_layer,
    layer_list,
    load_layer,
)
from app.web.execute import ask
from app.web.idempotency import execute_once
from app.web.pagination import Page, listed
from app.web.policy import policy
from app.web.shapes import MOMENT, NUMBER, PARTY, REF, TEXT, WHOLE, answers, choice, named, page, record

blueprint = Blueprint("corridors_api", __name__, url_prefix="/api/v1/corridor-layers", description="Lines that trenches follow")
LAYER = named(
    "CorridorLayer",
    record(
        id=REF, region=TEXT, name=TEXT, sort=choice(*CORRIDOR_SORTS), source=TEXT, declared_crs=TEXT, lines=WHOLE, length_m=NUMBER,
        created_at=MOMENT, administration=PARTY,
    ),
)  # fmt: skip
MADE = record(id=REF)
NOT_A_LINE = Text("[longitude, latitude] pairs, two or more.", "应为两个以上的［经度，纬度］。")


class LineSchema(Schema):
    class Meta:
        unknown = RAISE

    name = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    coordinates = fields.List(
        fields.List(fields.Float(validate=validate.Range(-180, 180)), validate=validate.Length(2, 2)),
        required=True,
        validate=validate.Length(2, 10_000),
    )


class LayerIn(Schema):
    class Meta:
        unknown = RAISE

    region = fields.String(required=True, validate=validate.Length(2, 12))
    name = fields.String(required=True, validate=validate.Length(1, 200))
    sort = fields.String(required=True, validate=validate.OneOf(list(CORRIDOR_SORTS)))
    source = fields.String(required=True, validate=validate.Length(1, 2000))
    lines = fields.List(fields.Nested(LineSchema), required=True, validate=validate.Length(1, MOST_CORRIDOR_LINES))


@blueprint.get("")
@policy("corridor.list")
@answers(page(LAYER))
def layers() -> Response:
    """The layers of one's regions."""
    found = ask(layer_list)
    return listed(Page(found, len(found)), layer_json)


@blueprint.post("")
@policy("corridor.load")
@answers(MADE, 201)
@blueprint.arguments(LayerIn)
def load(body: dict[str, Any]) -> Response:
    """Load a layer of lines in WGS-84. The groups are reckoned anew."""
    lines = tuple(LineIn(line["name"], tuple((x, y) for x, y in line["coordinates"])) for line in body["lines"])
    wrong = [row for row, line in enumerate(lines) if any(abs(y) > 90 for _, y in line.line)]
    if wrong:
        raise fail("invalid", [Problem("invalid", NOT_A_LINE, pointer=f"/lines/{row}/coordinates") for row in wrong[:100]])
    command = LoadLayer(body["region"], body["name"], body["sort"], body["source"], "EPSG:4326", lines)

    def made(ref: str) -> Response:
        answer = jsonify({"id": ref})
        answer.status_code = 201
        return answer

    return execute_once(load_layer, command, made)


@blueprint.delete("/<ref>")
@policy("corridor.load")
@answers(None, 204)
def drop(ref: str) -> Response:
    """Take a layer away with its lines."""
    return execute_once(drop_layer, ref, lambda _: Response(status=204))


def layer_json(view: LayerView) -> dict[str, Any]:
    who = view.administration
    return {
        "id": view.ref,
        "region": view.region,
        "name": view.name,
        "sort": view.sort,
        "source": view.source,
        "declared_crs": view.declared_crs,
        "lines": view.lines,
        "length_m": view.length_m,
        "created_at": view.created_at.isoformat(),
        "administration": {"id": who.ref, "name": who.name},
    }
