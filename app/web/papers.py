"""Papers at the edge: a PDF as a file to keep, its language, and the address that its code leads to."""

from __future__ import annotations

from typing import Protocol

from flask import Response, current_app
from marshmallow import Schema, fields, validate


class Paper(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def data(self) -> bytes: ...


class LanguageQuery(Schema):
    lang = fields.String(load_default="", validate=validate.OneOf(["", "en", "zh-CN"]))


def base_url() -> str:
    found: str = current_app.config["SETTINGS"].base_url
    return found


def as_file(made: Paper) -> Response:
    response = Response(made.data, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def as_workbook(made: Paper) -> Response:
    """A workbook as a file to keep."""
    response = Response(made.data, mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return response
