"""The capacity of one asset, as its owner sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from app.accounts import OrganisationName, names
from app.assets import Asset
from app.catalogue.declaration import AssetKind, Dimension, Sort
from app.catalogue.duct_fill import largest_mm
from app.catalogue.kinds import KINDS
from app.db.work import Reader
from app.kernel.errors import fail
from app.kernel.permission import Subject
from app.kernel.timewindow import FAR, Window
from app.ledger.queries import ClaimView, active, capacities, history, taken
from app.ledger.rules import Step, free_of, steps_of
from app.ledger.sections import section_of
from app.ledger.slipping import too_early


@dataclass(frozen=True, slots=True)
class DimensionView:
    """One dimension: its total, what is free on the day that is looked at, and its profile from then on. `version` rises with every
    claim."""

    dimension: Dimension
    total_milli: int
    free_milli: int
    version: int
    steps: Sequence[Step]

    @property
    def is_known(self) -> bool:
        return self.total_milli > 0 or self.version > 0


@dataclass(frozen=True, slots=True)
class CapacityView:
    """`day`: the one whose figures are shown, today or the first on which a planned asset is there. `claims`: active ones, by
    dimension and start. `past`: the newest that are over. `organisations`: names of those who hold claims. `available_from`: of a
    planned asset; `too_early`: the claims that begin before it.
    `largest_cables_mm`: through a hole and through a subduct, where their bores are stated."""

    asset_ref: str
    asset_name: str
    kind: AssetKind
    is_there: bool
    day: date
    dimensions: Sequence[DimensionView]
    claims: Sequence[ClaimView]
    past: Sequence[ClaimView]
    organisations: dict[int, OrganisationName]
    subject: Subject
    available_from: date | None
    too_early: Sequence[ClaimView]
    largest_cables_mm: tuple[Decimal | None, Decimal | None]

    def dimension(self, name: str) -> Dimension:
        return self.kind.dimension(name)


def capacity_of(reader: Reader, asset_ref: str) -> CapacityView:
    """The whole capacity of an asset. Who may: its owner's people. Raises `not_found`."""
    asset = reader.session.scalar(select(Asset).where(Asset.ref == asset_ref))
    if asset is None:
        raise fail("not_found")
    subject = Subject(owner_id=asset.owner_id, region=asset.region)
    reader.permit("capacity.view", subject)
    kind, claims = KINDS[asset.kind], active(reader.session, asset.id)
    rows = capacities(reader.session, asset.id)
    day = max(reader.today, min(asset.available_from or reader.today, FAR - timedelta(days=1)))
    ahead, first = Window(day, FAR), Window.of_days(day, 1)
    dimensions = []
    for dimension in kind.dimensions:
        row = rows.get(dimension.name)
        if dimension.sort is Sort.LIMIT:
            continue
        total, version = (row.total_milli, row.version) if row else (0, 0)
        mine = taken(claims, dimension.name)
        free = free_of(dimension.sort.value, total, mine, first).free_milli
        dimensions.append(DimensionView(dimension, total, free, version, steps_of(total, mine, ahead) if row else ()))
    past = [claim for claim in history(reader.session, asset.id, 100) if claim.state not in ("active", "converted")]
    holders = {claim.organisation_id for claim in (*claims, *past)}
    early = too_early(reader.session, asset.id, asset.available_from)
    return CapacityView(
        asset.ref,
        asset.name,
        kind,
        day == reader.today,
        day,
        dimensions,
        claims,
        past,
        names(reader.session, holders),
        subject,
        asset.available_from,
        early,
        _largest(asset),
    )


def _largest(asset: Asset) -> tuple[Decimal | None, Decimal | None]:
    section = section_of(asset.attributes, {})
    return largest_mm(section.bore_mm, section.fill_limit_pct), largest_mm(section.subduct_bore_mm, section.fill_limit_pct)
