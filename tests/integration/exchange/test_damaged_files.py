"""Real files cut short and with bytes turned: read or refused in words that name a place, whatever the format; and an import of
them goes in whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.assets import Asset
from app.db.work import Bus
from app.exchange.drafts import Draft
from app.exchange.mapping import Mapping
from app.exchange.plan import dry_run
from app.exchange.problems import SENTENCES
from app.exchange.queries import every_problem
from app.exchange.service import CommitImport, commit_import
from app.exchange.targets import Subject
from app.kernel.errors import DomainError, Problem
from app.needs import Need
from tests.integration.exchange.conftest import Importer, World
from tests.integration.exchange.verdicts import files
from tests.unit.exchange.making import plan, read

pytestmark = pytest.mark.real_data
LARGEST = 200_000
# format → suffixes, examples of reading, examples of importing; a workbook is read in a process of its own, which takes its time
FORMATS = {
    "text": ({".csv", ".tsv", ".psv", ".ssv", ".txt"}, 40, 2),
    "geojson": ({".geojson", ".json"}, 40, 2),
    "gpkg": ({".gpkg"}, 15, 2),
    "xlsx": ({".xlsx", ".xlsm"}, 5, 2),
    "xls": ({".xls"}, 5, 1),
    "ods": ({".ods"}, 5, 1),
    "zip": ({".zip"}, 10, 1),
}
Find = Callable[[str], Path]
Damage = Callable[[bytes], bytes]


@st.composite
def damages(draw: st.DrawFn) -> Damage:
    """Some bytes turned, then perhaps cut short. Half of what is turned lies near the beginning, where formats say what they are."""
    places = st.one_of(st.integers(0, 400), st.integers(0, LARGEST))
    turned = draw(st.lists(st.tuples(places, st.integers(1, 255)), max_size=12))
    kept = draw(st.one_of(st.just(1.0), st.floats(0, 1)))

    def damaged(content: bytes) -> bytes:
        out = bytearray(content)
        for place, bits in turned if out else ():
            out[place % len(out)] ^= bits
        return bytes(out[: int(len(out) * kept)])

    return damaged


def collection(find: Find, suffixes: set[str]) -> list[Path]:
    """The small real files of a format."""
    roots = [find(name) for name in ("naughty", "gpkg_ets", "needs_list_samples")]
    every = [*files(roots[0].parent), *roots[2].glob("*.xlsx")]
    found = [path for path in every if path.suffix in suffixes and path.stat().st_size <= LARGEST]
    assert found
    return found


def is_said(problem: Problem, *, whole: bool) -> bool:
    """In both languages, of a file that was read with its sheet and what is wrong there; never with a place of the machine."""
    words = problem.detail
    placed = whole or bool(problem.sheet)
    return placed and problem.code in SENTENCES and bool(words.en) and words.en != words.zh and "/tmp" not in words.en


@pytest.mark.parametrize("name", FORMATS)
def test_damage_is_read_or_refused_in_words(shared_data: Find, tmp_path: Path, name: str) -> None:
    suffixes, examples, _ = FORMATS[name]
    sources = collection(shared_data, suffixes)

    @settings(max_examples=examples, deadline=None, database=None)
    @given(st.sampled_from(sources), damages())
    def held(source: Path, damaged: Damage) -> None:
        path = tmp_path / f"damaged{source.suffix}"
        path.write_bytes(damaged(source.read_bytes()))
        found = outcome(path)
        assert isinstance(found, Draft) or (found.code == "file_unreadable" and found.problems)
        assert [p for p in found.problems if not is_said(p, whole=not isinstance(found, Draft))] == []
        assert {one.name for one in tmp_path.iterdir()} == {path.name}
        path.unlink()

    held()


def outcome(path: Path) -> Draft | DomainError:
    decided = plan(kind="room", crs="EPSG:4326", organisation="G", mapping=Mapping(defaults={"rack_unit": "1"}))
    try:
        return dry_run(read(path), decided)
    except DomainError as refusal:
        return refusal


@pytest.mark.parametrize("name", FORMATS)
def test_an_import_of_it_is_whole_or_nothing(
    bus: Bus, world: World, importer: Importer, shared_data: Find, tmp_path: Path, name: str
) -> None:
    suffixes, _, examples = FORMATS[name]
    sources = collection(shared_data, suffixes)

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from(sources), damages())
    def held(source: Path, damaged: Damage) -> None:
        path = tmp_path / f"damaged{source.suffix}"
        path.write_bytes(damaged(source.read_bytes()) or b"\n")
        before = stored(bus)
        if source.name.startswith("province"):
            view = importer(world.administration, path, Subject.NEEDS, needs_list=world.needs_list)
            actor = world.administration
        else:
            actor = world.power
            view = importer(
                actor, path, kind="room", crs="EPSG:4326", organisation=actor.organisation_ref, defaults={"rack_unit": "1"}
            )
        assert stored(bus) == before, "a check writes none of the data"
        if view.status == "checked" and view.problem_count == 0 and view.sound_rows:
            assert bus.execute(commit_import, actor, CommitImport(view.ref)) == view.sound_rows
            assert stored(bus) == before + view.sound_rows
            return
        assert view.status == "failed" or view.problem_count == len(bus.ask(every_problem, actor, view.ref))
        with pytest.raises(DomainError):
            bus.execute(commit_import, actor, CommitImport(view.ref))
        assert stored(bus) == before

    held()


def stored(bus: Bus) -> int:
    with bus.database.read() as session:
        return sum(session.scalar(select(func.count()).select_from(model)) or 0 for model in (Asset, Need))
