"""The columns of needs."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.catalogue.declaration import MILLI
from app.catalogue.profiles import get_profile
from app.engine import NO_BUDGET, Needs
from app.engine.compile import KindTables
from app.engine.problem import AREA
from app.matching.columns import Sort, Words, as_wkb, read_columns, read_few_columns
from app.matching.fairness import Standing, bonus_milli
from app.matching.source_listings import Heads, currency_codes, places_in
from app.matching.values import read_values
from app.needs import Need, NeedsList


def read_needs(session: Session, where: ColumnElement[bool], tables: KindTables, heads: Heads, *, few: bool = False) -> Needs:
    """What is outstanding is what is asked for; a budget is for the whole quantity, a price for one."""
    words = Words.of(session)
    wanted: list[tuple[Any, Sort]] = [
        (Need.id, "int"),
        (words.place_of(Need.kind, [k.name for k in tables.kinds]), "int"),
        (Need.organisation_id, "int"),
        (as_wkb(Need.geom), "wkb"),
        (Need.radius_m, "float"),
        (func.coalesce(Need.budget_minor, NO_BUDGET), "int"),
        (Need.currency, "letters"),
        (Need.quantity, "int"),
        (Need.quantity_outstanding, "int"),
        (words.ordinal(Need.window_start), "int"),
        (words.ordinal(Need.window_end), "int"),
        (Need.needs_list_id, "int"),
        (Need.purpose, "letters"),
        (func.coalesce(words.ordinal(Need.submitted_on), 0), "int"),
    ]
    statement = select(*(column.label(f"c{n}") for n, (column, _) in enumerate(wanted))).where(where)
    found = (read_few_columns if few else read_columns)(session, statement, [sort for _, sort in wanted])
    order = np.argsort(found[0], kind="stable")
    ids, kind, organisation, place, radius, budget, currency, quantity, outstanding, start, end = (c[order] for c in found[:11])
    where_to = places_in("needs", place, route=True)
    return Needs(
        id=ids,
        kind=kind.astype(np.int16),
        place=where_to,
        radius_mm=_reach_mm(radius, where_to.form),
        budget_minor=np.where(budget < 0, NO_BUDGET, budget // np.maximum(quantity, 1)),
        currency=currency_codes(currency),
        start=start.astype(np.int32),
        end=end.astype(np.int32),
        organisation=heads.head[heads.rows(organisation)],
        bonus=_bonus(session, heads, *(c[order] for c in (found[2], *found[11:]))),
        values=_requirements(session, where, tables, ids, kind, np.where(outstanding > 0, outstanding, quantity), few),
    )


def _reach_mm(metres: Any, form: Any) -> Any:
    """In whole millimetres; what is no area has a reach, be it the least."""
    whole = np.rint(metres * 1000).astype(np.int64)
    return np.where(form == AREA, whole, np.maximum(whole, 1))


def _bonus(session: Session, heads: Heads, organisation: Any, listed: Any, purpose: Any, submitted: Any) -> Any:
    """What policy adds: asked once for each combination of profile, list, purpose and day."""
    periods = {
        row.id: (row.opens_on, row.closes_on)
        for row in session.execute(select(NeedsList.id, NeedsList.opens_on, NeedsList.closes_on))
    }
    profiles = [heads.profile[row] for row in heads.rows(organisation).tolist()]
    known: dict[tuple[str, int, bytes, int], int] = {}
    out = np.zeros(len(listed), np.int64)
    for row, key in enumerate(zip(profiles, listed.tolist(), purpose.tolist(), submitted.tolist(), strict=True)):
        if key not in known:
            profile, number, word, day = key
            since = date.fromordinal(day) if day else None
            known[key] = bonus_milli(get_profile(profile), Standing(word.decode(), since, *periods[number]))
        out[row] = known[key]
    return out


def _requirements(
    session: Session, where: ColumnElement[bool], tables: KindTables, ids: Any, kind: Any, count: Any, few: bool
) -> Any:
    fields = [[k.requirement(name) for name in names] for k, names in zip(tables.kinds, tables.demand_names, strict=True)]
    found, values = read_values(session, Need.id, Need.kind, Need.requirements, tables.kinds, fields, where, few=few)
    values = values[np.argsort(found, kind="stable")]
    for k, (declared, names) in enumerate(zip(tables.kinds, tables.demand_names, strict=True)):
        if declared.quantity in names:
            mine = kind == k
            values[mine, names.index(declared.quantity)] = count[mine] * MILLI
    return values
