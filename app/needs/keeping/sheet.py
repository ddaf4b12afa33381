"""The workbook in which a needs list goes to ministries: a summary and a sheet for each kind, headed in both languages with units, ready
to print; as exactly as its reader sees the entries, and marked with whose copy it is."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import shapely
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.db.work import UnitOfWork
from app.disclosure import anchor
from app.kernel.event import Event
from app.kernel.money import Money
from app.kernel.text import Text
from app.needs.keeping.queries import CoverageRow, coverage_of, kept_round
from app.needs.paper import copy_of, entries_of, mark_of
from app.needs.queries import round_detail
from app.needs.rules import ENTRY, OUTCOMES, PRIORITIES, PURPOSES, ROUND
from app.needs.views import NeedView, RoundView
from app.regions import region_name
from app.web import sheets, writing

ONE_DAY = timedelta(days=1)
TITLE_ROWS = 5  # titles, keeper, copy, blank; the header follows
GRADE = Text("Internal: needs reveal plans", "内部资料：需求涉及建设计划")
CURRENCY = Text("in the currency named", "按所列币种")


@dataclass(frozen=True, slots=True)
class WriteBook:
    ref: str


@dataclass(frozen=True, slots=True)
class Book:
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Column:
    """`digits`: decimals of a number, None for text."""

    label: Text
    width: int
    unit: str | None = None
    digits: int | None = None

    @property
    def heading(self) -> str:
        unit = f"\n({self.unit})" if self.unit else ""
        return f"{self.label.zh}\n{self.label.en}{unit}"


COMMON = (
    Column(Text("No.", "序号"), 6, digits=0),
    Column(Text("Reference", "编号"), 16),
    Column(Text("Need", "需求名称"), 30),
    Column(Text("Asked by", "提出单位"), 26),
    Column(Text("Region", "行政区划"), 26),
    Column(Text("Longitude, WGS-84 / CGCS2000", "经度（WGS-84 / CGCS2000）"), 14, "°", 6),
    Column(Text("Latitude, WGS-84 / CGCS2000", "纬度（WGS-84 / CGCS2000）"), 14, "°", 6),
    Column(Text("Place is", "位置精度"), 14),
    Column(Text("Radius or half width", "半径或半宽"), 11, "m", 0),
    Column(Text("From", "起始日期"), 12),
    Column(Text("To, the last day", "终止日期（含）"), 12),
    Column(Text("Quantity", "数量"), 9, digits=0),
    Column(Text("Outstanding", "尚缺数量"), 9, digits=0),
)
AFTER = (
    Column(Text("Priority", "优先级"), 10),
    Column(Text("Purpose", "需求性质"), 18),
    Column(Text("Would build together", "可参与共建"), 11),
    Column(Text("Budget a year", "年度预算"), 14, f"{CURRENCY.zh} {CURRENCY.en}", 2),
    Column(Text("Currency", "币种"), 8),
    Column(Text("State", "状态"), 16),
    Column(Text("Remark", "备注"), 30),
)
SUMMARY = (
    Column(Text("Kind", "类别"), 24),
    Column(Text("Entries", "需求条数"), 12, digits=0),
    Column(Text("Organisations", "提出单位数"), 14, digits=0),
    Column(Text("Quantity", "数量合计"), 12, digits=0),
    Column(Text("Matched or served", "已匹配或已满足"), 16, digits=0),
    Column(Text("Unserved", "尚未满足"), 12, digits=0),
)
BY_REGION = (
    Column(Text("Region", "行政区划"), 24),
    Column(Text("Entries", "需求条数"), 12, digits=0),
    Column(Text("Organisations", "提出单位数"), 14, digits=0),
    Column(Text("Matched or served", "已匹配或已满足"), 12, digits=0),
    Column(Text("Unserved", "尚未满足"), 16, digits=0),
    Column(Text("Ended otherwise", "其他结果"), 12, digits=0),
)
EXACT = {True: Text("exact", "精确"), False: Text("approximate", "概略")}
YES = {True: Text("yes", "是"), False: Text("no", "否")}


def write_book(work: UnitOfWork, command: WriteBook) -> Book:
    """The list as a workbook. Whose copy it is stands in it and is recorded. Who may: the administration that keeps the list. Raises
    `not_found`, `list_too_long`."""
    round_ = kept_round(work, command.ref, "needs_list.export")
    view, entries = round_detail(work, command.ref), entries_of(work, command.ref)
    mark = mark_of(work)
    after = {"needs_list": view.ref, "needs": len(entries), "mark": mark.ref, "format": "xlsx"}
    told = (mark.organisation_id,) if mark.organisation_id is not None else ()
    work.emit(Event("export.made", "export", mark.ref, told, after=after))
    whose = Text(copy_of(work, mark, "en"), copy_of(work, mark, "zh_CN"))
    data = workbook(view, entries, coverage_of(work, round_), whose)
    return Book(f"needs-list-{view.ref}-{mark.ref}.xlsx", data)


def workbook(view: RoundView, entries: Sequence[NeedView], coverage: Sequence[CoverageRow], whose: Text) -> bytes:
    groups: dict[str, list[NeedView]] = defaultdict(list)
    for need in entries:
        groups[need.kind].append(need)
    book = Workbook()
    first = book.active
    if not isinstance(first, Worksheet):
        raise TypeError("a new workbook has a sheet")
    first.title = "汇总 Summary"
    _summary(first, view, groups, coverage, whose)
    for kind in (one for one in KINDS.all() if one.name in groups):
        _of_kind(book.create_sheet(f"{kind.plural.zh} {kind.plural.en}"[:31]), view, kind, groups[kind.name], whose)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _summary(
    sheet: Worksheet, view: RoundView, groups: dict[str, list[NeedView]], coverage: Sequence[CoverageRow], whose: Text
) -> None:
    _titles(sheet, view, Text("Summary", "汇总表"), whose, len(SUMMARY))
    _header(sheet, TITLE_ROWS + 1, SUMMARY)
    kinds = [kind for kind in KINDS.all() if kind.name in groups]
    for kind in kinds:
        _row(sheet, [sheets.both(kind.plural), *_counted(groups[kind.name])], SUMMARY)
    everything = [need for kind in kinds for need in groups[kind.name]]
    total = _counted(everything)
    _row(sheet, ["合计 Total", *total[:2], None, *total[3:]], SUMMARY, bold=True)
    sheet.append([])
    _header(sheet, sheet.max_row + 2, BY_REGION)
    for row in coverage:
        facts = [row.entries, row.organisations, row.matched, row.unserved, row.ended]
        _row(sheet, [sheets.both(region_name(row.region)), *facts], BY_REGION)
    _print(sheet, len(SUMMARY), whose, view)


def _counted(entries: Sequence[NeedView]) -> list[Any]:
    matched = sum(need.status == "matched" or need.outcome in ("served", "partly_served") for need in entries)
    unserved = sum(need.status in ("submitted", "published") for need in entries)
    return [
        len(entries),
        len({need.organisation.id for need in entries}),
        sum(need.quantity for need in entries),
        matched,
        unserved,
    ]


def _of_kind(sheet: Worksheet, view: RoundView, kind: AssetKind, entries: Sequence[NeedView], whose: Text) -> None:
    asked = tuple(Column(field.label, 12, _unit(field.unit)) for field in kind.requirements)
    columns = (*COMMON, *asked, *AFTER)
    _titles(sheet, view, kind.plural, whose, len(columns))
    _header(sheet, TITLE_ROWS + 1, columns)
    for place, need in enumerate(entries, 1):
        values = [_plain(need.requirements.get(field.name)) for field in kind.requirements]
        _row(sheet, [*_before(place, need), *values, *_after(need)], columns)
    sheet.auto_filter.ref = f"A{TITLE_ROWS + 1}:{get_column_letter(len(columns))}{sheet.max_row}"
    sheet.freeze_panes = f"D{TITLE_ROWS + 2}"  # headings above, number, reference and name at the side
    _print(sheet, len(columns), whose, view)


def _unit(unit: str | None) -> str | None:
    return sheets.both(Text(writing.unit_name(unit, "en"), writing.unit_name(unit, "zh_CN"))) if unit else None


def _before(place: int, need: NeedView) -> list[Any]:
    lon, lat = anchor(need.geometry) if not shapely.is_empty(need.geometry) else (None, None)
    return [
        place,
        need.ref,
        need.title,
        need.organisation.in_("zh_CN"),
        sheets.both(region_name(need.region)) if need.region else None,
        _rounded(lon, need.is_exact),
        _rounded(lat, need.is_exact),
        sheets.both(EXACT[need.is_exact]),
        need.radius_m if need.is_exact else None,
        need.window_start,
        need.window_end - ONE_DAY,
        need.quantity,
        need.quantity_outstanding,
    ]


def _rounded(degrees: float | None, is_exact: bool) -> float | None:
    return None if degrees is None else round(degrees, 6 if is_exact else 2)


def _after(need: NeedView) -> list[Any]:
    state = OUTCOMES[need.outcome] if need.outcome else ENTRY.states[need.status]
    budget = float(Money(need.budget_minor, need.currency).amount) if need.budget_minor is not None else None
    return [
        sheets.both(PRIORITIES[need.priority]),
        sheets.both(PURPOSES[need.purpose]),
        sheets.both(YES[need.accepts_cobuild]),
        budget,
        need.currency if budget is not None else None,
        sheets.both(state),
        need.note,
    ]


def _plain(stored: Any) -> Any:
    """A declared value as a cell: numbers stay numbers."""
    if isinstance(stored, bool):
        return sheets.both(YES[stored])
    if isinstance(stored, int | float) or stored is None:
        return stored
    return ", ".join(map(str, stored)) if isinstance(stored, list) else str(stored)


def _titles(sheet: Worksheet, view: RoundView, what: Text, whose: Text, columns: int) -> None:
    """Over the table, in both languages: which list, what, who keeps it, whose copy it is."""
    period = f"{view.opens_on.isoformat()} – {(view.closes_on - ONE_DAY).isoformat()}"
    keeper, region, state = view.administration, region_name(view.region), ROUND.states[view.status]
    lines = (
        f"{view.title('zh_CN')}　{what.zh}",
        f"{view.name}: {what.en}",
        f"编制机关 Kept by：{sheets.both(Text(keeper.name, keeper.in_('zh_CN')))}　行政区划 Region：{sheets.both(region)}　征集期 Took entries：{period}　"
        f"状态 State：{sheets.both(state)}　编号 No.：{view.ref.upper()}",
        f"{sheets.both(GRADE)}　持有人 Copy of：{whose.zh} / {whose.en}",
        None,
    )
    for number, line in enumerate(lines, 1):
        cell = sheets.write(sheet.cell(number, 1), line)
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=min(columns, 12))
        cell.alignment = Alignment(vertical="center", wrap_text=number > 2)
        cell.font = Font(bold=number <= 2, size=16 if number == 1 else 12 if number == 2 else 10)
    sheet.row_dimensions[3].height = sheet.row_dimensions[4].height = 30


def _header(sheet: Worksheet, row: int, columns: Sequence[Column]) -> None:
    for place, column in enumerate(columns, 1):
        sheets.head(sheet.cell(row, place), column.heading)
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(
            column.width, sheet.column_dimensions[letter].width if row > TITLE_ROWS + 1 else 0
        )
    sheet.row_dimensions[row].height = 62


def _row(sheet: Worksheet, values: Sequence[Any], columns: Sequence[Column], *, bold: bool = False) -> None:
    row = sheet.max_row + 1
    for place, (value, column) in enumerate(zip(values, columns, strict=True), 1):
        cell = sheets.write(sheet.cell(row, place), value)
        cell.border = sheets.BOX
        cell.alignment = Alignment(wrap_text=isinstance(value, str), vertical="top")
        if bold:
            cell.font = Font(bold=True)
        if column.digits is not None and isinstance(value, int | float):
            cell.number_format = sheets.amount(column.digits)
        elif hasattr(value, "isoformat"):
            cell.number_format = sheets.DAY


def _print(sheet: Worksheet, columns: int, whose: Text, view: RoundView) -> None:
    """A4 across, as wide as one page, the headings on each; at the foot the pages and whose copy it is."""
    sheets.print_across(sheet, TITLE_ROWS + 1, sheets.A3 if columns > len(SUMMARY) else sheets.A4)
    sheet.print_area = f"A1:{get_column_letter(columns)}{sheet.max_row}"
    foot: Any = sheet.oddFooter
    head: Any = sheet.oddHeader
    foot.left.text = whose.zh.replace("&", "&&")
    head.center.text = view.title("zh_CN").replace("&", "&&")
    if sheet.freeze_panes is None:
        sheet.freeze_panes = f"B{TITLE_ROWS + 2}"
