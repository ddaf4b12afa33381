"""What a reader gets of needs lists and entries: frozen, already generalised to what the viewer may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import shapely

from app.accounts import OrganisationName
from app.kernel.permission import Subject
from app.needs.terms import Terms


@dataclass(frozen=True, slots=True)
class RoundView:
    """A needs list. `counts`: entries by status and by outcome, as far as the viewer may count them. `open_to_reader`: of whom
    the list takes entries."""

    ref: str
    name: str
    name_zh: str | None
    region: str
    opens_on: date
    closes_on: date
    status: str
    version: int
    administration: OrganisationName
    collecting: bool
    subject: Subject
    terms: Terms
    open_to_reader: bool
    counts: Mapping[str, int] = field(default_factory=dict)

    def asks(self, locale: str) -> str | None:
        terms = self.terms
        return (terms.asks_zh or terms.asks) if locale.lower().startswith("zh") else (terms.asks or terms.asks_zh)

    def title(self, locale: str) -> str:
        return self.name_zh if self.name_zh and locale.lower().startswith("zh") else self.name


@dataclass(frozen=True, slots=True)
class NeedView:
    """An entry as one viewer sees it. At T1 place and region are approximate; below T3 what concerns only the requester is left
    out."""

    id: int
    ref: str
    title: str
    kind: str
    region: str
    shape: str
    geometry: shapely.Geometry
    radius_m: float
    window_start: date
    window_end: date
    status: str
    outcome: str | None
    priority: str
    purpose: str
    submitted_on: date | None
    tier_seen: str
    organisation: OrganisationName
    round_ref: str
    round_name: str
    round_name_zh: str | None
    round_opens_on: date
    round_closes_on: date
    version: int
    quantity: int
    quantity_outstanding: int
    created_at: datetime
    updated_at: datetime | None
    subject: Subject
    requirements: Mapping[str, Any] = field(default_factory=dict)
    latest_start: date | None = None
    minimum_term_months: int | None = None
    budget_minor: int | None = None
    currency: str = "CNY"
    accepts_cobuild: bool = False
    divisible: bool = False
    tier: str = "T0"
    alternative: Mapping[str, Any] | None = None
    note: str | None = None
    owner_ref: str | None = None
    outcome_reason: str | None = None
    merged_into_ref: str | None = None
    carried_from_ref: str | None = None
    bundle_ref: str | None = None
    bundle_name: str | None = None
    provenance: str = "declared"
    declared_crs: str = "EPSG:4326"
    assumed: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        return self.tier_seen != "T1"

    @property
    def is_internal(self) -> bool:
        return self.tier_seen == "T3"

    def round_title(self, locale: str) -> str:
        return self.round_name_zh if self.round_name_zh and locale.lower().startswith("zh") else self.round_name
