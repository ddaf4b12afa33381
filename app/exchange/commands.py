"""`flask listings import FILE`, `flask needs import FILE`: the same import as the page's and the API's, from the operator's
terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy import or_, select

from app.accounts import Organisation
from app.assets import PROVENANCES
from app.catalogue.kinds import KINDS
from app.db.work import Bus, Reader
from app.exchange import files
from app.exchange.annotating import annotate
from app.exchange.checking import Examined, case_of, check_import, examine
from app.exchange.decisions import Decisions
from app.exchange.queries import every_problem, import_detail
from app.exchange.reading.header import EVERY_SHEET
from app.exchange.reading.labels import normalise
from app.exchange.reporting import write_report
from app.exchange.rules import ALL_ROWS, VALID_ROWS
from app.exchange.service import CommitImport, MoveImport, StartImport, commit_import, discard_import, start_import, undo_import
from app.exchange.targets import Subject
from app.kernel.actor import SYSTEM
from app.kernel.errors import DomainError, Problem
from app.needs import NeedsList
from app.web.commandline import Commands
from app.web.execute import bus

listings_group = Commands("listings", help="What owners open.")
needs_group = Commands("needs", help="Needs lists and their entries.")
GROUPS = [listings_group, needs_group]
SHOWN = 50
OPTIONS: Sequence[Callable[[Any], Any]] = (
    click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    click.option("--kind", help="Kind of rows that name none, in either language."),
    click.option(
        "--crs", help="Coordinate system of the file: EPSG:2193, GCJ-02, BD-09, WKT. Stands before what the file states."
    ),
    click.option(
        "--map", "columns", multiple=True, metavar="HEADER=COLUMN", help="Which column a header fills; HEADER= leaves it out."
    ),
    click.option(
        "--value", "values", multiple=True, metavar="COLUMN:WORD=MEANING", help="What a word in a column means: end:长期=20y."
    ),
    click.option(
        "--default", "defaults", multiple=True, metavar="COLUMN=VALUE", help="Stated default; every row that it fills says so."
    ),
    click.option("--encoding", help="Encoding of the text, where the file does not say it."),
    click.option(
        "--header-row",
        "header_rows",
        multiple=True,
        metavar="[SHEET=]ROW",
        help="Which row is the header, where another is found.",
    ),
    click.option("--sheet", "sheets", multiple=True, help="Read only this sheet or layer."),
    click.option("--provenance", type=click.Choice(list(PROVENANCES)), default="declared", show_default=True),
    click.option("--create-organisations", is_flag=True, help="Make the organisations that the file names and nobody knows."),
    click.option("--dry-run", is_flag=True, help="Say everything that is wrong and write nothing."),
    click.option(
        "--report",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write the workbook back with every error beside its cell.",
    ),
    click.option("--valid-rows", is_flag=True, help="Import the sound rows of a file that has wrong ones."),
    click.option("--language", type=click.Choice(["en", "zh_CN"]), default="en", show_default=True),
)


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@listings_group.command("import")
@click.option("--organisation", required=True, help="Owner of rows that name none: reference or name.")
@click.option("--draft", is_flag=True, help="Leave the listings as drafts.")
@_with_options
def import_listings(organisation: str, draft: bool, **given: Any) -> None:
    """Bring assets and their listings from FILE."""
    _guarded(lambda: _import(Subject.LISTINGS, bus().ask(_organisation, SYSTEM, organisation), None, not draft, given))


@needs_group.command("import")
@click.option("--list", "needs_list", required=True, help="The needs list: reference or name.")
@click.option("--organisation", help="Requester of rows that name none: reference or name.")
@click.option("--draft", is_flag=True, help="Leave the entries as drafts of their organisations.")
@_with_options
def import_needs(needs_list: str, organisation: str | None, draft: bool, **given: Any) -> None:
    """Bring entries of a needs list from FILE."""

    def run() -> None:
        listed = bus().ask(_needs_list, SYSTEM, needs_list)
        requester = bus().ask(_organisation, SYSTEM, organisation) if organisation else None
        _import(Subject.NEEDS, requester, listed, not draft, given)

    _guarded(run)


@listings_group.command("undo-import")
@click.argument("ref")
def undo_listings(ref: str) -> None:
    """Take back everything that the import REF made."""
    _guarded(lambda: click.echo(f"{bus().execute(undo_import, SYSTEM, MoveImport(ref))} rows taken back"))


needs_group.add_command(undo_listings)


def _guarded(run: Callable[[], None]) -> None:
    try:
        run()
    except DomainError as error:
        raise click.ClickException(
            "\n".join([error.text.en, *(_line(problem, "en") for problem in error.problems[:SHOWN])])
        ) from None


def _import(subject: Subject, owner: Named | None, listed: Named | None, opens: bool, given: dict[str, Any]) -> None:
    whose = owner.owner_id if owner else listed.owner_id if listed else None
    decisions = _decisions(owner, opens, given)
    if given["dry_run"]:
        _dry_run(bus(), subject, whose, listed, decisions, given)
        return
    with given["file"].open("rb") as stream:
        kept = files.keep(stream, given["file"].name)
    command = StartImport(subject, kept, decisions, given["provenance"], listed.ref if listed else None, whose)
    ref = bus().execute(start_import, SYSTEM, command)
    check_import(bus(), SYSTEM, ref, _say)
    view = bus().ask(import_detail, SYSTEM, ref)
    if given["report"]:
        write_report(bus(), SYSTEM, ref, given["report"], given["language"])
    _tell(
        view.read_rows,
        view.sound_rows,
        bus().ask(every_problem, SYSTEM, ref),
        view.findings.get("assumed", {}),
        given["language"],
    )
    if view.status != "checked" or not view.sound_rows or (view.problem_count and not given["valid_rows"]):
        if view.status in ("checked", "failed"):
            bus().execute(discard_import, SYSTEM, MoveImport(ref))
        raise click.ClickException("nothing was imported; correct the file, or give --valid-rows to import the sound rows")
    count = bus().execute(commit_import, SYSTEM, CommitImport(ref, rows=VALID_ROWS if given["valid_rows"] else ALL_ROWS))
    click.echo(f"imported {count} {subject.value} as import {ref}")


def _dry_run(
    on: Bus, subject: Subject, whose: int | None, listed: Named | None, decisions: Decisions, given: dict[str, Any]
) -> None:
    case = on.ask(case_of, SYSTEM, subject, given["file"].name, whose, listed.id if listed else None, decisions)
    try:
        found: Examined | None = examine(on, SYSTEM, case, given["file"], _say)
        problems = found.problems if found else []
    except DomainError as error:
        found, problems = None, list(error.problems) or [Problem(error.code, error.text)]
    if given["report"]:
        annotate(given["file"], found.source if found else None, problems, given["report"], given["language"])
    read, sound, assumed = (found.draft.read, len(found.judgement.rows), found.draft.assumed) if found else (0, 0, {})
    _tell(read, sound, problems, assumed, given["language"])
    if problems:
        raise SystemExit(1)


def _decisions(owner: Named | None, opens: bool, given: dict[str, Any]) -> Decisions:
    columns = {header: target or None for header, target in (_pair(text, "=", "--map") for text in given["columns"])}
    values: dict[str, dict[str, str]] = {}
    for text in given["values"]:
        name, rest = _pair(text, ":", "--value")
        word, meaning = _pair(rest, "=", "--value")
        values.setdefault(name, {})[word] = meaning
    defaults = dict(_pair(text, "=", "--default") for text in given["defaults"])
    return Decisions(
        kind=_kind(given["kind"]),
        organisation=owner.ref if owner else None,
        crs=given["crs"],
        encoding=given["encoding"],
        sheets=tuple(given["sheets"]),
        columns=columns,
        values=values,
        defaults=defaults,
        opens=opens,
        new_organisations=given["create_organisations"],
        header_rows=dict(map(_header_row, given["header_rows"])),
    )


def _header_row(text: str) -> tuple[str, int]:
    sheet, _sign, row = text.rpartition("=")
    if not (row.strip().isdecimal() and int(row)):
        raise click.BadParameter(f"{text}: write SHEET=ROW or ROW", param_hint="--header-row")
    return sheet.strip() or EVERY_SHEET, int(row)


def _pair(text: str, sign: str, option: str) -> tuple[str, str]:
    left, found, right = text.partition(sign)
    if not found or not left.strip():
        raise click.BadParameter(f"{text}: write LEFT{sign}RIGHT", param_hint=option)
    return left.strip(), right.strip()


def _kind(word: str | None) -> str | None:
    if word is None:
        return None
    for kind in KINDS.all():
        if normalise(word) in {normalise(w) for w in (kind.name, kind.label.en, kind.label.zh, kind.plural.en, *kind.aliases)}:
            return kind.name
    raise click.BadParameter(f"{word}: known are {', '.join(k.name for k in KINDS.all())}", param_hint="--kind")


@dataclass(frozen=True, slots=True)
class Named:
    """What the commands need of an organisation or a needs list. `owner_id`: whose import it is."""

    id: int
    ref: str
    owner_id: int


def _organisation(reader: Reader, word: str) -> Named:
    names = (Organisation.name, Organisation.name_zh, Organisation.short_name)
    found = reader.session.scalars(
        select(Organisation).where(
            Organisation.status == "active", or_(Organisation.ref == word, *(column == word for column in names))
        )
    ).all()
    if len(found) != 1:
        raise click.BadParameter(
            f"{word}: {len(found) or 'no'} organisations have this reference or name", param_hint="--organisation"
        )
    return Named(found[0].id, found[0].ref, found[0].id)


def _needs_list(reader: Reader, word: str) -> Named:
    found = reader.session.scalars(
        select(NeedsList).where(or_(NeedsList.ref == word, NeedsList.name == word, NeedsList.name_zh == word))
    ).all()
    if len(found) != 1:
        raise click.BadParameter(f"{word}: {len(found) or 'no'} needs lists have this reference or name", param_hint="--list")
    return Named(found[0].id, found[0].ref, found[0].administration_id)


def _say(percent: int, message: str) -> None:
    click.echo(f"\r{percent:3d} % {message:<12}", err=True, nl=percent >= 98)


def _tell(read: int, sound: int, problems: list[Problem], assumed: dict[str, int], language: str) -> None:
    click.echo(f"\n{read} rows read, {sound} sound, {len(problems)} problems")
    for problem in problems[:SHOWN]:
        click.echo(_line(problem, language))
    if len(problems) > SHOWN:
        click.echo(f"  … and {len(problems) - SHOWN} more; --report writes them all")
    if assumed:
        click.echo("assumed: " + ", ".join(f"{name} ({count})" for name, count in sorted(assumed.items())))


def _line(problem: Problem, language: str) -> str:
    place = (
        f"{problem.column or ''}{problem.row or ''}"
        if problem.column and problem.column.isupper()
        else " ".join(str(part) for part in (problem.row, problem.column) if part)
    )
    return f"  {problem.sheet or ''} {place}: {problem.detail.in_(language)}".replace("   ", "  ")
