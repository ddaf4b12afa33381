"""A needs list as a paper, as exactly as its reader sees the entries; and its making, which marks the copy with whose it is."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import shapely

from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.db.work import Reader, UnitOfWork
from app.disclosure import ExportMark
from app.documents import language_of, official, qr_svg, typeset
from app.kernel.errors import declare, fail
from app.kernel.event import Event
from app.kernel.text import Text
from app.needs.queries import NeedFilter, need_list, own_profile, round_detail
from app.needs.rules import ENTRY, OUTCOMES, PRIORITIES, ROUND
from app.needs.terms import taken_kinds
from app.needs.verifying import content_hash, keep_paper
from app.needs.views import NeedView, RoundView
from app.regions import region_below, region_name
from app.web import writing

MOST, PAGE = 2_000, 500
declare(
    "list_too_long",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "The list has {count} entries that you see; at most {most} are printed.",
    "您可见的需求共 {count} 条，最多打印 {most} 条。",
)
COLUMNS = (
    Text("No.", "序号"),
    Text("Need", "需求"),
    Text("Asked by", "提出单位"),
    Text("Region", "地区"),
    Text("Period", "期限"),
    Text("Place (WGS-84 / CGCS2000)", "位置（WGS-84 / CGCS2000）"),
    Text("Quantity", "数量"),
    Text("State", "状态"),
)
COUNTS = (("all", Text("All", "合计")), ("matched", Text("Matched", "已匹配")), ("left", Text("With an outcome", "已有结果")))
WORDS: Mapping[str, Text] = {
    "kind": Text("Kind", "类别"),
    "copy": Text("Whose copy this is", "持有人"),
    "copy_text": Text(
        "Needs reveal plans. This copy was made for the person named, who answers for where it goes; its making is on record.",
        "需求涉及建设计划。本件仅供所列人员使用，由其负责保管；导出已记录在案。",
    ),
    "verify_text": Text(
        "Scan the code or open the address, without an account: it says whether this copy was printed from the register, of which list and "
        "when, and nothing of the entries. The file itself can be compared there too.",
        "扫描二维码或打开以下网址（无需登录），可查验本件是否由登记系统出具、属于哪份清单及出具日期，不显示需求内容；也可上传本文件进行比对。",
    ),
    "seen": Text(
        "The entries are those that the person named may see, as exactly as they may: ≈ stands before a place that is approximate.",
        "所列需求以持有人的查看权限为限；标有“≈”的位置为概略位置。",
    ),
}


@dataclass(frozen=True, slots=True)
class PrintRound:
    ref: str
    locale: str
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    name: str
    data: bytes


def print_round(work: UnitOfWork, command: PrintRound) -> Paper:
    """The list as a PDF of what the actor sees of it. Whose copy it is stands in it and is recorded. Who may: everybody who may list
    needs. Raises `not_found`, `list_too_long`."""
    work.permit("needs_list.print")
    view = round_detail(work, command.ref)
    entries = entries_of(work, command.ref)
    mark = mark_of(work)
    said = facts(work, view, entries, mark, language_of(command.locale))
    digest = content_hash(said)
    address = f"{command.base_url}/verify/{digest}"
    data = typeset("needs", said | {"hash": digest, "address": address, "qr": qr_svg(address)})
    keep_paper(work, view, mark.ref, digest, data)
    after = {"needs_list": view.ref, "needs": len(entries), "mark": mark.ref, "content_hash": digest}
    work.emit(
        Event("export.made", "export", mark.ref, (mark.organisation_id,) if mark.organisation_id is not None else (), after=after)
    )
    return Paper(f"needs-list-{view.ref}-{mark.ref}.pdf", data)


def entries_of(reader: Reader, ref: str) -> list[NeedView]:
    found: list[NeedView] = []
    after: tuple[Any, ...] | None = None
    while True:
        page = need_list(reader, NeedFilter(round_ref=ref), PAGE, after)
        if page.count > MOST:
            raise fail("list_too_long", count=page.count, most=MOST)
        found += page.results
        after = page.after
        if after is None:
            return found[::-1]


def mark_of(work: UnitOfWork) -> ExportMark:
    mark = ExportMark(
        organisation_id=work.actor.organisation_id,
        person_id=work.actor.user_id,
        person_name=work.actor.name,
        grade="general",
        made_at=work.now,
        secret=secrets.token_hex(16),
        assets=[],
        grants=[],
    )
    work.session.add(mark)
    work.session.flush()
    return mark


def facts(reader: Reader, view: RoundView, entries: Sequence[NeedView], mark: ExportMark, locale: str) -> dict[str, Any]:
    """What the paper says."""
    title = view.title(locale)
    groups: dict[str, list[NeedView]] = defaultdict(list)
    for need in entries:
        groups[need.kind].append(need)
    kinds = [kind for kind in KINDS.all() if kind.name in groups]
    common = official(
        locale,
        WORDS,
        title=title,
        keyword=f"infrashare-needs-{mark.ref}",
        foot=f"{title} · {mark.ref.upper()}",
    )
    common["words"] |= {
        "columns": [text.in_(locale) for text in COLUMNS],
        "counts": [text.in_(locale) for _, text in COUNTS],
    }
    number = Text("No. {number}", "编号：{number}").format(number=view.ref.upper())
    return {
        **common,
        "wide": True,
        "issuer": view.administration.in_(locale),
        "number": number.in_(locale),
        "day": writing.day(reader.today, locale),
        "heading": title,
        "rows": _rows(view, locale),
        "counts": [_counted(kind.plural.in_(locale), groups[kind.name]) for kind in kinds]
        + [_counted(Text("All kinds", "合计").in_(locale), entries)],
        "groups": [_group(kind, groups[kind.name], view.region, locale) for kind in kinds],
        "copy": copy_of(reader, mark, locale),
    }


def _rows(view: RoundView, locale: str) -> list[list[str]]:
    asks, kinds = view.asks(locale), taken_kinds(view.terms).in_(locale) if view.terms.kinds else None
    rows = [
        (Text("Region", "地区"), region_name(view.region).in_(locale)),
        (Text("Kept by", "编制机关"), view.administration.in_(locale)),
        *([(Text("Asks for", "征集内容"), asks)] if asks else []),
        *([(Text("Kinds", "征集类别"), kinds)] if kinds else []),
        (Text("Took entries", "征集期"), writing.period(view.opens_on, view.closes_on, locale)),
        (Text("State", "状态"), ROUND.states[view.status].in_(locale)),
    ]
    return [[label.in_(locale), value] for label, value in rows]


def _counted(name: str, entries: Sequence[NeedView]) -> list[str]:
    return [name, *(str(sum(key in ("all", need.status) for need in entries)) for key, _ in COUNTS)]


def _group(kind: AssetKind, entries: Sequence[NeedView], within: str, locale: str) -> dict[str, Any]:
    title = Text("{kind} ({count})", "{kind}（{count} 项）").format(kind=kind.plural, count=len(entries))
    unit = kind.requirement(kind.quantity).unit
    return {
        "title": title.in_(locale),
        "entries": [_entry(place, need, unit, within, locale) for place, need in enumerate(entries, 1)],
    }


def _entry(place: int, need: NeedView, unit: str | None, within: str, locale: str) -> list[str]:
    state = OUTCOMES[need.outcome] if need.outcome else ENTRY.states[need.status]
    title = need.title if need.priority == "normal" else f"{need.title} ({PRIORITIES[need.priority].in_(locale)})"
    return [
        str(place),
        title,
        need.organisation.in_(locale),
        region_below(need.region, within).in_(locale) if need.region else "–",
        _period(need, locale),
        _place(need, locale),
        writing.quantity(need.quantity, unit, locale),
        state.in_(locale),
    ]


def _period(need: NeedView, locale: str) -> str:
    """First to last day, short enough for a line of the table."""
    if not locale.startswith("zh"):
        return writing.period(need.window_start, need.window_end, locale)
    return f"{need.window_start:%Y.%m.%d}–{need.window_end - timedelta(days=1):%Y.%m.%d}"


def _place(need: NeedView, locale: str) -> str:
    """A point with its radius, or the ends of a route; to 10 m where it is exact, to a kilometre where not."""
    digits = 4 if need.is_exact else 2
    points = shapely.get_coordinates(need.geometry)
    if need.shape == "area":
        points = shapely.get_coordinates(shapely.centroid(need.geometry))
    ends = [points[0]] if len(points) == 1 else [points[0], points[-1]]
    said = " – ".join(
        writing.coordinates(lon, lat, digits).replace(" ", "\u00a0") for lon, lat in ends
    )  # a line ends between them
    if need.shape == "circle" and need.is_exact:
        said += f" ± {writing.distance(need.radius_m, locale)}"
    return said if need.is_exact else f"≈ {said}"


def copy_of(reader: Reader, mark: ExportMark, locale: str) -> str:
    zone = get_profile(own_profile(reader)).time_zone
    whose = f"{mark.person_name}, {reader.actor.on_behalf.in_(locale)}"
    return f"{whose} · {writing.moment(mark.made_at, locale, zone)} · {mark.ref.upper()}"
