"""What every list of the API takes in its query string, and numbers as JSON writes them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from app.web.inputs import text_field
from app.web.pagination import MAX_LIMIT


class Lenient(Schema):
    class Meta:
        unknown = EXCLUDE


class BoundsField(fields.Field[Any]):
    """west,south,east,north in degrees."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"type": "string", "maxLength": 100, "description": self.__doc__}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            west, south, east, north = (float(part) for part in str(value).split(","))
        except ValueError:
            raise self.make_error("invalid") from None
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise self.make_error("invalid")
        return west, south, east, north

    default_error_messages = {"invalid": "Give west,south,east,north in degrees."}


class Paged(Lenient):
    limit = fields.Integer(validate=validate.Range(1, MAX_LIMIT), metadata={"description": "rows on a page, 50 when left out"})
    after = text_field(500, metadata={"description": "cursor of the next page, from `next`"})
    before = text_field(500, metadata={"description": "cursor of the previous page, from `previous`"})


def without_paging(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if name not in ("limit", "after", "before")}


def plain_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
