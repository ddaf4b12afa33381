"""The blueprint that the modules of needs' pages share."""

from __future__ import annotations

from flask import Blueprint

from app.needs.words import need_words

blueprint = Blueprint("needs", __name__, url_prefix="/needs")
blueprint.context_processor(need_words)
