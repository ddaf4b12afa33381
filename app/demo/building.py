"""The demo's works: the metro announces a line with galleries and rooms reserved for communications, a carrier asks to join, another
does not; and a tunnel that still lacks its reservation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import shapely

from app.db.work import Bus
from app.demo.digging import METRO
from app.kernel.actor import Actor
from app.works import (
    AnnounceWorks,
    AskToJoin,
    DraftWorks,
    ElementIn,
    PassOn,
    announce_works,
    ask_to_join,
    draft_works,
    pass_on,
)

TUNNEL = ((113.9312, 22.5288), (113.9405, 22.5331), (113.9523, 22.5366))
LINE_ELEMENTS = (
    ElementIn("duct", "左线通信管廊", 0, 6200, "左线隧道", 110, {"hole": 12}, {"hole": 6}),
    ElementIn("duct", "右线通信管廊", 6200, 11800, "右线隧道", 110, {"hole": 12}, {"hole": 6}),
    ElementIn("room", "中间站民用通信机房", 5400, 5400, "站厅层", None, {"rack_unit": 168, "power_kw": 60}, {"power_kw": 30}),
)
TUNNEL_ELEMENTS = (ElementIn("duct", "检修通道桥架", 0, 1500, "北洞", 90, {"hole": 8}, {"hole": 2}),)


def announce(bus: Bus, actors: Mapping[str, Actor]) -> None:
    today, metro = bus.today(), actors["metro"]
    permit = today + timedelta(days=120)
    line = DraftWorks(
        "subway",
        "宝安线一期工程",
        shapely.LineString(METRO),
        0,
        11800,
        permit,
        permit + timedelta(days=60),
        permit + timedelta(days=1500),
        "全长 11.8 km，全线设通信管廊，车站预留民用通信机房。",
        elements=LINE_ELEMENTS,
    )
    ref = bus.execute(draft_works, metro, line)
    bus.execute(announce_works, metro, AnnounceWorks(ref))
    bus.execute(ask_to_join, actors["carrier_b"], AskToJoin(ref, "随左线隧道同步敷设 2 条 96 芯光缆", [1]))
    bus.execute(pass_on, actors["carrier_c"], PassOn(ref, "该走廊已有自建管道"))
    tunnel = DraftWorks(
        "tunnel",
        "前海疏港联络隧道",
        shapely.LineString(TUNNEL),
        0,
        2300,
        permit,
        permit + timedelta(days=45),
        permit + timedelta(days=900),
        "机电方案待定，供电预留另行补充。",
        elements=TUNNEL_ELEMENTS,
    )
    bus.execute(announce_works, metro, AnnounceWorks(bus.execute(draft_works, metro, tunnel)))
