"""A statement as a workbook, with headings in both languages; numbers stay numbers, and a check row adds them up again."""

from __future__ import annotations

import io
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from app.kernel.money import Money
from app.kernel.text import Text
from app.rent.queries import StatementLineView, StatementView

KINDS = {
    "rent": Text("Rent", "租金"),
    "reversal": Text("Taken back", "冲回"),
    "make_ready": Text("Make-ready", "施工准备"),
}
COLUMNS = (
    (Text("No.", "序号"), 6),
    (Text("Kind", "类别"), 14),
    (Text("Asset", "设施"), 28),
    (Text("What", "内容"), 28),
    (Text("From", "起"), 12),
    (Text("To", "止"), 12),
    (Text("Days", "天数"), 8),
    (Text("Tenants", "共享家数"), 10),
    (Text("Anchor", "锚定租户"), 10),
    (Text("Base a year", "基准价（年）"), 16),
    (Text("Off the base", "基准价优惠"), 12),
    (Text("Site and power a year", "场地及电力引入费（年）"), 20),
    (Text("Off site and power", "场地及电力优惠"), 16),
    (Text("Days of the year", "当年天数"), 12),
    (Text("Amount", "金额"), 16),
)
TOTAL = Text("Total", "合计")


def heading(text: Text) -> str:
    return f"{text.en}\n{text.zh}"


def workbook(view: StatementView) -> bytes:
    """XLSX of one statement. The last row is a formula that adds the amounts, beside the total as it was issued."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise ValueError("a new workbook has a sheet")
    sheet.title = "Statement"
    row = view.row
    sheet.append([f"{row.supplier.name} → {row.beneficiary.name}", None, None, view.agreement_title])
    sheet.append([f"No. {row.number}", None, None, row.created_at.date(), row.currency])
    sheet.append([])
    sheet.append([heading(text) for text, _ in COLUMNS])
    for cell, (_text, width) in zip(sheet[4], COLUMNS, strict=True):
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(cell.column or 1)].width = width
    for line in view.lines:
        sheet.append(_cells(line, row.currency))
    last = 4 + len(view.lines)
    sheet.append([None, heading(TOTAL), *[None] * 11, float(_amount(row.total_minor, row.currency)), f"=SUM(O5:O{last})"])
    for cell in sheet[last + 1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A5"
    for line_of_cells in sheet.iter_rows(min_row=1, max_row=last):
        for cell in line_of_cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a name that begins with = stays a name
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _amount(minor: int, currency: str) -> Decimal:
    return Money(minor, currency).amount


def _cells(line: StatementLineView, currency: str) -> list[object]:
    def money(minor: int | None) -> float | None:
        return None if minor is None else float(_amount(minor, currency))

    def share(text: str | None) -> float | None:
        return None if text is None else float(Decimal(text))

    return [
        line.number,
        f"{KINDS[line.kind].en} {KINDS[line.kind].zh}",
        line.asset_name,
        line.text or (f"#{line.line_number}" if line.line_number else None),
        line.starts,
        line.last,
        line.days,
        line.tenants,
        {True: "✓", False: "", None: None}[line.anchor],
        money(line.base_minor),
        share(line.base_discount),
        money(line.shared_minor),
        share(line.shared_discount),
        line.year_days,
        money(line.amount_minor),
    ]
