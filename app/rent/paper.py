"""A statement of rent as a paper: who asks whom for what, line by line, in words of one language; the same statement gives the same
bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements import Agreement, AgreementVersion, Reprint, paper_name, register_paper
from app.catalogue.profiles import get_profile
from app.db.work import Reader
from app.documents import LANGUAGES, language_of, official, typeset
from app.kernel.text import Text, counted
from app.rent.export import KINDS, TOTAL
from app.rent.models import RentStatement
from app.rent.queries import StatementLineView, StatementView, statement, statement_of
from app.web import writing

KIND = "statement"
WORDS: Mapping[str, Text] = {
    "lines": Text("Lines", "明细"),
    "what": Text("What", "内容"),
    "days": Text("Days", "计费期间"),
    "reckoned": Text("Reckoned", "计算"),
    "amount": Text("Amount", "金额"),
    "total": TOTAL,
    "rounding": Text(
        "Each line is rounded once, half to even, in the minor unit of the currency. What turns out otherwise later is taken back line by line on "
        "the next statement. No payment is taken by the platform.",
        "每行按币种最小单位四舍六入五成双，仅舍入一次；事后有变的，在下一期账单中逐行冲回。平台不代收款项。",
    ),
}
HEADING = Text("Statement of Rent", "租费账单")


@dataclass(frozen=True, slots=True)
class Paper:
    name: str
    data: bytes


def statement_paper(reader: Reader, ref: str, locale: str, base_url: str) -> Paper:
    """A statement as a PDF, for its parties. Raises `not_found`."""
    view, language = statement(reader, ref), language_of(locale)
    return Paper(f"statement-{ref}-{language}.pdf", _pdf(reader.session, view, language, base_url))


def again(session: Session, ref: str, base_url: str) -> Reprint | None:
    """The statement as it would be printed now, in every language."""
    row = session.scalar(select(RentStatement).where(RentStatement.ref == ref))
    if row is None:
        return None
    view = statement_of(session, row)
    version = _version(session, row)
    return Reprint(version.content_hash, (_pdf(session, view, language, base_url) for language in LANGUAGES))


def _version(session: Session, row: RentStatement) -> AgreementVersion:
    """The version that stood when the statement was issued."""
    versions = session.scalars(
        select(AgreementVersion).where(AgreementVersion.agreement_id == row.agreement_id).order_by(AgreementVersion.number)
    ).all()
    return next((one for one in reversed(versions) if one.created_at <= row.created_at), versions[0])


def _pdf(session: Session, view: StatementView, locale: str, base_url: str) -> bytes:
    row = session.scalars(select(RentStatement).where(RentStatement.ref == view.row.ref)).one()
    agreement = session.get_one(Agreement, row.agreement_id)
    return typeset("statement", facts(view, _version(session, row), agreement.profile, locale, base_url))


def facts(view: StatementView, version: AgreementVersion, profile: str, locale: str, base_url: str) -> dict[str, Any]:
    """What the paper says. `profile`: the jurisdiction's, for its time zone and name."""
    row, zone = view.row, get_profile(profile).time_zone
    number = Text("No. {number}", "编号：{number}").format(number=f"{row.ref.upper()}")
    heading = Text("{heading} {number}", "{heading}（第 {number} 期）").format(heading=HEADING, number=row.number).in_(locale)
    return {
        **official(
            locale,
            WORDS,
            title=f"{heading}: {view.agreement_title}",
            keyword=paper_name(KIND, row.ref),
            foot=f"{heading} · {row.ref.upper()}",
            digest=version.content_hash,
            base_url=base_url,
        ),
        "issuer": row.supplier.in_(locale),
        "number": number.in_(locale),
        "day": writing.day(writing.local_day(row.created_at, zone), locale),
        "heading": heading,
        "subject": view.agreement_title,
        "rows": _particulars(view, version, profile, locale),
        "lines": [_line(line, row.currency, locale) for line in view.lines],
        "total": writing.money(row.total_minor, row.currency, locale),
    }


def _particulars(view: StatementView, version: AgreementVersion, profile: str, locale: str) -> list[list[str]]:
    agreement = Text("{ref}, version {number}", "{ref}，第 {number} 版").format(
        ref=view.agreement_ref.upper(), number=version.number
    )
    last = writing.day(view.row.until, locale)
    rows = [
        (Text("From", "出账方（供方）"), view.row.supplier.in_(locale)),
        (Text("To", "付费方（受益方）"), view.row.beneficiary.in_(locale)),
        (Text("Under agreement", "所依协议"), agreement.in_(locale)),
        (Text("For everything before", "截至（不含）"), last),
        (Text("Rules", "适用规则"), get_profile(profile).name.in_(locale)),
        (Text("Currency", "币种"), view.row.currency),
    ]
    return [[label.in_(locale), value] for label, value in rows]


def _line(line: StatementLineView, currency: str, locale: str) -> list[str]:
    what = [KINDS[line.kind].in_(locale), line.asset_name or "", line.text]
    if line.reverses:
        what.append(Text("of statement {number}", "第 {number} 期").format(number=line.reverses).in_(locale))
    return [
        str(line.number),
        " · ".join(part for part in what if part),
        _days(line, locale),
        _reckoned(line, currency, locale),
        writing.money(line.amount_minor, currency, locale),
    ]


def _days(line: StatementLineView, locale: str) -> str:
    if line.starts is None or line.last is None:
        return "–"
    days = Text("{days} of {year} days", "{days} / {year} 天").format(days=line.days, year=line.year_days).in_(locale)
    return f"{writing.day(line.starts, locale)} – {writing.day(line.last, locale)} ({days})"


def _reckoned(line: StatementLineView, currency: str, locale: str) -> str:
    """The yearly price in its parts, each with what is off it; how many tenants share."""
    parts = []
    for minor, discount, label in (
        (line.base_minor, line.base_discount, Text("base", "基准价")),
        (line.shared_minor, line.shared_discount, Text("site and power", "场地及电力")),
    ):
        if minor:
            off = f" − {Decimal(discount or 0) * 100:.0f}%" if discount and Decimal(discount) else ""
            parts.append(f"{label.in_(locale)} {writing.money(minor, currency, locale)}{off}")
    if line.index_factor and Decimal(line.index_factor) != 1:
        parts.append(f"× {Decimal(line.index_factor):.4f}")
    if line.tenants:
        parts.append(counted(line.tenants, "tenant", "tenants", "{n} 家共享").in_(locale))
    return Text("; ", "；").in_(locale).join(parts) or "–"


register_paper(KIND, again)
