"""The form of a listing: terms, and what of each dimension is open, made from the kind's declaration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from app.assets import FormReader
from app.catalogue.declaration import AssetKind
from app.kernel.errors import Problem
from app.kernel.money import exponent
from app.kernel.timewindow import day_after
from app.listings.queries import ListingDetail
from app.listings.service import ListingTerms


def read_terms(form: Mapping[str, str], kind: AssetKind, currency: str) -> tuple[ListingTerms, list[Problem]]:
    """The terms as typed, and what could not be read; what is read may still be refused by the rules."""
    reading = FormReader(form)
    last = reading.day("window_last")
    terms = ListingTerms(
        title=reading.text("title"),
        offered={k: v for k, v in reading.values("offered", [d.name for d in kind.dimensions]).items() if v},
        window_start=reading.day("window_start"),
        window_end=None if last is None else day_after(last),
        price_minor=minor_typed(reading, currency),
        currency=currency,
        terms=reading.text("terms") or None,
        tier=reading.text("tier") or "T2",
        exclusivity=reading.text("exclusivity") or "none",
    )
    return terms, reading.problems


def minor_typed(reading: FormReader, currency: str) -> int | None:
    """Money typed in whole units, as minor units."""
    raw = reading.text("price").replace(",", "").replace("，", "")
    if not raw:
        return None
    try:
        value = Decimal(raw) * 10 ** exponent(currency)
    except InvalidOperation:
        reading.wrong("price", "Give an amount of money.", "请填写金额。")
        return None
    if not value.is_finite() or value != value.to_integral_value():
        reading.wrong("price", "Give an amount of money without parts of the smallest coin.", "金额精确到最小货币单位。")
        return None
    return int(value)


def stored_terms(detail: ListingDetail) -> dict[str, Any]:
    """The form's values for a stored listing."""
    price = None if detail.price_minor is None else Decimal(detail.price_minor).scaleb(-exponent(detail.currency))
    stated = {item.dimension.name: item.offered for item in detail.opened}
    return {
        "title": detail.title,
        "window_start": detail.window.start.isoformat(),
        "price": "" if price is None else f"{price:f}",
        "window_last": "" if detail.window.is_open else (detail.window.end - timedelta(days=1)).isoformat(),
        "terms": detail.terms or "",
        "tier": detail.tier.name,
        "exclusivity": detail.exclusivity,
        "version": detail.version,
        **{f"offered.{name}": f"{amount:f}" for name, amount in stated.items()},
    }


def typed_errors(errors: Mapping[str, str]) -> dict[str, str]:
    """Messages at the fields as the form names them."""
    renamed = {"window_end": "window_last", "price_minor": "price", "asset.capacity": "form"}
    return {renamed.get(name, name): message for name, message in errors.items()}
