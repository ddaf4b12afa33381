"""The mail of an alert: what is new, where it is, and how to hear no more. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.kernel.text import Text
from app.listings import ListingRow
from app.searches.links import unsubscribe_token
from app.searches.news import CHEAPER, FITS, OPENED, Item
from app.web.writing import money

SUBJECT = Text("{count} new or cheaper for “{name}”", "“{name}”有 {count} 条资源新增或降价")
REASONS = {
    OPENED: Text("newly open", "新开放"),
    FITS: Text("fits now", "现已符合条件"),
    CHEAPER: Text("{price}, was {was}", "现价 {price}，原价 {was}"),
}
BODY = Text(
    "News of your saved search “{name}”: {count}.\n\n{lines}\n\nAll of them: {all}\n\n"
    "Hear no more of this search: {unsubscribe}\nChange how often you are told: {manage}\n",
    "您保存的搜索“{name}”有 {count} 条新消息。\n\n{lines}\n\n查看全部：{all}\n\n不再接收此搜索的提醒：{unsubscribe}\n更改提醒频率：{manage}\n",
)
MORE = Text("and {count} more", "另有 {count} 条")


@dataclass(frozen=True, slots=True)
class Written:
    subject: str
    body: str
    unsubscribe: str


def written(
    ref: str, name: str, count: int, rows: Sequence[tuple[ListingRow, Item]], base_url: str, secret: str, locale: str
) -> Written:
    """Titles and owners: what every list shows of a listing, whatever its tier."""
    lines = [
        f"- {row.title} ({row.owner.in_(locale)}): {_reason(row, item, locale)}\n  {base_url}/listings/{row.ref}"
        for row, item in rows
    ]
    if count > len(rows):
        lines.append(f"- {MORE.format(count=count - len(rows)).in_(locale)}")
    end = f"{base_url}/searches/unsubscribe/{unsubscribe_token(secret, ref)}"
    words = {
        "name": name,
        "count": count,
        "lines": "\n".join(lines),
        "all": f"{base_url}/searches/{ref}/open",
        "unsubscribe": end,
        "manage": f"{base_url}/searches/",
    }
    return Written(SUBJECT.format(**words).in_(locale), BODY.format(**words).in_(locale), end)


def _reason(row: ListingRow, item: Item, locale: str) -> str:
    """Why the listing is news. A price is said as it is now."""
    if item.reason != CHEAPER or row.price_minor is None or item.was_minor is None:
        return REASONS[FITS if item.reason == CHEAPER else item.reason].in_(locale)
    prices = {"price": money(row.price_minor, row.currency, locale), "was": money(item.was_minor, row.currency, locale)}
    return REASONS[CHEAPER].format(**prices).in_(locale)
