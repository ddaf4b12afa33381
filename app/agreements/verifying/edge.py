"""Documents at the edge: what was uploaded to be compared."""

from __future__ import annotations

from flask import request

from app.agreements.verifying.queries import LARGEST
from app.kernel.errors import Problem, fail
from app.kernel.text import Text

PER_SENDER = "20 per minute"  # each file may have to be typeset again


def uploaded() -> bytes:
    """The bytes of the upload `file`. Raises `invalid` at the field."""
    upload = request.files.get("file")
    data = upload.stream.read(LARGEST + 1) if upload is not None else b""
    if not data:
        raise fail("invalid", [Problem("required", Text("Choose a file.", "请选择文件。"), pointer="/file")])
    if len(data) > LARGEST:
        raise fail(
            "invalid",
            [Problem("invalid", Text("No document of ours is this large.", "文件过大，非本平台出具。"), pointer="/file")],
        )
    return data
