"""The annotated workbook of an import: its file read once more, its kept problems written beside the cells."""

from __future__ import annotations

from pathlib import Path

from app.db.work import Bus
from app.exchange import files
from app.exchange.annotating import annotate
from app.exchange.decided import read_as_decided
from app.exchange.queries import ImportView, every_problem, import_detail
from app.exchange.reading import Source
from app.kernel.actor import Actor
from app.kernel.errors import DomainError, fail


def write_report(bus: Bus, actor: Actor, ref: str, target: Path, locale: str) -> ImportView:
    """Write the workbook of an import to `target`. Raises `not_found`, also when its file is gone."""
    view = bus.ask(import_detail, actor, ref)
    path = files.path_of(view.sha256)
    if not path.exists():
        raise fail("not_found")
    annotate(path, _source(path, view), bus.ask(every_problem, actor, ref), target, locale, view.decisions.fixes)
    return view


def _source(path: Path, view: ImportView) -> Source | None:
    try:
        return read_as_decided(path, view.filename, view.subject, view.decisions)
    except DomainError:  # its reason is among the problems
        return None
