"""The life of an asset, the words of its columns, and what may stand on what: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from app.kernel.errors import declare, fail
from app.kernel.statemachine import Machine
from app.kernel.text import Text

STATUSES: Mapping[str, Text] = {
    "proposed": Text("Proposed", "拟建"),
    "planned": Text("Planned", "已规划"),
    "under_construction": Text("Under construction", "在建"),
    "operational": Text("Operational", "在用"),
    "inactive": Text("Inactive", "停用"),
    "retired": Text("Retired", "退役"),
}
LIFE = Machine(
    name="asset",
    subject=Text("The asset", "该设施"),
    states=STATUSES,
    initial="proposed",
    final=frozenset({"retired"}),
    transitions={
        "plan": (frozenset({"proposed"}), "planned"),
        "build": (frozenset({"proposed", "planned"}), "under_construction"),
        "commission": (frozenset({"planned", "under_construction"}), "operational"),
        "deactivate": (frozenset({"operational"}), "inactive"),
        "reactivate": (frozenset({"inactive"}), "operational"),
        "retire": (frozenset(STATUSES) - {"retired"}, "retired"),
    },
    labels={
        "plan": Text("Plan", "列入规划"),
        "build": Text("Start building", "开工"),
        "commission": Text("Put into operation", "投入使用"),
        "deactivate": Text("Take out of use", "停用"),
        "reactivate": Text("Put back into use", "恢复使用"),
        "retire": Text("Retire", "退役"),
    },
)
OPENABLE = frozenset(STATUSES) - {"inactive", "retired"}  # capacity of what is still to be built may be opened in advance
CONSENTS: Mapping[str, Text] = {
    "unknown": Text("Not stated", "未说明"),
    "held": Text("Held", "已取得"),
    "needed": Text("To be obtained", "待取得"),
    "refused": Text("Refused", "被拒绝"),
}
GRADES: Mapping[str, Text] = {
    "general": Text("General", "一般"),
    "important": Text("Important", "重要"),
    "core": Text("Core", "核心"),
}
PROVENANCES: Mapping[str, Text] = {
    "declared": Text("Declared by the owner", "权属单位申报"),
    "surveyed": Text("Surveyed", "实测"),
    "derived": Text("Derived", "推算"),
    "demo": Text("Demonstration", "演示数据"),
}
HOST_DEPTH = 32

declare(
    "host_cycle",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "{host} stands on this asset already: hosts cannot form a circle.",
    "“{host}”已依附于该设施：依附关系不能成环。",
)
declare("unknown_kind", HTTPStatus.UNPROCESSABLE_ENTITY, "There is no kind of asset “{kind}”.", "没有设施类型“{kind}”。")
declare(
    "owner_ref_taken",
    HTTPStatus.CONFLICT,
    "Another of your assets of this kind has the number {number}.",
    "本单位同类设施中已有编号 {number}。",
)


def stands_above(asset_id: int, hosts: Iterable[int], hosts_of: Mapping[int, Iterable[int]]) -> int | None:
    """The one of `hosts` from which the links lead back to `asset_id`, or None. `hosts_of`: the links that are there."""
    for host in hosts:
        seen, front = {host}, [host]
        while front:
            here = front.pop()
            if here == asset_id:
                return host
            following = set(hosts_of.get(here, ())) - seen
            seen |= following
            front.extend(following)
    return None


def check_no_cycle(asset_id: int, hosts: Mapping[int, str], hosts_of: Mapping[int, Iterable[int]]) -> None:
    """Refuse hosts (id → name) that stand on the asset themselves. Raises `host_cycle`."""
    found = stands_above(asset_id, hosts, hosts_of)
    if found is not None:
        raise fail("host_cycle", host=hosts[found])
