"""The life of a co-construction group, and what a member may know of it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus

from app.kernel.errors import declare, fail
from app.kernel.statemachine import Machine
from app.kernel.text import Text

declare(
    "cobuild_stale",
    HTTPStatus.CONFLICT,
    "A need of this group left its list or changed: the group is reckoned anew.",
    "该共建组有需求已离开清单或发生变化，将重新测算。",
)
declare(
    "exemption_not_needed", HTTPStatus.CONFLICT, "The same-place rule asks for no exemption here.", "按同址规则，此处无需豁免。"
)
declare(
    "exemption_pending",
    HTTPStatus.CONFLICT,
    "A request for this exemption is waiting for its decision.",
    "该豁免申请正待决定。",
)
declare(
    "exemption_not_asked",
    HTTPStatus.CONFLICT,
    "Nobody asked for an exemption: there is nothing to refuse.",
    "无人申请豁免，无可驳回的申请。",
)

GROUP = Machine(
    name="cobuild_group",
    subject=Text("The group", "共建组"),
    states={
        "proposed": Text("waiting for consents", "待各方同意"),
        "agreed": Text("agreed by all", "各方已同意"),
        "superseded": Text("superseded", "已被取代"),
    },
    transitions={
        "consent": (frozenset({"proposed"}), "proposed"),
        "withdraw": (frozenset({"proposed"}), "proposed"),
        "agree": (frozenset({"proposed"}), "agreed"),
        "supersede": (frozenset({"proposed"}), "superseded"),
    },
    labels={
        "consent": Text("consent", "同意"),
        "withdraw": Text("withdraw the consent", "撤回同意"),
        "agree": Text("agree", "达成一致"),
        "supersede": Text("supersede", "取代"),
    },
    initial="proposed",
    final=frozenset({"agreed", "superseded"}),
)


EXEMPTION = Machine(
    name="cobuild_exemption",
    subject=Text("The exemption", "豁免"),
    states={
        "requested": Text("exemption asked for", "已申请豁免"),
        "granted": Text("exempted", "已豁免"),
        "refused": Text("exemption refused", "未予豁免"),
    },
    transitions={
        "grant": (frozenset({"requested"}), "granted"),
        "refuse": (frozenset({"requested"}), "refused"),
    },
    labels={"grant": Text("grant the exemption", "准予豁免"), "refuse": Text("refuse the exemption", "不予豁免")},
    initial="requested",
    final=frozenset({"granted", "refused"}),
)


def all_consent(members: Collection[int], consenting: Collection[int]) -> bool:
    """Whether every organisation of the group has consented."""
    return set(members) <= set(consenting)


def is_open_to_members(status: str) -> bool:
    """Before all consent a member knows its own gain and how many there are; afterwards names and the site."""
    return status == "agreed"


def check_exemption(near: int, exempted: bool, reason: str) -> str:
    """The reason, when there is something to exempt from and it is stated."""
    if not near or exempted:
        raise fail("exemption_not_needed")
    if not reason.strip():
        raise fail("reason_missing")
    return reason.strip()
