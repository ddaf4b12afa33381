"""What a reader gets of access requests: frozen, already generalised to what the viewer may see of the asset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.access.limits import Limit
from app.accounts import OrganisationName
from app.catalogue.declaration import AssetKind
from app.deadlines import ClockView
from app.disclosure import AssetFace
from app.kernel.permission import Subject
from app.kernel.timewindow import Window


@dataclass(frozen=True, slots=True)
class OfferView:
    """`amounts`: dimension → thousandths; `slots`: dimension → numbers."""

    number: int
    origin: str
    status: str
    amounts: Mapping[str, int]
    slots: Mapping[str, Sequence[int]]
    price_minor: int
    currency: str
    window: Window
    message: str | None
    expires_at: datetime
    created_at: datetime
    terms: Mapping[str, Any] = field(default_factory=dict)
    quote_number: int | None = None
    once_items: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class SurveyView:
    """status: asked, dated, done, void. `report`: the name of its document."""

    status: str
    asked_by: OrganisationName
    reason: str
    held_on: date | None
    result: str | None
    attachment_ref: str | None
    created_at: datetime

    @property
    def is_open(self) -> bool:
        return self.status in ("asked", "dated")


@dataclass(frozen=True, slots=True)
class QuoteView:
    """`items`: [{label, basis, amount_minor}]. `is_valid`: an offer made today would be priced by it."""

    number: int
    status: str
    items: Sequence[Mapping[str, Any]]
    currency: str
    valid_until: date
    is_valid: bool
    message: str | None
    created_at: datetime

    def total(self, basis: str) -> int:
        return sum(int(item["amount_minor"]) for item in self.items if item["basis"] == basis)


@dataclass(frozen=True, slots=True)
class DisputeView:
    """status: open, decided, withdrawn. `about`: complete (silence), refused, countered."""

    number: int
    status: str
    regulator: OrganisationName
    about: str
    claim: str
    decision: str | None
    reasons: str | None
    terms: Mapping[str, Any]
    documents: Sequence[str]
    created_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One line of a list."""

    ref: str
    status: str
    version: int
    kind: AssetKind
    title: str  # of the need
    need_ref: str
    listing_ref: str
    listing_title: str | None  # None where the viewer may not know which asset it is
    requester: OrganisationName
    owner: OrganisationName
    region: str
    window: Window
    created_at: datetime
    submitted_at: datetime | None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request. `face`: the asset as the viewer sees it, None where it may only be counted. `answering`: the viewer is
    the owner's."""

    row: RequestRow
    asked: Mapping[str, Any]
    amounts: Mapping[str, int]
    message: str | None
    purpose: str | None
    profile: str
    answered_at: datetime | None
    updated_at: datetime | None
    refusal_ground: str | None
    refusal_reason: str | None
    refusal_evidence: Mapping[str, str]
    offers: Sequence[OfferView]
    face: AssetFace | None
    listing_price_minor: int | None
    currency: str
    listing_window: Window
    budget_minor: int | None
    subject: Subject
    answering: bool
    asking: bool
    clocks: Sequence[ClockView] = field(default_factory=tuple)
    missing: str | None = None
    may_name_missing: bool = True
    covered: bool = True
    completeness: str | None = None
    complete_at: datetime | None = None
    escalated_at: datetime | None = None
    surveys: Sequence[SurveyView] = ()
    quotes: Sequence[QuoteView] = ()
    disputes: Sequence[DisputeView] = ()
    limits: Sequence[Limit] = ()
    settling: bool = False

    @property
    def open_survey(self) -> SurveyView | None:
        return next((survey for survey in self.surveys if survey.is_open), None)

    @property
    def open_dispute(self) -> DisputeView | None:
        return next((dispute for dispute in self.disputes if dispute.status == "open"), None)

    @property
    def broken_limits(self) -> Sequence[Limit]:
        """What is asked beyond what the asset allows."""
        return [limit for limit in self.limits if not limit.holds]

    @property
    def unsuitable(self) -> bool:
        """No offer can be made: the asset itself does not allow what is asked, whatever is offered instead."""
        return any(not limit.criterion.movable for limit in self.broken_limits)

    @property
    def ref(self) -> str:
        return self.row.ref

    @property
    def status(self) -> str:
        return self.row.status

    @property
    def version(self) -> int:
        return self.row.version

    @property
    def open_offer(self) -> OfferView | None:
        return next((offer for offer in self.offers if offer.status == "open"), None)
