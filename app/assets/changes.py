"""A recorded change of an asset or a listing as a person reads it: fields by their names, values as the pages write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from flask_babel import gettext as _

from app.assets.rules import CONSENTS, GRADES
from app.audit import Change, HistoryRow
from app.catalogue.tiers import TIERS, Tier
from app.kernel.text import Text
from app.kernel.timewindow import FAR
from app.regions import region_name
from app.web import formatting

Shown = Callable[[str], str]
NOTHING = "–"
OPEN_END = Text("no end", "无截止")


def _word(table: Mapping[str, Text]) -> Shown:
    return lambda value: formatting.text(table[value]) if value in table else value


def _day(value: str) -> str:
    return formatting.day(date.fromisoformat(value))


def _last_day(value: str) -> str:
    end = date.fromisoformat(value)
    return formatting.text(OPEN_END) if end == FAR else formatting.day(end - timedelta(days=1))


NAMES: Mapping[str, Text] = {
    "title": Text("Title", "标题"),
    "name": Text("Name", "名称"),
    "owner_ref": Text("Own number", "本单位编号"),
    "status": Text("State", "状态"),
    "tier": Text("Disclosure", "披露级别"),
    "window_start": Text("First day", "首日"),
    "window_end": Text("Last day", "末日"),
    "price_minor": Text("Price a year", "年价格"),
    "currency": Text("Currency", "币种"),
    "terms": Text("Terms", "条款"),
    "offered": Text("What is open", "开放内容"),
    "region": Text("Region", "行政区划"),
    "address": Text("Address", "地址"),
    "geometry": Text("Place", "位置"),
    "declared_crs": Text("Coordinate system", "坐标系"),
    "accuracy_m": Text("Accuracy in metres", "位置精度（米）"),
    "land_consent": Text("Consent for the land", "土地许可"),
    "host_consent": Text("Consent of the host", "依附设施许可"),
    "grade": Text("Grade of the data", "数据分级"),
    "attributes": Text("Facts", "基本信息"),
    "capacity": Text("Capacity in all", "总容量"),
    "hosted_by": Text("Stands on", "依附于"),
    "available_from": Text("Available from", "可用日期"),
}
VALUES: Mapping[str, Shown] = {
    "title": str,
    "name": str,
    "owner_ref": str,
    "currency": str,
    "address": str,
    "declared_crs": str,
    "accuracy_m": str,
    "tier": lambda value: formatting.text(TIERS[Tier[value]].label),
    "grade": _word(GRADES),
    "land_consent": _word(CONSENTS),
    "host_consent": _word(CONSENTS),
    "window_start": _day,
    "window_end": _last_day,
    "available_from": _day,
    "region": lambda value: formatting.text(region_name(value)),
}


def change_words(row: HistoryRow, states: Mapping[str, Text], currency: str = "CNY") -> list[str]:
    """One phrase for each field that changed. A first record changes nothing: it has no phrases. `states`: the words of the
    states; prices are of `currency`."""
    if all(change.before is None for change in row.changes):
        return []
    values = {**VALUES, "status": _word(states), "price_minor": lambda value: formatting.money(int(value), currency)}
    return [_phrase(change, values.get(change.field)) for change in row.changes if change.field in NAMES]


def _phrase(change: Change, shown: Shown | None) -> str:
    """Without `shown` the values are too long to be read here."""
    name = formatting.text(NAMES[change.field])
    if shown is None:
        return str(_("%(field)s changed", field=name))
    before, after = (shown(value) if value else NOTHING for value in (change.before, change.after))
    return str(_("%(field)s: %(before)s → %(after)s", field=name, before=before, after=after))
