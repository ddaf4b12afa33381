"""What a person typed into the filters of listings, as a filter: from an address, or from one that was kept.

What cannot be read is left out and named, so that a half-typed place never hides the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl, urlencode

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from app.kernel.errors import DomainError
from app.kernel.money import CURRENCIES, MOST_MINOR, exponent
from app.kernel.text import Text
from app.listings.filters import ListingFilter
from app.listings.schemas import ListingQuery, filter_of
from app.regions import region_code
from app.web.placeform import typed_number

Args = MultiDict[str, str]
PLACE = ("lon", "lat", "radius_m", "wkt", "crs")
PRICES = {"price_from": "price_minor_min", "price_to": "price_minor_max"}
VIEW = ("map", "chosen", "after", "before", "limit", "page", "saved")  # how it is looked at, not what is looked for
UNREADABLE = Text("This filter could not be read and is left out.", "无法识别该筛选条件，已忽略。")


@dataclass(frozen=True, slots=True)
class Search:
    """`wrong`: by the name of the control, why its filter is left out."""

    wanted: ListingFilter
    wrong: Mapping[str, Text] = field(default_factory=dict)


def read_search(args: Args, currency: str) -> Search:
    """Amounts of money are typed in whole units of the currency that is named beside them, or else of `currency`, the reader's own;
    `free.platform=2` is `free=platform:2`."""
    query, wrong = _typed(args, currency)
    try:
        found = ListingQuery().load(query)
    except ValidationError as error:
        messages = error.messages if isinstance(error.messages, dict) else {}
        wrong |= {str(name): UNREADABLE for name in messages}
        bad = set(messages) | (set(PLACE) if set(messages) & set(PLACE) else set())
        found = ListingQuery().load({name: value for name, value in query.items() if name not in bad})
    try:
        wanted = filter_of(found)
    except DomainError as error:
        wrong["radius_m"] = error.problems[0].detail if error.problems else error.text
        wanted = filter_of({name: value for name, value in found.items() if name not in PLACE})
    return Search(wanted if wanted.sort != "near" else replace(wanted, sort="-created"), wrong)


def _typed(args: Args, currency: str) -> tuple[dict[str, Any], dict[str, Text]]:
    query: dict[str, Any] = {}
    wrong: dict[str, Text] = {}
    named = args.get("currency", "").strip().upper()
    currency = named if named in CURRENCIES else currency
    for name, value in args.items():
        typed = value.strip()
        if not typed or name.startswith("free.") or name in VIEW:
            continue
        if name in PRICES:
            minor = _minor(typed, currency)
            if minor is None:
                wrong[name] = UNREADABLE
            else:
                query |= {PRICES[name]: minor, "currency": currency}
        else:
            query[name] = named if name == "currency" else typed
    for name in ("lon", "lat", "radius_m", "height_m_min"):
        if name in query and (number := typed_number(query[name])) is not None:
            query[name] = number
    if not any(name in query for name in PLACE[:4]):
        query.pop("crs", None)
    if "region" in query:
        query["region"] = region_code(query["region"])
    least = [f"{name.removeprefix('free.')}:{value}" for name, value in args.items() if value and name.startswith("free.")]
    return {**query, "free": [*args.getlist("free"), *least]}, wrong


def _minor(typed: str, currency: str) -> int | None:
    try:
        amount = Decimal(typed.replace(",", "").replace("，", "")) * 10 ** exponent(currency)
    except InvalidOperation:
        return None
    return int(amount) if amount.is_finite() and 0 <= amount <= MOST_MINOR else None


def kept_query(args: Args) -> str:
    """What is looked for, as a query string that always looks the same; without how it is looked at."""
    pairs = [(name, value.strip()) for name, value in args.items(multi=True) if value.strip() and name not in VIEW]
    return urlencode(sorted(pairs))


def args_of(query: str) -> Args:
    return MultiDict(parse_qsl(query, max_num_fields=100))


def tile_filter(args: Args) -> ListingFilter:
    """The filter in the address of a tile: what is narrowed by there is what everybody may know. Raises `ValidationError`."""
    query = {name: value for name, value in args.items() if value and name not in PLACE}
    return filter_of(ListingQuery().load({**query, "free": args.getlist("free")}))
