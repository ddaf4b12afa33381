"""Home: own entries that still lack an outcome; for an administration its open lists and the entries without an outcome in
them."""

from __future__ import annotations

from app.db.work import Reader
from app.kernel.permission import DRAFTERS, within
from app.kernel.text import Text
from app.needs.queries import NeedFilter, collecting_rounds, need_list, round_list
from app.needs.views import RoundView
from app.web.cards import SHOWN, HomeCard, HomeRow, page_url
from app.web.subjects import subject_url


def own_needs(reader: Reader) -> HomeCard | None:
    """The reader's own needs that nothing serves yet."""
    if not reader.actor.roles & DRAFTERS or reader.actor.competences:
        return None
    found = need_list(reader, NeedFilter(mine=True, status="open"), SHOWN)
    rows = tuple(
        HomeRow(need.title, subject_url("need", need.ref), _list_name(reader, need.round_name, need.round_name_zh))
        for need in found.results
    )
    return HomeCard(
        Text("Your needs without an outcome", "尚无结果的需求"),
        found.count,
        Text("None of your needs is open.", "您没有未结的需求。"),
        rows,
        page_url("needs.index"),
        45,
        waits=False,
    )


def collecting(reader: Reader) -> HomeCard | None:
    """Lists that take entries today: the reader may still post."""
    if not reader.actor.roles & DRAFTERS or reader.actor.competences:
        return None
    rounds = collecting_rounds(reader)
    rows = tuple(_round(reader, item, item.administration.in_(reader.actor.locale)) for item in rounds[:SHOWN])
    return HomeCard(
        Text("Needs lists open for entries", "正在征集的需求清单"),
        len(rounds),
        Text("No needs list takes entries today.", "今日没有正在征集的需求清单。"),
        rows,
        page_url("needs.lists"),
        60,
        waits=False,
    )


def own_rounds(reader: Reader) -> HomeCard | None:
    """For a communications administration: its lists that are not closed, each with its entries that lack an outcome."""
    regions = frozenset(code for held in reader.actor.competences if held.authority == "communications" for code in held.regions)
    if not regions:
        return None
    rounds = [item for item in round_list(reader) if item.status != "closed" and within(item.region, regions)]
    rows = tuple(_round(reader, item, _open_entries(item)) for item in rounds[:SHOWN])
    return HomeCard(
        Text("Needs lists that you keep", "您管理的需求清单"),
        len(rounds),
        Text("You keep no open needs list.", "您没有未关闭的需求清单。"),
        rows,
        page_url("needs.lists"),
        15,
    )


def _open_entries(item: RoundView) -> Text:
    lacking = sum(item.counts.get(status, 0) for status in ("submitted", "published", "matched"))
    return Text(f"{lacking} without an outcome", f"{lacking} 条尚无结果")


def _round(reader: Reader, item: RoundView, what: Text | str) -> HomeRow:
    return HomeRow(item.title(reader.actor.locale), subject_url("needs_list", item.ref), what, item.closes_on)


def _list_name(reader: Reader, name: str, name_zh: str | None) -> str:
    return name_zh if name_zh and reader.actor.locale.startswith("zh") else name


CARDS = [own_needs, collecting, own_rounds]
