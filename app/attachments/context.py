"""`attached(subject_type, ref)` for templates/attachments/panel.html."""

from __future__ import annotations

from flask import Flask

from app.attachments.queries import Attachments, attachments_of
from app.attachments.rules import TYPES
from app.web.execute import ask


def attached(subject_type: str, subject_ref: str) -> Attachments:
    return ask(attachments_of, subject_type, subject_ref)


def init(app: Flask) -> None:
    app.jinja_env.globals.update(attached=attached, attachment_types=",".join(f".{ending}" for ending in TYPES))
