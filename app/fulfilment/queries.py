"""What stands in an agreement after its entry into force: frozen views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.accounts import OrganisationName, names
from app.agreements import Agreement, subject_of
from app.db.work import Reader
from app.fulfilment.models import Ending, Installation, MakeReadyItem
from app.kernel.errors import fail


@dataclass(frozen=True, slots=True)
class ShareView:
    """`party` None: somebody outside, by `name`."""

    party: OrganisationName | None
    name: str
    minor: int


@dataclass(frozen=True, slots=True)
class ItemView:
    number: int
    title: str
    cause: str
    amount_minor: int
    final_minor: int | None
    currency: str
    shares: Sequence[ShareView]
    due_on: date | None
    done_on: date | None
    status: str
    note: str | None


@dataclass(frozen=True, slots=True)
class InstallationView:
    """`built`: line number → dimension → milli."""

    number: int
    installed_on: date
    equipment: str
    built: Mapping[int, Mapping[str, int]]
    recorded_by: OrganisationName
    status: str
    answered_by: OrganisationName | None
    answered_on: date | None
    defects: str | None


@dataclass(frozen=True, slots=True)
class EndingView:
    ground: str
    reason: str
    ends_on: date
    proposed_by: OrganisationName | None
    answered_by: OrganisationName | None
    answer: str | None
    status: str
    removed_on: date | None
    removal_by: OrganisationName | None
    confirmed_by: OrganisationName | None


@dataclass(frozen=True, slots=True)
class FulfilmentView:
    """`party_ids`: the parties that the reader acts for. `amendment_ref`: of the one under way or in force; `amends_ref`: what
    this one amends."""

    status: str
    version: int
    billing_from: date | None
    ended_on: date | None
    items: Sequence[ItemView]
    installations: Sequence[InstallationView]
    endings: Sequence[EndingView]
    party_ids: frozenset[int]
    amendment_ref: str | None
    amends_ref: str | None

    @property
    def waiting(self) -> InstallationView | None:
        """The installation that waits for its acceptance."""
        return next((one for one in self.installations if one.status == "waiting"), None)

    @property
    def ending(self) -> EndingView | None:
        """The ending that is not declined."""
        return next((one for one in self.endings if one.status != "declined"), None)

    @property
    def is_empty(self) -> bool:
        return not (self.items or self.installations or self.endings)

    def answers(self, first: OrganisationName | None) -> bool:
        """Whether the reader acts for the party that answers what `first` did."""
        return first is not None and bool(self.party_ids - {first.id})


def fulfilment(reader: Reader, ref: str) -> FulfilmentView:
    """Raises `not_found`."""
    agreement = reader.session.scalar(select(Agreement).where(Agreement.ref == ref))
    if agreement is None:
        raise fail("not_found")
    reader.permit("agreement.view", subject_of(agreement))
    items = list(_rows(reader, MakeReadyItem, agreement))
    installations = list(_rows(reader, Installation, agreement))
    endings = list(_rows(reader, Ending, agreement))
    known = names(reader.session, _concerned(agreement, items, installations, endings))
    mine = {agreement.owner_id, agreement.requester_id} & set(reader.actor.subtree)
    standing = Agreement.status.not_in(("refused", "withdrawn"))
    return FulfilmentView(
        agreement.status,
        agreement.version,
        agreement.billing_from,
        agreement.ended_on,
        [_item(row, known) for row in items],
        [_installation(row, known) for row in reversed(installations)],
        [_ending(row, known) for row in reversed(endings)],
        frozenset(mine),
        reader.session.scalar(select(Agreement.ref).where(Agreement.amends_id == agreement.id, standing)),
        reader.session.scalar(select(Agreement.ref).where(Agreement.id == agreement.amends_id)),
    )


def _rows(reader: Reader, model: type[Any], agreement: Agreement) -> list[Any]:
    return list(reader.session.scalars(select(model).where(model.agreement_id == agreement.id).order_by(model.id)))


def _concerned(
    agreement: Agreement, items: Sequence[MakeReadyItem], installations: Sequence[Installation], endings: Sequence[Ending]
) -> set[int]:
    """Every organisation that the view names."""
    found = {agreement.owner_id, agreement.requester_id}
    found |= {share["payer"] for row in items for share in row.shares if share["payer"] is not None}
    for row in installations:
        found |= {row.recorded_by, row.answered_by or row.recorded_by}
    for end in endings:
        found |= {party for party in (end.proposed_by, end.answered_by, end.removal_by, end.confirmed_by) if party is not None}
    return found


def _item(row: MakeReadyItem, known: Mapping[int, OrganisationName]) -> ItemView:
    shares = [ShareView(known.get(share["payer"]), share["name"], share["minor"]) for share in row.shares]
    return ItemView(
        row.number,
        row.title,
        row.cause,
        row.amount_minor,
        row.final_minor,
        row.currency,
        shares,
        row.due_on,
        row.done_on,
        row.status,
        row.note,
    )


def _installation(row: Installation, known: Mapping[int, OrganisationName]) -> InstallationView:
    return InstallationView(
        row.number,
        row.installed_on,
        row.equipment,
        {int(number): dict(amounts) for number, amounts in row.built.items()},
        known[row.recorded_by],
        row.status,
        known.get(row.answered_by or 0),
        row.answered_on,
        row.defects,
    )


def _ending(row: Ending, known: Mapping[int, OrganisationName]) -> EndingView:
    return EndingView(
        row.ground,
        row.reason,
        row.ends_on,
        known.get(row.proposed_by or 0),
        known.get(row.answered_by or 0),
        row.answer,
        row.status,
        row.removed_on,
        known.get(row.removal_by or 0),
        known.get(row.confirmed_by or 0),
    )
