"""The form of an agreement's lines: from what was typed to line inputs, and what its writer may choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from app.accounts import OrganisationName, names
from app.agreements.lines import LineInput
from app.agreements.queries import agreement_detail
from app.agreements.views import AgreementView, LineView
from app.assets import Asset
from app.catalogue.declaration import AssetKind, Sort
from app.catalogue.kinds import KINDS
from app.db.work import Reader
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.money import Money
from app.kernel.quantity import decimal_of, from_milli
from app.kernel.text import Text
from app.kernel.timewindow import day_after

OWN_ASSETS = 500
Typed = dict[str, str]


@dataclass(frozen=True, slots=True)
class AssetChoice:
    """An asset of one of the parties, on which a line can stand."""

    ref: str
    name: str
    kind: AssetKind
    supplier: OrganisationName
    beneficiary: OrganisationName


@dataclass(frozen=True, slots=True)
class LineSheet:
    """One line in the form: the asset that it stands on and what was typed, by field name."""

    asset: AssetChoice
    values: Typed = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """An agreement with its lines as a form. `own`: assets of the viewer's side that a further line can stand on."""

    view: AgreementView
    lines: Sequence[LineSheet]
    own: Sequence[AssetChoice]

    def with_line(self, ref: str) -> AssetChoice:
        """The asset for a further line. Raises `not_found`."""
        known = {choice.ref: choice for choice in (*(line.asset for line in self.lines), *self.own)}
        if ref not in known:
            raise fail("not_found")
        return known[ref]


def edit_sheet(reader: Reader, ref: str) -> Sheet:
    """The form of an agreement as its current version stands. Raises `not_found`."""
    view = agreement_detail(reader, ref)
    reader.permit("agreement.edit", view.subject)
    known = names(reader.session, {view.row.owner.id, view.row.requester.id})
    other = {view.row.owner.id: known[view.row.requester.id], view.row.requester.id: known[view.row.owner.id]}
    own = reader.session.scalars(
        select(Asset).where(Asset.owner_id.in_(view.party_ids)).order_by(Asset.name, Asset.id).limit(OWN_ASSETS)
    )
    choices = [AssetChoice(a.ref, a.name, KINDS[a.kind], known[a.owner_id], other[a.owner_id]) for a in own]
    return Sheet(view, [_line_sheet(line) for line in view.lines], choices)


def _line_sheet(line: LineView) -> LineSheet:
    values: Typed = {
        "right": line.right,
        "starts": line.window.start.isoformat(),
        "last": line.window.last.isoformat(),
        "currency": line.currency,
        "price": "" if line.price_minor is None else str(Money(line.price_minor, line.currency).amount),
        "against": "" if line.against_line is None else str(line.against_line),
        "listing": line.listing_ref or "",
    }
    if line.rent is not None:
        values |= {
            "site": str(Money(line.rent.site_minor, line.currency).amount) if line.rent.site_minor else "",
            "power": str(Money(line.rent.power_minor, line.currency).amount) if line.rent.power_minor else "",
            "index": str(line.rent.index_percent) if line.rent.index_percent else "",
            "shared": "1" if line.rent.ladder else "",
        }
    values |= {f"amount.{name}": str(from_milli(amount)) for name, amount in line.amounts.items()}
    return LineSheet(AssetChoice(line.asset_ref, line.asset_name, line.kind, line.supplier, line.beneficiary), values)


def typed_sheets(sheet: Sheet, form: Mapping[str, str]) -> list[LineSheet]:
    """The lines as they were typed: `l<n>.<field>`; those marked to be removed are left out."""
    count = int(form.get("count", "0")) if form.get("count", "0").isdigit() else 0
    found = []
    for number in range(1, count + 1):
        prefix = f"l{number}."
        values = {name.removeprefix(prefix): value.strip() for name, value in form.items() if name.startswith(prefix)}
        if values.get("asset") and not values.get("remove"):
            found.append(LineSheet(sheet.with_line(values["asset"]), values))
    return found


def line_inputs(lines: Sequence[LineSheet]) -> list[LineInput]:
    """The lines as the use case takes them, or every fault at its field. Raises `invalid`."""
    problems: list[Problem] = []
    found = [_line_input(f"l{number}", line, problems) for number, line in enumerate(lines, start=1)]
    if problems:
        raise fail("invalid", problems)
    return [line for line in found if line is not None]


def _line_input(prefix: str, line: LineSheet, problems: list[Problem]) -> LineInput | None:
    values = line.values

    def wrong(name: str, error: DomainError | Text) -> None:
        problems.append(Problem("invalid", error if isinstance(error, Text) else error.text, pointer=f"/{prefix}.{name}"))

    amounts: dict[str, float] = {}
    for dimension in line.asset.kind.dimensions:
        raw = values.get(f"amount.{dimension.name}", "").replace(",", "")
        if dimension.sort is Sort.LIMIT or not raw:
            continue
        try:
            amounts[dimension.name] = float(decimal_of(raw))
        except DomainError as error:
            wrong(f"amount.{dimension.name}", error)
    days: dict[str, date] = {}
    for name in ("starts", "last"):
        try:
            days[name] = date.fromisoformat(values.get(name, ""))
        except ValueError:
            wrong(name, Text("Give a day as 2027-01-31.", "请按 2027-01-31 的格式填写日期。"))
    currency = values.get("currency") or "CNY"
    money: dict[str, int | None] = {"price": None, "site": None, "power": None}
    for name in money:
        try:
            money[name] = Money.of(values[name].replace(",", ""), currency).minor if values.get(name) else None
        except DomainError as error:
            wrong(name, error)
    index = Decimal(0)
    try:
        index = decimal_of(values["index"]) if values.get("index") else index
    except DomainError as error:
        wrong("index", error)
    if len(days) < 2:
        return None
    against = values.get("against", "")
    return LineInput(
        line.asset.ref,
        line.asset.supplier.ref,
        line.asset.beneficiary.ref,
        amounts,
        days["starts"],
        day_after(days["last"]),
        values.get("right", "lease"),
        money["price"],
        currency,
        int(against) if against.isdigit() else None,
        values.get("listing") or None,
        money["site"] or 0,
        money["power"] or 0,
        index,
        bool(values.get("shared")),
    )
