"""What the demo's agreements in force have come to: one is being made ready, one is built, accepted and owes rent by the ladder."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.accounts import Organisation
from app.agreements.lines import LineInput
from app.agreements.models import Agreement
from app.agreements.moves import lines_of
from app.agreements.service import EditAgreement, edit_agreement
from app.assets import Asset
from app.db.work import Bus, UnitOfWork
from app.fulfilment.building import (
    AnswerInstallation,
    Install,
    SettleItem,
    StartMakeReady,
    answer_installation,
    install,
    settle_item,
    start_make_ready,
)
from app.fulfilment.rules import MakeReady
from app.kernel.actor import SYSTEM, Actor
from app.kernel.quantity import from_milli
from app.listings import Listing


def make_ready(bus: Bus, owner: Actor, ref: str, parties: tuple[int, int]) -> None:
    """Two pieces of work, one done."""
    items = [
        MakeReady("加装天线抱杆及接地", "new_attachment", 1_860_000, {}),
        MakeReady("整理原有馈线（未按规定绑扎）", "existing_violation", 420_000, {}, "原有占用方"),
        MakeReady("更换爬梯与防坠装置", "shared_benefit", 960_000, {parties[0]: 1, parties[1]: 2}),
    ]
    bus.execute(start_make_ready, owner, StartMakeReady(ref, items, bus.today() + timedelta(days=45)))
    bus.execute(settle_item, owner, SettleItem(ref, 2, None, 395_000, "已由原占用方整改。"))


def prepared(bus: Bus, owner: Actor, ref: str) -> None:
    """One piece of work, under way."""
    items = [MakeReady("加装支架、接地及走线", "new_attachment", 1_260_000, {})]
    bus.execute(start_make_ready, owner, StartMakeReady(ref, items, bus.today() + timedelta(days=30)))


def finished(bus: Bus, owner: Actor, ref: str) -> None:
    """It is done, for a little less than was thought."""
    bus.execute(settle_item, owner, SettleItem(ref, 1, None, 1_184_000, "按实结算。"))


def with_ladder(bus: Bus, owner: Actor, ref: str, reason: str = "按共享阶梯计价") -> None:
    """The price of the draft in its parts, falling as tenants join, rising by two per cent a year."""
    bus.execute(edit_agreement, owner, EditAgreement(ref, bus.execute(_lines, SYSTEM, ref), "", reason))


def _lines(work: UnitOfWork, ref: str) -> list[LineInput]:
    agreement = work.session.scalars(select(Agreement).where(Agreement.ref == ref)).one()

    found = []
    for row in lines_of(work, agreement):
        supplier, beneficiary = (work.session.get_one(Organisation, party).ref for party in (row.supplier_id, row.beneficiary_id))
        price = row.price_minor or 0
        found.append(
            LineInput(
                work.session.get_one(Asset, row.asset_id).ref,
                supplier,
                beneficiary,
                {name: float(from_milli(amount)) for name, amount in row.amounts.items()},
                row.starts,
                row.ends,
                row.right,
                price,
                row.currency,
                None,
                work.session.get_one(Listing, row.listing_id).ref if row.listing_id else None,
                price // 6,
                price // 10,
                shared=True,
            )
        )
    return found


def installed(bus: Bus, requester: Actor, ref: str, equipment: str = "AAU 5613 × 3，挂高 28 m；电源柜 1 套") -> None:
    bus.execute(install, requester, Install(ref, bus.today(), equipment))


def accepted(bus: Bus, owner: Actor, ref: str) -> None:
    """As built, by the other party: rent runs."""
    bus.execute(answer_installation, owner, AnswerInstallation(ref, True))
