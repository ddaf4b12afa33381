"""The blueprint that the modules of tasks' pages share, and the words of its templates."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from app.regions import region_name
from app.tasks.rules import STATES
from app.web.formatting import text
from app.web.i18n import current_locale
from app.web.subjects import subject_url

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")
TONES = {"late": "bad", "soon": "warn", "running": "out", "paused": "out", "open": "out"}


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {
        "region_name": region_name,
        "task_states": STATES,
        "task_tones": TONES,
        "page_of": page_of,
        "kind_options": lambda kinds: [(kind.code, text(kind.label)) for kind in kinds],
        "state_options": lambda: [(code, text(words)) for code, words in STATES.items()],
        "organisation_options": lambda found: [(one.ref, one.in_(current_locale())) for one in found],
    }


def page_of(subject: tuple[str, str]) -> str | None:
    return subject_url(*subject)
