"""Collects what waits from every feature: every `waiting.py` of the package, at any depth, found once."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module

import app as package
from app.db.work import Reader
from app.web.waiting import Source, Waiting


@cache
def contributed() -> tuple[Source, ...]:
    """The sources of all features, in the order of their names."""
    found = (one.name for one in pkgutil.walk_packages(package.__path__, "app.") if one.name.endswith(".waiting"))
    return tuple(source for name in sorted(found) if name != "app.web.waiting" for source in import_module(name).WAITING)


def all_waiting(reader: Reader) -> Iterator[Waiting]:
    """Everything that waits for the organisations that the reader acts for."""
    if reader.actor.organisation_id is None:
        return
    for source in contributed():
        yield from source(reader)
