"""From the values of a row to a draft of a listing or a need: defaults marked as assumed, windows, quantities, titles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from app.catalogue.declaration import AssetKind, Criterion, Field, Sort, Test
from app.exchange.drafts import RowDraft
from app.exchange.places import NEED_FORMS
from app.exchange.reading.labels import normalise
from app.exchange.rows import RowReader, RowState, Years
from app.exchange.shapes import form_of
from app.exchange.targets import Part, Subject
from app.exchange.values import Bad, parser_for, plain_number, shown
from app.kernel.errors import DomainError
from app.kernel.quantity import find_unit
from app.kernel.text import Text
from app.kernel.timewindow import FAR
from app.needs import LEAST_RADIUS_M

SHAPE_OF_FORM = {form: shape for shape, form in NEED_FORMS.items()}
NEEDED = {Subject.NEEDS: ("organisation", "window_start", "window_end", "quantity"), Subject.LISTINGS: ("organisation",)}
_CJK = re.compile(r"[\u4e00-\u9fff]")


class Filler(NamedTuple):
    """How a part of a kind is completed, worked out once per table: values that every row gets (and that it assumes), and the
    fields that have a column, with what stands in for an empty cell; `lacking` is required and comes from nowhere."""

    constants: dict[str, Any]
    assumed: tuple[str, ...]
    mapped: tuple[tuple[Field, Any], ...]
    lacking: tuple[Field, ...]


@dataclass(frozen=True)
class Finisher:
    """Completes the rows of one table. `today`: where an offer without a start begins. `crs`: kept with every record."""

    reader: RowReader
    subject: Subject
    crs: str
    today: date
    organisation: str | None = None
    fillers: dict[tuple[str, Part], Filler] = field(default_factory=dict)

    def finish(self, state: RowState) -> RowDraft | None:
        """The draft, or None when the row has a problem (then in `state.problems`)."""
        self._organisation(state)
        if state.kind is None:
            return None
        values = self._need(state, state.kind) if self.subject is Subject.NEEDS else self._listing(state, state.kind)
        whole = state.geometry is not None and not state.incomplete and all(values[name] for name in NEEDED[self.subject])
        if state.problems or not whole:
            return None  # a value that no column gives is a problem of the table, said once
        return RowDraft(
            state.sheet,
            state.row.number,
            state.kind.name,
            {**values, "kind": state.kind.name, "declared_crs": self.crs},
            state.geometry,
            sorted(dict.fromkeys(state.assumed)),
        )

    def _organisation(self, state: RowState) -> None:
        if "organisation" in state.values or "organisation" in state.failed:
            return
        given = self.organisation or self.reader.default(state, "organisation")
        if given is None and "organisation" in self.reader.columns_of:
            self.reader.fault(state, "no_organisation", "organisation")
        else:
            state.values["organisation"] = given

    # what both share

    def _required(self, state: RowState, target: str) -> Any:
        """The value or its stated default; a problem where a column is there and its cell is empty."""
        value = self.reader.default(state, target)
        if value is None and target not in state.failed and target in self.reader.columns_of:
            self.reader.fault(state, "missing", target, field=self.reader.columns[target].label)
        return value

    def _or_declared(self, state: RowState, target: str) -> Any:
        """The value, its stated default, or the default that the column itself declares (assumed)."""
        value = self.reader.default(state, target)
        declared = self.reader.columns[target].field.default
        if value is None and declared is not None:
            state.assumed.append(target)
            return declared
        return value

    def _window(self, state: RowState, start: date | None, end: date | Years | None) -> tuple[date | None, date | None]:
        """Half-open: the last day of the file is still inside."""
        if isinstance(end, Years):
            end = None if start is None else _years_later(start, end.count) - timedelta(days=1)
        if start is not None and end is not None and end < start:
            self.reader.fault(
                state,
                "window_reversed",
                "start" if self.reader.letter("start") else "end",
                start=start.isoformat(),
                end=end.isoformat(),
            )
        return start, None if end is None else end + timedelta(days=1) if end < FAR else FAR

    def _filled(self, state: RowState, kind: AssetKind, part: Part) -> dict[str, Any]:
        """What the row gives of a part of its kind, completed by stated defaults and by those that the kind declares."""
        filler = self._filler(kind, part)
        given = state.parts[part]
        found = {**filler.constants, **given}
        state.assumed.extend(filler.assumed)
        for declared, default in filler.mapped:
            if declared.name in given or declared.name in state.failed:
                continue
            if default is not None:
                found[declared.name] = default
                state.assumed.append(declared.name)
            elif declared.required:
                self.reader.fault(state, "missing", declared.name, field=declared.label)
        for declared in filler.lacking:
            self._lacks(state, "missing", field=declared.label)
        return found

    def _lacks(self, state: RowState, code: str, **values: Any) -> None:
        """What no column of the file can give: a problem of each row in a file of several kinds, of the table in one of one
        kind."""
        if "kind" in self.reader.columns_of:
            self.reader.fault(state, code, None, **values)
        else:
            state.incomplete = True

    def _filler(self, kind: AssetKind, part: Part) -> Filler:
        if (kind.name, part) not in self.fillers:
            listed = kind.attributes if part is Part.ATTRIBUTE else kind.requirements
            self.fillers[kind.name, part] = self._build(listed, {kind.quantity}, always=part is Part.ATTRIBUTE)
        return self.fillers[kind.name, part]

    def _build(self, listed: Sequence[Field], known_otherwise: set[str], *, always: bool) -> Filler:
        """`always`: a default that the kind declares fills what is not required, too. What is `known_otherwise` has a column of
        its own."""
        constants: dict[str, Any] = {}
        mapped: list[tuple[Field, Any]] = []
        lacking: list[Field] = []
        for declared in listed:
            default = self._stated(declared)
            if default is None and (always or declared.required):
                default = declared.default
            if declared.name in self.reader.columns_of:
                mapped.append((declared, default))
            elif default is not None:
                constants[declared.name] = default
            elif declared.required and declared.name not in known_otherwise:
                lacking.append(declared)
        return Filler(constants, tuple(constants), tuple(mapped), tuple(lacking))

    def _stated(self, declared: Field) -> Any:
        """The stated default as this kind's field reads it; what does not fit it is no default here."""
        text = self.reader.mapping.defaults.get(declared.name)
        if text is None:
            return None
        try:
            return parser_for(declared)(text)
        except Bad:  # the table has said so already, or it fits another kind of the file
            return None

    def _title(self, state: RowState, kind: AssetKind) -> str:
        """The given name, or kind, place and number in the language of the file."""
        given = state.values.get("title")
        if given:
            return str(given)
        place = "".join(str(state.values[t]) for t in ("city", "district") if t in state.values)
        chinese = bool(_CJK.search(place + str(state.values.get("organisation") or "")))
        label = kind.label.zh if chinese else kind.label.en
        return " ".join(str(piece) for piece in (place, label, state.values.get("reference") or state.row.number) if piece)[:200]

    def _place_words(self, state: RowState) -> str | None:
        words = [str(state.values[t]) for t in ("province", "city", "district") if t in state.values]
        return "".join(words) if any(_CJK.search(w) for w in words) else ", ".join(reversed(words)) or None

    # needs

    def _need(self, state: RowState, kind: AssetKind) -> dict[str, Any]:
        asked = self._filled(state, kind, Part.REQUIREMENT)
        quantity = self._quantity(state, kind, asked)
        start, end = self._window(state, self._required(state, "start"), self._required(state, "end"))
        default, values, budget = self.reader.default, state.values, self.reader.default(state, "budget")
        shape, radius = self._shape(state), self._or_declared(state, "radius_m")
        if shape != "area" and radius is not None and radius < LEAST_RADIUS_M:
            self.reader.fault(state, "no_radius", "radius_m")
        return {
            "organisation": values.get("organisation"),
            "sector": values.get("sector"),
            "owner_ref": values.get("reference"),
            "region": default(state, "region"),
            "title": self._title(state, kind),
            "shape": shape,
            "radius_m": radius,
            "requirements": {**asked, kind.quantity: quantity},
            "quantity": quantity,
            "window_start": start,
            "window_end": end,
            "latest_start": self._latest(state, start, end),
            "minimum_term_months": default(state, "minimum_term_months"),
            "budget_minor": budget.minor if budget else None,
            "currency": self._currency(state, budget),
            "priority": default(state, "priority") or "normal",
            "purpose": self._purpose(state),
            "accepts_cobuild": bool(default(state, "accepts_cobuild")),
            "divisible": bool(default(state, "divisible")),
            "tier": default(state, "tier") or "T0",
            "alternative": self._alternative(state),
            "note": default(state, "note"),
            "place": self._place_words(state),
        }

    def _latest(self, state: RowState, start: date | None, end: date | None) -> date | None:
        latest: date | None = self.reader.default(state, "latest_start")
        if latest is not None and start is not None and end is not None and not start <= latest < end:
            self.reader.fault(state, "latest_outside", "latest_start", latest=latest.isoformat())
        return latest

    def _purpose(self, state: RowState) -> str:
        """What the need is for; others than general name in the note what they rest on."""
        purpose = str(self.reader.default(state, "purpose") or "general")
        if purpose != "general" and not self.reader.default(state, "note"):
            self.reader.fault(state, "purpose_without_note", "purpose")
        return purpose

    def _alternative(self, state: RowState) -> dict[str, Any] | None:
        words, cost = self.reader.default(state, "alternative"), self.reader.default(state, "alternative_cost")
        return {"description": words, "cost_minor": cost.minor if cost else None, "days": None} if words else None

    def _shape(self, state: RowState) -> str | None:
        form = form_of(state.geometry) if state.geometry is not None else None
        return SHAPE_OF_FORM[form] if form else None

    def _currency(self, state: RowState, money: Any) -> str:
        return str(self.reader.default(state, "currency") or (money.currency if money else self.reader.currency)).upper()[:3]

    def _quantity(self, state: RowState, kind: AssetKind, asked: dict[str, Any]) -> int | None:
        """What is asked for, in the kind's own unit: from its own column, or from the general one with its unit beside it."""
        declared = kind.requirement(kind.quantity)
        general = self.reader.default(state, "quantity")
        if declared.name in state.parts[Part.REQUIREMENT] or (general is None and not {"quantity", declared.name} & state.failed):
            if "quantity" in self.reader.columns_of and declared.name not in state.parts[Part.REQUIREMENT]:
                self.reader.fault(state, "missing", "quantity", field=declared.label)
            return asked.get(declared.name)
        if declared.name in state.assumed:  # the general column said it
            state.assumed.remove(declared.name)
        if general is None:
            return None
        try:
            count = parser_for(declared)(general / self._per(state, kind, declared))
            if count == 0:
                raise Bad("too_low", field=declared.label, value=0, limit=1)
            return count  # type: ignore[return-value]
        except Bad as bad:
            self.reader.fault(state, bad.code, "quantity_unit" if bad.code == "wrong_unit" else "quantity", **bad.values)
            return None

    def _per(self, state: RowState, kind: AssetKind, declared: Field) -> int:
        """How many of the unit beside the quantity make one of the kind's: two cores make a pair."""
        given = state.values.get("quantity_unit")
        if not given:
            return 1
        word = normalise(str(given))
        if word in {normalise(w) for w in (declared.unit or "", declared.label.en, declared.label.zh, *declared.aliases)}:
            return 1
        symbol = _symbol(str(given))
        if symbol is not None and symbol == declared.unit:
            return 1
        for criterion in kind.criteria:
            if criterion.test is Test.CAPACITY and criterion.demand == declared.name and _supplied_in(kind, criterion) == symbol:
                return criterion.per
        raise Bad("wrong_unit", field=declared.label, given=shown(str(given)), unit=declared.unit or "—")

    # listings

    def _listing(self, state: RowState, kind: AssetKind) -> dict[str, Any]:
        attributes = self._filled(state, kind, Part.ATTRIBUTE)
        offered, totals = self._capacity(state, kind)
        limits = {d.name: offered.pop(d.name) for d in kind.dimensions if d.sort is Sort.LIMIT and d.name in offered}
        start = self.reader.default(state, "start")
        end = self.reader.default(state, "end")
        for name, value in (("start", start), ("end", end)):
            if value is None and name not in state.failed:
                state.assumed.append(name)
        window = self._window(state, start or self.today, end or FAR)
        default, values, price = self.reader.default, state.values, self.reader.default(state, "price")
        return {
            "organisation": values.get("organisation"),
            "sector": values.get("sector"),
            "owner_ref": values.get("reference"),
            "region": default(state, "region"),
            "name": self._title(state, kind),
            "status": self._or_declared(state, "status"),
            "available_from": default(state, "available_from"),
            "address": default(state, "address") or self._place_words(state),
            "accuracy_m": default(state, "accuracy_m"),
            "grade": default(state, "grade") or "general",
            "attributes": {**attributes, **limits},
            "totals": totals,
            "offered": offered,
            "window_start": window[0],
            "window_end": window[1],
            "price_minor": price.minor if price else None,
            "currency": self._currency(state, price),
            "terms": default(state, "terms"),
            "tier": default(state, "tier") or "T2",
            "exclusivity": default(state, "exclusivity") or "none",
        }

    def _capacity(self, state: RowState, kind: AssetKind) -> tuple[dict[str, Any], dict[str, Any]]:
        """(offered, totals) by dimension. A stated total with nothing opened opens all of it; nothing at all is a problem."""
        offered: dict[str, Any] = {}
        totals: dict[str, Any] = {}
        for dimension in kind.dimensions:
            name = dimension.name
            opened, whole = self._amount(state, Part.OFFERED, name, name), self._amount(state, Part.TOTAL, name, f"{name}_total")
            if opened is None and whole is None:
                continue
            if opened is not None and whole is not None and opened > whole:
                self.reader.fault(
                    state, "open_over_total", name, field=dimension.label, open=plain_number(opened), total=plain_number(whole)
                )
            offered[name], totals[name] = opened if opened is not None else whole, whole if whole is not None else opened
        if not any(offered.values()) and not state.failed & {t for d in kind.dimensions for t in (d.name, f"{d.name}_total")}:
            first = next((d.name for d in kind.dimensions if self.reader.letter(d.name)), None)
            known = Text(", ".join(d.label.en for d in kind.dimensions), "、".join(d.label.zh for d in kind.dimensions))
            if first is not None:
                self.reader.fault(state, "no_capacity", first, known=known)
            else:
                self._lacks(state, "no_capacity", known=known)
        return offered, totals

    def _amount(self, state: RowState, part: Part, name: str, target: str) -> Any:
        given = state.parts[part].get(name)
        if given is None and target not in state.failed and target in self.reader.defaults:
            state.assumed.append(target)
            return self.reader.defaults[target]
        return given


def _symbol(unit: str) -> str | None:
    try:
        return find_unit(unit).symbol
    except DomainError:
        return None


def _supplied_in(kind: AssetKind, criterion: Criterion) -> str | None:
    return next((d.unit for d in kind.dimensions if d.name == criterion.supply), None)


def _years_later(start: date, years: int) -> date:
    if start.year + years > FAR.year:
        return FAR
    try:
        return start.replace(year=start.year + years)
    except ValueError:  # 29 February
        return start.replace(year=start.year + years, day=28)
