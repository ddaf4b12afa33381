"""The API's shapes of saved searches."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from flask import url_for
from marshmallow import RAISE, Schema, fields, validate

from app.searches.queries import SearchView
from app.searches.rules import ALERTS, NAME_LIMIT, QUERY_LIMIT
from app.web.inputs import text_field
from app.web.shapes import FLAG, LINK, MOMENT, REF, TEXT, WHOLE, choice, named, record

QUERY = {"description": "the query string of GET /listings as the page of listings has it: kind=tower&free.platform=2"}


class SearchChange(Schema):
    class Meta:
        unknown = RAISE

    name = text_field(NAME_LIMIT)
    query = text_field(QUERY_LIMIT, metadata=QUERY)
    alert = fields.String(validate=validate.OneOf(tuple(ALERTS)))
    shared = fields.Boolean(metadata={"description": "whoever has the link may open it; each sees what they may see"})


class SearchIn(SearchChange):
    name = text_field(NAME_LIMIT, required=True)
    query = text_field(QUERY_LIMIT, required=True, metadata=QUERY)
    alert = fields.String(validate=validate.OneOf(tuple(ALERTS)), load_default="off")
    shared = fields.Boolean(load_default=False)


SEARCH = named(
    "SavedSearch",
    record(
        id=REF,
        name=TEXT,
        query=TEXT,
        alert=choice(*ALERTS),
        shared=FLAG,
        version=WHOLE,
        created_at=MOMENT,
        checked_at=MOMENT,
        page=LINK,
    ),
)


def search_json(view: SearchView) -> dict[str, Any]:
    return {
        "id": view.ref,
        "name": view.name,
        "query": view.query,
        "alert": view.alert,
        "shared": view.is_shared,
        "version": view.version,
        "created_at": view.created_at.isoformat(),
        "checked_at": view.checked_at.isoformat(),
        "page": page_of(view),
    }


def page_of(view: SearchView) -> str:
    """The list with the search's filters, in whose address it stands like any other search."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(view.query, max_num_fields=100):
        values.setdefault(name, []).append(value)
    return url_for("listings.index", **values)  # type: ignore[arg-type]
