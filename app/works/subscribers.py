"""What works do when the clock of their join window passes."""

from __future__ import annotations

from app.deadlines import register_outcome
from app.works.joining import close_window
from app.works.projects import SUBJECT

SUBSCRIBERS = ()

register_outcome(SUBJECT, "close", close_window)
