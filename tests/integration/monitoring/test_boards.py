"""Boards count what happened, for who may see it and for nobody else."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from app.agreements import CapacityLine
from app.kernel.actor import Actor, Role
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.monitoring.charts import Board, Chart, Value
from app.monitoring.oversight_board import oversight_board
from app.monitoring.owner_board import owner_board
from app.monitoring.requester_board import requester_board
from app.monitoring.wanted import Wanted
from app.needs import Need
from app.savings import LEASE, Saving
from tests.integration.life.access_steps import refuse_for_safety, run_jobs
from tests.integration.life.steps import act, before_regulators, submitted
from tests.support import life
from tests.support.people import PAGE, Made, person, signed_in

NONE = Wanted()


def of(board: Board, key: str) -> Chart:
    found = board.chart(key)
    assert found is not None, key
    return found


def now(board: Board, key: str, series: str) -> Value:
    """The value of the present month."""
    return next(one.values[-1] for one in of(board, key).series if one.name.en == series)


def counted(board: Board) -> float:
    """Everything that a board counts, added up: nought when it counts nothing."""
    return sum(value or 0 for chart in board.charts for one in chart.series for value in one.values)


def evaluator(world: life.World) -> Actor:
    return replace(world.stranger, roles=frozenset({Role.EVALUATOR}))


def in_force(world: life.World) -> str:
    with world.bus.database.write() as session:
        need = session.scalars(select(Need).where(Need.ref == world.need_ref)).one()
        need.submitted_on = world.bus.today() - timedelta(days=9)
        need.alternative = {"description": "A monopole of our own", "cost_minor": 26_000_000, "days": 200}
    ref = before_regulators(world)
    for regulator in (world.administration, world.power_regulator):
        act(world, regulator, ref, "approve")
    return ref


def test_an_agreement_moves_the_figures_of_both_sides_and_of_who_oversees(world: life.World) -> None:
    in_force(world)
    owner = world.ask(world.owner, owner_board, NONE)
    assert now(owner, "requests", "Agreed") == 1
    assert now(owner, "clock", "In time") == 1
    assert now(owner, "answers", "Answers") == 1
    requester = world.ask(world.requester, requester_board, NONE)
    assert now(requester, "lead", "Agreements") == 1
    assert now(requester, "lead", "Days, median") == 9
    for actor in (world.administration, world.power_regulator):
        board = world.ask(actor, oversight_board, NONE)
        assert now(board, "decisions", "Approved") == 1
        assert now(board, "time", "Decisions") == 1
        assert [row.en for row in of(board, "sharing").rows] == ["Power"]
    assert now(world.ask(evaluator(world), oversight_board, NONE), "decisions", "Approved") == 2


def test_what_an_agreement_saves_is_recorded_when_it_enters_into_force_and_never_again(
    world: life.World, clock: FixedClock
) -> None:
    in_force(world)
    with world.bus.database.read() as session:
        one = session.scalars(select(Saving)).one()
        need = session.get_one(Need, one.need_id)
        assert (one.definition, one.part, one.alone_stated) == (LEASE, need.quantity, True)
        assert one.alone_minor == (need.alternative or {})["cost_minor"]
        assert one.days == (need.alternative or {})["days"]
        line = session.scalars(select(CapacityLine)).one()
        days = (min(line.ends, need.window_end) - line.starts).days
        assert one.shared_minor == round(Fraction((line.price_minor or 0) * days, 365)) > 0
    requester = world.ask(world.requester, requester_board, NONE)
    assert now(requester, "savings", "Saved") == one.saved_minor
    assert requester.figures[-1].value == one.saved_minor
    for actor in (world.administration, world.power_regulator, evaluator(world)):
        assert now(world.ask(actor, oversight_board, NONE), "savings", "Building alone") == one.alone_minor
    owner = world.ask(world.owner, owner_board, NONE)
    assert owner.chart("savings") is None, "what its requesters would spend does not concern an owner"
    assert sum(series.values[-1] or 0 for series in of(owner, "unbuilt").series) == 1
    clock.advance(timedelta(days=32))
    assert now(world.ask(world.requester, requester_board, NONE), "savings", "Saved") == 0
    assert sum(of(world.ask(world.requester, requester_board, NONE), "savings").series[2].values) == one.saved_minor  # type: ignore[arg-type]


def test_capacity_in_use_is_what_the_ledger_says_for_today(world: life.World, clock: FixedClock) -> None:
    in_force(world)
    before = of(world.ask(world.owner, owner_board, NONE), "utilisation")
    assert {value for one in before.series for value in one.values} == {0.0}, "committed from next January"
    clock.advance(timedelta(days=250))
    total = next(one.values[-1] for one in of(world.ask(world.owner, owner_board, NONE), "utilisation").series)
    assert total is not None
    assert 0 < total <= 100
    agreed = of(world.ask(world.owner, owner_board, NONE), "income").series[0]
    spent = of(world.ask(world.requester, requester_board, NONE), "spend").series[0]
    assert agreed.values == spent.values
    assert agreed.values[-1] > 0  # type: ignore[operator]


def test_a_refusal_is_counted_by_its_ground_where_it_may_be_read(world: life.World, clock: FixedClock) -> None:
    ref = submitted(world)
    clock.advance(timedelta(days=1))
    refuse_for_safety(world, ref)
    for actor, board in (
        (world.owner, owner_board),
        (world.administration, oversight_board),
        (evaluator(world), oversight_board),
    ):
        chart = of(world.ask(actor, board, NONE), "refusals")
        assert chart.series[0].values == (1,)
        assert chart.rows[0].en.startswith("Safety")
    assert of(world.ask(world.power_regulator, oversight_board, NONE), "refusals").is_empty, "it settles no dispute here"
    assert of(world.ask(world.administration, oversight_board, NONE), "owners").series[0].values == (1,)


def test_silence_shows_as_overdue_and_as_its_consequence(world: life.World, clock: FixedClock) -> None:
    submitted(world)
    clock.advance(timedelta(days=60))
    run_jobs(world, clock)
    board = world.ask(world.owner, owner_board, NONE)
    assert sum(of(board, "clock").series[2].values) == 1  # type: ignore[arg-type]
    assert [figure.value for figure in board.figures][1:3] == [1, 1]
    silence = of(world.ask(world.administration, oversight_board, NONE), "silence")
    assert {one.name.en for one in silence.series} >= {"Deemed complete", "Escalated to the authority"}
    assert of(world.ask(world.power_regulator, oversight_board, NONE), "silence").is_empty


def test_strangers_count_nothing(world: life.World) -> None:
    in_force(world)
    assert counted(world.ask(world.stranger, owner_board, NONE)) == 0
    assert counted(world.ask(world.stranger, requester_board, NONE)) == 0
    with pytest.raises(DomainError):
        world.ask(world.stranger, oversight_board, NONE)
    with pytest.raises(DomainError):
        world.ask(world.owner, oversight_board, NONE)


def test_a_regulator_of_elsewhere_counts_nothing(world: life.World) -> None:
    in_force(world)
    held = replace(world.power_regulator.competences[0], regions=frozenset({"310000"}))
    elsewhere = replace(world.power_regulator, organisation_id=10**9, competences=(held,))
    assert counted(world.ask(elsewhere, oversight_board, NONE)) == 0


def test_a_region_narrows_every_chart(world: life.World) -> None:
    in_force(world)
    for actor, board in ((world.owner, owner_board), (world.requester, requester_board), (world.administration, oversight_board)):
        assert counted(world.ask(actor, board, Wanted(region="440300"))) == counted(world.ask(actor, board, NONE))
        assert counted(world.ask(actor, board, Wanted(region="310000"))) == 0


def test_a_role_of_one_region_counts_no_other(world: life.World) -> None:
    in_force(world)
    assert counted(world.ask(replace(world.owner, regions=frozenset({"310000"})), owner_board, NONE)) == 0


def test_pages_and_files(app: Flask, world: life.World) -> None:
    power = Made(world.owner.organisation_id or 0, world.owner.organisation_ref or "", "")
    client = signed_in(app, person(world.bus, power, name="Figures"))
    submitted(world)
    page = client.get("/boards/owner?months=24&region=深圳", headers=PAGE)
    assert page.status_code == 200
    assert page.text.count("<table") >= 1
    assert "What “Requests waiting for you” means" in page.text
    assert "neither accepted, countered nor refused" in page.text
    assert 'value="24" selected' in page.text
    assert client.get("/boards/owner?months=7", headers=PAGE).status_code == 422
    assert client.get("/boards/owner?region=Atlantis", headers=PAGE).status_code == 422
    assert client.get("/boards/oversight", headers=PAGE).status_code == 403
    assert client.get("/boards/owner.csv?chart=none", headers=PAGE).status_code == 404
    rows = list(csv.reader(io.StringIO(client.get("/boards/owner.csv?chart=requests").data.decode("utf-8-sig"))))
    assert len(rows) == 13
    assert sum(int(cell) for cell in rows[-1][1:]) == 1
    assert client.get("/boards/owner.xlsx?chart=none").status_code == 404
    book = load_workbook(io.BytesIO(client.get("/boards/owner.xlsx?chart=requests").data))
    assert (len(book.sheetnames), book.sheetnames[-1]) == (2, "说明 About")
    drawn, about = book.worksheets
    assert [[cell.value or 0 for cell in row[1:]] for row in drawn.iter_rows(min_row=5)] == [
        [int(cell or 0) for cell in row[1:]] for row in rows[1:]
    ]
    assert all("\n" in cell.value for cell in drawn[4])
    assert {cell.number_format for row in drawn.iter_rows(min_row=5, min_col=2) for cell in row} == {"#,##0"}
    assert (about["D2"].value.date().isoformat(), about["D5"].value) == (world.bus.today().isoformat(), drawn.title)
    chart = next(one for one in client.get("/api/v1/boards/owner").json["charts"] if one["key"] == "requests")
    assert chart["definition"] in about["B5"].value
    every = load_workbook(io.BytesIO(client.get("/boards/owner.xlsx").data))
    formats = {
        cell.number_format for sheet in every.worksheets[:-1] for row in sheet.iter_rows(min_row=5, min_col=2) for cell in row
    }
    assert {"#,##0", "0.0%"} <= formats
    assert client.get("/boards/").location.endswith("/boards/owner")
