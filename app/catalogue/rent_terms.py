"""How the price of a line follows tenants and time: base × (1 − d1) + (site + power intake) × (1 − d2), with the ladder of
discounts as it stood when the line was written, and a yearly index. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.catalogue.profiles import Rent, TenantDiscount, all_profiles
from app.kernel.text import Text

MOST_INDEX = Decimal(25)


@dataclass(frozen=True, slots=True)
class RentTerms:
    """Minor units a year for a tenant alone, before any index. `index_percent`: more each year from the line's first day.

    `ladder`: discounts by number of tenants, none when the price does not follow them; `anchor_extra`: more off the base for
    the anchor, who is the tenant that is there longest. `source`, `dated`: whose ladder, as of which day."""

    base_minor: int
    site_minor: int = 0
    power_minor: int = 0
    index_percent: Decimal = Decimal(0)
    ladder: tuple[TenantDiscount, ...] = ()
    anchor_extra: Decimal = Decimal(0)
    source: str = ""
    dated: date | None = None

    @property
    def total_minor(self) -> int:
        return self.base_minor + self.site_minor + self.power_minor

    def discount_for(self, tenants: int, anchor: bool) -> tuple[Decimal, Decimal]:
        """(d1 off the base, d2 off site and power intake)."""
        reached = [step for step in self.ladder if tenants >= step.tenants]
        if not reached:
            return Decimal(0), Decimal(0)
        step = max(reached, key=lambda one: one.tenants)
        return min(Decimal(1), step.base + (self.anchor_extra if anchor else 0)), step.site

    @property
    def source_text(self) -> Text:
        """The source of the ladder, in both languages where a profile says it so."""
        known = (profile.rent.source for profile in all_profiles())
        return next((one.text for one in known if one.citation == self.source), Text(self.source, self.source))

    def as_json(self) -> dict[str, Any]:
        """Integers and text only, as a version's content needs it."""
        found: dict[str, Any] = {
            "base_minor": self.base_minor,
            "site_minor": self.site_minor,
            "power_minor": self.power_minor,
            "index_percent": str(self.index_percent),
        }
        if self.ladder:
            found |= {
                "ladder": [{"tenants": one.tenants, "base": str(one.base), "site": str(one.site)} for one in self.ladder],
                "anchor_extra": str(self.anchor_extra),
                "source": self.source,
                "dated": self.dated.isoformat() if self.dated else "",
            }
        return found


def rent_terms(stored: Mapping[str, Any] | None, price_minor: int) -> RentTerms:
    """The terms of a stored line; a price without terms stays as it is."""
    if stored is None:
        return RentTerms(price_minor)
    ladder = tuple(TenantDiscount(one["tenants"], Decimal(one["base"]), Decimal(one["site"])) for one in stored.get("ladder", ()))
    return RentTerms(
        stored["base_minor"],
        stored["site_minor"],
        stored["power_minor"],
        Decimal(stored["index_percent"]),
        ladder,
        Decimal(stored.get("anchor_extra", "0")),
        stored.get("source", ""),
        date.fromisoformat(stored["dated"]) if stored.get("dated") else None,
    )


def terms_of(
    price_minor: int | None, site_minor: int, power_minor: int, index_percent: Decimal, shared: bool, rent: Rent, today: date
) -> RentTerms | None:
    """What a party wrote; None when the price simply stays. `shared`: it follows the profile's ladder."""
    if price_minor is None or not (shared or site_minor or power_minor or index_percent):
        return None
    ladder: Sequence[TenantDiscount] = rent.discounts if shared else ()
    return RentTerms(
        price_minor - site_minor - power_minor,
        site_minor,
        power_minor,
        index_percent,
        tuple(ladder),
        rent.anchor_extra if shared else Decimal(0),
        rent.source.citation if shared else "",
        today if shared else None,
    )
