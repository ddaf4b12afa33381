"""The life of a request by route. Pure."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus

from app.kernel.errors import declare
from app.kernel.statemachine import Machine
from app.kernel.text import Text

declare(
    "route_changed",
    HTTPStatus.CONFLICT,
    "These sections are no longer a route from A to B with enough free: look at the routes again.",
    "所选资源已不再构成容量充足的 A–B 路由，请重新查询路由。",
)
declare(
    "route_open",
    HTTPStatus.CONFLICT,
    "There is already an open request for the whole: {ref}.",
    "已有在办的整体申请：{ref}。",
)
declare(
    "route_needs_nobody",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "This route runs over nobody else's assets: no request is needed.",
    "该路由不涉及其他单位的设施，无需申请。",
)
declare(
    "leg_of_route",
    HTTPStatus.CONFLICT,
    "This is one leg of a request for a whole route or bundle: its offer is taken with the whole, when every leg stands ({ref}).",
    "这是整条路由或整体需求包申请的一段：须在各段均有要约后一并接受（{ref}）。",
)
declare(
    "leg_bound",
    HTTPStatus.CONFLICT,
    "The other choice leaves out a leg that is already agreed ({ref}): withdraw from its agreement first.",
    "新方案不再包含已达成一致的一段（{ref}），请先撤回其协议。",
)

ACTIVE = ("open", "standing", "broken")
STANDS = frozenset({"accepted", "countered", "agreed"})
FAILED = frozenset({"refused", "withdrawn", "expired"})
ROUTE = Machine(
    name="route_request",
    subject=Text("The request by route", "整条路由申请"),
    states={
        "open": Text("waiting for the owners", "待各权属单位答复"),
        "standing": Text("every leg stands", "各段均已有要约"),
        "broken": Text("a leg failed", "有一段未成"),
        "agreed": Text("agreed", "已达成一致"),
        "withdrawn": Text("withdrawn", "已撤回"),
    },
    transitions={
        "stand": (frozenset({"open", "broken"}), "standing"),
        "wait": (frozenset({"standing", "broken"}), "open"),
        "break": (frozenset({"open", "standing", "agreed"}), "broken"),
        "reroute": (frozenset({"broken"}), "open"),
        "agree": (frozenset({"standing"}), "agreed"),
        "withdraw": (frozenset({"open", "standing", "broken"}), "withdrawn"),
    },
    labels={
        "stand": Text("stand", "各段有要约"),
        "wait": Text("wait again", "重新等待答复"),
        "break": Text("break", "断开"),
        "reroute": Text("take another route", "改走其他路由"),
        "agree": Text("take the whole route", "接受整条路由"),
        "withdraw": Text("withdraw", "撤回"),
    },
    initial="open",
    final=frozenset({"withdrawn"}),
)


def after_answer(status: str, legs: Collection[str]) -> str:
    """The state of a route once its legs are as they are: broken by one that failed, standing when all stand, else it waits (a
    refusal that is disputed waits again, and stands if access is ordered)."""
    stands = bool(legs) and all(leg in STANDS for leg in legs)
    action = "break" if any(leg in FAILED for leg in legs) else "stand" if stands else "wait"
    return ROUTE.move(status, action) if ROUTE.allows(status, action) else status
