"""Amending an agreement that is in force: a draft of its own that stands beside it, signed and approved like the first, and takes
its place on the day it enters into force."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import select

from app.agreements.lines import hold_lines, placed_of
from app.agreements.models import Agreement
from app.agreements.moves import lines_of
from app.agreements.rules import AGREEMENT
from app.agreements.service import Drafted, current, event_of, hold_end, load, write_version
from app.db.work import UnitOfWork
from app.kernel.errors import declare, fail

declare(
    "amendment_open",
    HTTPStatus.CONFLICT,
    "An amendment of this agreement is under way: {ref}. Finish or withdraw it first.",
    "该协议已有办理中的补充协议：{ref}。请先办结或撤回。",
)


@dataclass(frozen=True, slots=True)
class AmendAgreement:
    ref: str
    reason: str | None = None
    seen_version: int | None = None


def amend_agreement(work: UnitOfWork, command: AmendAgreement) -> Drafted:
    """Draft an amendment with the lines as they stand; until it is in force the agreement holds as it is.

    Who may: drafters of either party. Raises `amendment_open`, `illegal_transition`."""
    old = load(work, command.ref, "agreement.amend", command.seen_version)
    AGREEMENT.move(old.status, "supersede")
    check_no_amendment(work, old)
    until = hold_end(work, old)
    amendment = Agreement(
        request_id=old.request_id,
        amends_id=old.id,
        need_id=old.need_id,
        owner_id=old.owner_id,
        requester_id=old.requester_id,
        title=old.title,
        region=old.region,
        profile=old.profile,
        status=AGREEMENT.initial,
        held_until=until,
        created_at=work.now,
    )
    work.session.add(amendment)
    work.session.flush()
    placed = hold_lines(work, amendment, placed_of(work, lines_of(work, old)), until)
    version = write_version(work, amendment, placed, current(work, old).content.get("terms", ""), command.reason)
    work.emit(
        event_of(
            amendment,
            "agreement.amendment_drafted",
            {},
            {"status": amendment.status, "amends": old.ref, "number": version.number, "content_hash": version.content_hash},
        )
    )
    return Drafted(amendment.ref, amendment.version)


def amendment_of(work: UnitOfWork, agreement: Agreement) -> Agreement | None:
    """The amendment that is being made of it, or has replaced it."""
    standing = Agreement.status.not_in(("refused", "withdrawn"))
    return work.session.scalar(select(Agreement).where(Agreement.amends_id == agreement.id, standing))


def check_no_amendment(work: UnitOfWork, agreement: Agreement) -> None:
    """`amendment_open` while one is under way."""
    if (open_one := amendment_of(work, agreement)) is not None:
        raise fail("amendment_open", ref=open_one.ref)
