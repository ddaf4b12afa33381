"""Every use case can leave a record, or docs/records.md says why it leaves none. Whether it leaves one, and not two, is heard while tests
run (tests/support/recorded.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import recorded, usecases
from tests.support.usecases import Source

SILENT = """
from app.db.work import UnitOfWork

def rename(work: UnitOfWork, name: str) -> None:
    _change(work, name)

def _change(work: UnitOfWork, name: str) -> None:
    work.session.get_one(Thing, 1).name = name
"""
ASKED = 'from app.things.service import rename\n\ndef page():\n    execute(rename, "x")\n'


@pytest.fixture(scope="module")
def source() -> Source:
    return usecases.read()


# named and not handed over: steps that a table of one use case leads to, and a variable of the same name
PARTS = {f"app.ledger.service:{name}" for name in ("_baseline", "_reserve", "_unavailable")} | {
    "app.matching.cobuilding.store:consents"
}


def silent(source: Source) -> set[str]:
    """Use cases from which no record can come."""
    found = [one for one in usecases.handed_over(source) if not source.tells(one)]
    return {":".join(one.name) for one in found} - PARTS


def test_who_can_leave_no_record_is_in_the_document(source: Source) -> None:
    found = silent(source)
    assert {"app.notices.service:mark_read", "app.tours.service:leave"} <= found, "a name that everybody calls leads to an event"
    assert sorted(found - recorded.UNRECORDED) == [], "give it an event, or say in docs/records.md why it needs none"


def test_the_document_names_use_cases_that_are_there(source: Source) -> None:
    there = {":".join(one.name) for one in usecases.handed_over(source)}
    assert sorted((recorded.UNRECORDED | recorded.TWICE) - there) == []


def test_a_use_case_without_an_event_is_found(tmp_path: Path) -> None:
    things = tmp_path / "app" / "things"
    things.mkdir(parents=True)
    (things / "service.py").write_text(SILENT)
    (things / "pages.py").write_text(ASKED)
    assert silent(usecases.read(tmp_path / "app")) == {"app.things.service:rename"}
    (things / "service.py").write_text(SILENT + '    work.emit(Event("thing.renamed", "thing", name))\n')
    assert silent(usecases.read(tmp_path / "app")) == set()
