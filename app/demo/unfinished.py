"""Whether the demo story broke off while it was first told: half a market is worse than none, so it starts over.

A file beside the data says which database the story is being told to; it goes when the story has ended."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url

from app.config import Settings


def _mark(settings: Settings) -> Path:
    return settings.var / "demo-unfinished"


def _name(settings: Settings) -> str:
    return make_url(settings.database_url).render_as_string(hide_password=True)


def begun(settings: Settings) -> None:
    settings.var.mkdir(parents=True, exist_ok=True)
    _mark(settings).write_text(_name(settings), encoding="utf-8")


def ended(settings: Settings) -> None:
    _mark(settings).unlink()


def is_unfinished(settings: Settings) -> bool:
    """True when a story to this very database began and did not end."""
    mark = _mark(settings)
    return mark.exists() and mark.read_text(encoding="utf-8") == _name(settings)


def start_over(settings: Settings) -> bool:
    """Throw the half-filled SQLite database away: the server never ran on it. False where the database is not a file of ours."""
    url = make_url(settings.database_url)
    if not url.drivername.startswith("sqlite") or not url.database:
        return False
    for ending in ("", "-wal", "-shm"):
        Path(url.database + ending).unlink(missing_ok=True)
    ended(settings)
    return True
