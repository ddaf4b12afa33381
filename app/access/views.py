"""What a reader gets of access requests: frozen, already generalised to what the viewer may see of the asset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

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
