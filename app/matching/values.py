"""Declared values that lie as JSON beside a row, as the engine's integers: read by the declaration, whole columns at a time.

Numbers come as floats and are made thousandths exactly as `compile.encode` makes them; choices, yes/no and what is derived come
as the text of a JSON list, and each distinct text is read once. SQLite sends the objects as they lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import Session

from app.catalogue.declaration import AssetKind, Field
from app.db.base import Base
from app.engine import MISSING, ProblemError
from app.engine.compile import encode, encode_numbers
from app.engine.problem import Ints
from app.matching.columns import Sort, Words, read_columns, read_few_columns

NUMERIC = ("number", "integer")
Names = Sequence[Sequence[str]]  # by kind, in the order of its columns
Fields = Sequence[Sequence[Field | None]]


def read_values(
    session: Session,
    id_: Any,
    kind: Any,
    values: Any,
    kinds: Sequence[AssetKind],
    fields: Fields,
    where: ColumnElement[bool],
    whole: type[Base] | None = None,
    *,
    few: bool = False,
) -> tuple[Ints, Ints]:
    """(id, [n, widest] thousandths) of the rows of these kinds; `fields[k]` are the columns of kind k,
    None for one that is not to be known. `whole`: their table, when most of its rows are asked for; `few`: when some are."""
    words, width = Words.of(session), max([1, *map(len, fields)])
    names = [k.name for k in kinds]
    if words.is_sqlite:
        return _unfolded(session, (id_, words.place_of(kind, names), values), fields, where)

    def by_kind(made: Mapping[str, ColumnElement[Any]]) -> ColumnElement[Any]:
        return case(made, value=kind) if len(names) > 1 else made[names[0]]

    wanted: list[tuple[ColumnElement[Any], Sort]] = [(id_, "int")]
    places: list[int] = []
    for column in range(width):
        numbers = {
            name: words.number_in(values, known.name)
            for name, mine in zip(names, fields, strict=True)
            if column < len(mine) and (known := mine[column]) is not None and known.type in NUMERIC
        }
        if numbers:
            wanted.append((by_kind(numbers), "float"))
            places.append(column)
    others = [[(c, f) for c, f in enumerate(mine) if f is not None and f.type not in NUMERIC] for mine in fields]
    spoken = {name: words.words_in(values, [f.name for _, f in mine]) for name, mine in zip(names, others, strict=True) if mine}
    if spoken:
        wanted += [(words.place_of(kind, names), "int"), (by_kind(spoken), "text")]
    statement = select(*(column.label(f"c{n}") for n, (column, _) in enumerate(wanted))).where(where)
    sorts = [sort for _, sort in wanted]
    ids, *rest = read_few_columns(session, statement, sorts) if few else read_columns(session, statement, sorts, whole)
    out = np.full((len(ids), width), MISSING, np.int64)
    for column, found in zip(places, rest, strict=False):
        out[:, column] = encode_numbers(found)
    if spoken:
        _put_words(out, rest[-2], rest[-1], others)
    return ids, out


def _unfolded(session: Session, columns: tuple[Any, Any, Any], fields: Fields, where: ColumnElement[bool]) -> tuple[Ints, Ints]:
    """On SQLite, which opens an object anew for each value asked of it: every object is opened once, here."""
    statement = select(*(column.label(f"c{n}") for n, column in enumerate(columns))).where(where)
    ids, of_kind, texts = read_columns(session, statement, ["int", "int", "text"])
    out = np.full((len(ids), max([1, *map(len, fields)])), MISSING, np.int64)
    for k, mine in enumerate(fields):
        rows = np.flatnonzero(of_kind == k)
        put_values(out, rows, [orjson.loads(text) for text in texts[rows]], mine)
    return ids, out


def put_values(out: Ints, rows: Ints, held: Sequence[Mapping[str, Any]], fields: Sequence[Field | None]) -> None:
    """What these rows hold, each of its own, into the columns of `fields`."""
    for column, field in enumerate(fields):
        if field is None:
            continue
        name = field.name
        if field.type in NUMERIC:
            stated = [one.get(name) for one in held]
            out[rows, column] = encode_numbers(np.array([np.nan if v is None else v for v in stated], np.float64))
        else:
            known: dict[str, int] = {}
            out[rows, column] = [_once(field, one.get(name), row, known) for row, one in zip(rows.tolist(), held, strict=True)]


def _once(declared: Field, value: object, row: int, known: dict[str, int]) -> int:
    """`_encoded`, reckoned once for each value."""
    if (key := repr(value)) not in known:
        known[key] = _encoded(declared, value, row)
    return known[key]


def _put_words(out: Ints, of_kind: Ints, texts: NDArray[Any], others: list[list[tuple[int, Field]]]) -> None:
    for k, mine in enumerate(others):
        rows = np.flatnonzero(of_kind == k) if mine else ()
        known: dict[str, list[int]] = {}
        for row in rows:
            if (text := texts[row]) not in known:
                known[text] = [_encoded(f, value, int(row)) for (_, f), value in zip(mine, orjson.loads(text), strict=False)]
            out[row, [column for column, _ in mine]] = known[text]


def _encoded(declared: Field, value: object, row: int) -> int:
    if value is None or value == "":
        return MISSING
    try:
        return encode(declared, value)
    except (ValueError, ArithmeticError) as error:
        raise ProblemError("values", row, f"{declared.name}: {error}") from error
