"""What a reader gets of agreements: frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.accounts import OrganisationName
from app.agreements.content import Change
from app.catalogue.declaration import AssetKind
from app.catalogue.rent_terms import RentTerms
from app.kernel.permission import Subject
from app.kernel.timewindow import Window


@dataclass(frozen=True, slots=True)
class LineView:
    """One capacity line. `amounts`: dimension → thousandths; `slots`: dimension → numbers."""

    number: int
    asset_ref: str
    asset_name: str
    kind: AssetKind
    listing_ref: str | None
    supplier: OrganisationName
    beneficiary: OrganisationName
    right: str
    amounts: Mapping[str, int]
    slots: Mapping[str, Sequence[int]]
    window: Window
    price_minor: int | None
    currency: str
    against_line: int | None
    rent: RentTerms | None


@dataclass(frozen=True, slots=True)
class SignatureView:
    party: OrganisationName
    person: str
    agent: OrganisationName | None
    signed_at: datetime
    content_hash: str


@dataclass(frozen=True, slots=True)
class VersionView:
    """One immutable version. `changes`: against the version before it."""

    number: int
    content: Mapping[str, Any]
    content_hash: str
    reason: str | None
    author: str | None
    created_at: datetime
    signatures: Sequence[SignatureView]
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One line of a list."""

    ref: str
    title: str
    status: str
    version: int
    owner: OrganisationName
    requester: OrganisationName
    region: str
    number: int
    held_until: datetime | None
    in_force_at: datetime | None
    created_at: datetime
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class AgreementView:
    """One agreement with its current lines and every version, newest first. `party_ids`: the parties that the viewer acts for."""

    row: AgreementRow
    request_ref: str
    need_ref: str
    profile: str
    lines: Sequence[LineView]
    versions: Sequence[VersionView]
    subject: Subject
    party_ids: frozenset[int]

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
    def current(self) -> VersionView:
        return self.versions[0]

    @property
    def may_sign(self) -> bool:
        """Whether one of the viewer's parties has not signed the current version yet."""
        return self.status == "drafted" and bool(self.party_ids - {signature.party.id for signature in self.current.signatures})
