"""Records a saving in the transaction in which it comes about; the decision and the consent are its record."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from app.agreements import LIVE, Agreement, lines_of
from app.db.work import UnitOfWork
from app.fulfilment import entered_force
from app.kernel.event import Event
from app.matching import CobuildGroup, CobuildMember
from app.needs import Need
from app.savings.models import Saving
from app.savings.rules import GROUP, LEASE, Price, paid, part_of, served_part


def by_agreement(work: UnitOfWork, event: Event) -> None:
    """An agreement entered into force. A need without a stand-alone alternative saves nothing that could be told; an agreement that
    does not serve it yet (a leg of a route) is told of with the one that does."""
    agreement = entered_force(work, event)
    if agreement is None or agreement.amends_id is not None:
        return
    need = work.session.get_one(Need, agreement.need_id)
    told = work.session.scalar(select(func.coalesce(func.sum(Saving.part), 0)).where(Saving.need_id == need.id)) or 0
    part = served_part(need.quantity, need.quantity_outstanding, int(told))
    stated = need.alternative or {}
    if not part or stated.get("cost_minor") is None:
        return
    prices = [price for one in _untold(work, agreement) for price in _prices(work, one)]
    work.session.add(
        Saving(
            definition=LEASE,
            agreement_id=agreement.id,
            need_id=need.id,
            organisation_id=agreement.requester_id,
            owner_id=agreement.owner_id,
            kind=need.kind,
            region=agreement.region,
            part=part,
            alone_minor=part_of(int(stated["cost_minor"]), part, need.quantity),
            alone_stated=True,
            shared_minor=paid(prices, need.window_end),
            currency=need.currency,
            days=stated.get("days"),
            recorded_at=work.now,
        )
    )


def _untold(work: UnitOfWork, agreement: Agreement) -> list[Agreement]:
    """The agreements of the same need that are in force and of which no saving was told: this one among them."""
    told = select(Saving.agreement_id).where(Saving.agreement_id.is_not(None))
    found = select(Agreement).where(
        Agreement.need_id == agreement.need_id,
        Agreement.status.in_(LIVE),
        Agreement.amends_id.is_(None),
        Agreement.id.not_in(told),
    )
    return list(work.session.scalars(found.order_by(Agreement.id)))


def _prices(work: UnitOfWork, agreement: Agreement) -> Iterator[Price]:
    """What the requester pays, less what it is paid for what it gives in return."""
    for line in lines_of(work, agreement):
        if line.price_minor is not None:
            sign = 1 if line.beneficiary_id == agreement.requester_id else -1
            yield Price(sign * line.price_minor, line.starts, line.ends)


def by_group(work: UnitOfWork, event: Event) -> None:
    """The last member consented: each saves what building alone costs, less its share."""
    if event.action != "cobuild_group.agreed":
        return
    rows = work.session.execute(
        select(CobuildGroup, CobuildMember, Need)
        .join(CobuildMember, CobuildMember.group_id == CobuildGroup.id)
        .join(Need, Need.id == CobuildMember.need_id)
        .where(CobuildGroup.ref == event.subject_ref)
        .order_by(Need.id)
    )
    work.session.add_all(
        Saving(
            definition=GROUP,
            group_id=group.id,
            need_id=need.id,
            organisation_id=member.organisation_id,
            kind=group.kind,
            region=group.region,
            part=need.quantity,
            alone_minor=member.alone_minor,
            alone_stated=member.alone_stated,
            shared_minor=member.share_minor,
            currency=group.currency,
            days=(need.alternative or {}).get("days"),
            recorded_at=work.now,
        )
        for group, member, need in rows
    )


SUBSCRIBERS = (by_agreement, by_group)
