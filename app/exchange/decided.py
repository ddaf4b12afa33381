"""A file as its importer decided that it is read: encoding, header rows, and the cells that were corrected."""

from __future__ import annotations

from pathlib import Path

from app.catalogue.kinds import KINDS
from app.exchange.columns import column_set
from app.exchange.decisions import Decisions
from app.exchange.fixing import corrected
from app.exchange.reading import Source, open_source
from app.exchange.targets import Subject


def read_as_decided(path: Path, name: str, subject: Subject, decisions: Decisions) -> Source:
    """Raises `file_unreadable`."""
    vocabulary = column_set(subject, KINDS.all()).knows
    source = open_source(path, name=name, encoding=decisions.encoding, vocabulary=vocabulary, header_rows=decisions.header_rows)
    return corrected(source, decisions.fixes)
