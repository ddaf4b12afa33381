"""The annotated workbook of an import: its file read once more, its kept problems written beside the cells."""

from __future__ import annotations

from pathlib import Path

from app.catalogue.kinds import KINDS
from app.db.work import Bus
from app.exchange import files
from app.exchange.annotating import annotate
from app.exchange.columns import column_set
from app.exchange.fixing import corrected
from app.exchange.queries import ImportView, every_problem, import_detail
from app.exchange.reading import Source, open_source
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
    vocabulary = column_set(view.subject, KINDS.all()).knows
    try:
        source = open_source(
            path,
            name=view.filename,
            encoding=view.decisions.encoding,
            vocabulary=vocabulary,
            header_rows=view.decisions.header_rows,
        )
        return corrected(source, view.decisions.fixes)
    except DomainError:  # its reason is among the problems
        return None
