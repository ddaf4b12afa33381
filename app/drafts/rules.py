"""Which forms can be kept, how much of them, how long. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from app.kernel.errors import declare

FORM = re.compile(r"(need|listing)-[a-z0-9_]{1,50}")  # the form's name, and what it is of: a kind, or the thing that is edited
KEPT = timedelta(days=30)
MOST = 50  # unfinished forms of one person in one organisation
MOST_CHARACTERS = 60_000  # of one form
UNKEPT = frozenset({"csrf_token", "publish", "submit", "draft"})  # of this sending, not of what was typed

declare("draft_too_long", HTTPStatus.UNPROCESSABLE_ENTITY, "This is too long to be kept unfinished.", "内容过长，无法暂存。")
declare(
    "draft_too_many",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "You keep {most} unfinished forms already. Finish or discard one of them first.",
    "您已暂存 {most} 份表单，请先完成或放弃其中一份。",
)


def typed_values(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by field."""
    return {name: value for name, value in form.items() if name not in UNKEPT}
