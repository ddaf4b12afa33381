"""Fields of what programs send, each with its bounds: what the database could not hold is refused by name before anything is
done, and the OpenAPI document says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask, request
from marshmallow import ValidationError, fields, validate

from app.kernel.errors import DomainError, Problem, fail
from app.kernel.money import CURRENCIES, MOST_MINOR
from app.kernel.quantity import MOST_AMOUNT
from app.kernel.text import Text

MOST_COUNT = 100_000
MOST_LEVELS = 50  # of JSON: a list in a list in a list
_ID = validate.Length(max=40)
_NAME = validate.Length(max=80)


def id_field(**options: Any) -> fields.String:
    """The id of something here."""
    return fields.String(validate=_ID, **options)


def text_field(most: int, least: int = 0, **options: Any) -> fields.String:
    """`most`, `least`: characters."""
    return fields.String(validate=validate.Length(least or None, most), **options)


def code_field(**options: Any) -> fields.String:
    """A code from a list that is kept elsewhere: a kind, a ground, a region."""
    return fields.String(validate=_NAME, **options)


def minor_field(**options: Any) -> fields.Integer:
    """Money in minor units."""
    return fields.Integer(strict=True, validate=validate.Range(0, MOST_MINOR), **options)


def currency_field(**options: Any) -> fields.String:
    """An ISO 4217 code."""
    metadata = {"pattern": "^[A-Z]{3}$", **options.pop("metadata", {})}
    return fields.String(validate=_known_currency, metadata=metadata, **options)


def _known_currency(code: str) -> None:
    if code not in CURRENCIES:
        raise ValidationError("Not an ISO 4217 currency.")


def count_field(least: int = 1, most: int = MOST_COUNT, **options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most), **options)


def amounts_field(*, validators: tuple[Any, ...] = (), **options: Any) -> fields.Dict:
    """Dimension → amount in its unit."""
    return fields.Dict(
        keys=fields.String(validate=_NAME),
        values=fields.Float(validate=validate.Range(0, MOST_AMOUNT)),
        validate=[validate.Length(max=50), *validators],
        **options,
    )


NO_TEXT = Text(
    "This holds a character that no text can hold: a zero byte, or half of a pair.",
    "含有文本中不允许的字符：空字节或不成对的代理码。",
)


TOO_DEEP = Text(f"Nested more than {MOST_LEVELS} deep.", f"嵌套超过 {MOST_LEVELS} 层。")


def init(app: Flask) -> None:
    app.before_request(refuse_what_is_no_text)


def refuse_what_is_no_text() -> None:
    """No database stores a zero byte or half of a surrogate pair, and nothing here is nested without end: a program that sends
    one is told where."""
    if not request.path.startswith("/api/"):
        return
    parts: list[Any] = [request.args.to_dict(flat=False), request.form.to_dict(flat=False)]
    if request.is_json:
        try:
            parts.append(request.get_json(silent=True))
        except RecursionError:
            raise _too_deep("") from None
    places = [place for part in parts for place in _unwritable(part, "", 0)]
    if places:
        raise fail("invalid", [Problem("no_text", NO_TEXT, pointer=place) for place in places[:20]])


def _too_deep(pointer: str) -> DomainError:
    return fail("invalid", [Problem("too_deep", TOO_DEEP, pointer=pointer)])


def _unwritable(node: Any, pointer: str, level: int) -> Iterator[str]:
    if level > MOST_LEVELS:
        raise _too_deep("/" + pointer.split("/")[1])
    if isinstance(node, str):
        if "\x00" in node or any("\ud800" <= character <= "\udfff" for character in node):
            yield pointer
    elif isinstance(node, list):
        for number, item in enumerate(node):
            yield from _unwritable(item, f"{pointer}/{number}", level + 1)
    elif isinstance(node, dict):
        for name, item in node.items():
            if next(_unwritable(name, pointer, level), None) is not None:
                yield pointer
            else:
                yield from _unwritable(item, f"{pointer}/{name}", level + 1)
