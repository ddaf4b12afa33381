"""The life of an access request, and what an answer to it must say. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus

from app.catalogue.profiles import RefusalGround, get_profile
from app.kernel.errors import Problem, declare, fail
from app.kernel.statemachine import Machine
from app.kernel.text import Text
from app.kernel.timewindow import Window

declare(
    "not_matched",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "This listing is not open for that need: apply on a match, or on a listing of the same kind that you can see.",
    "该资源不适用于此需求：请针对匹配结果，或您可见的同类资源提出申请。",
)
declare(
    "own_listing",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "This is your own organisation's asset: no request is needed.",
    "这是本单位的设施，无需申请。",
)
declare(
    "request_open",
    HTTPStatus.CONFLICT,
    "There is already an open request of this need on this listing: {ref}.",
    "该需求对此资源已有在办申请：{ref}。",
)
declare(
    "outside_window",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "The listing is open from {start} to {end} only.",
    "该资源的开放期限仅为{start}至{end}。",
)
declare(
    "price_missing",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "State the price a year.",
    "请填写年租金。",
)
declare(
    "nothing_countered",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "A counter-offer says what differs from what is asked: an amount, a term, the period or the price. To offer what is asked, accept it.",
    "反要约须写明与申请不同之处：数量、条件、期限或价格。如按申请提供，请直接同意。",
)
declare("reason_missing", HTTPStatus.UNPROCESSABLE_ENTITY, "Say why, in your own words.", "请填写具体理由。")
declare("no_open_offer", HTTPStatus.CONFLICT, "There is no open offer.", "没有有效的要约。")

declare("nothing_missing", HTTPStatus.UNPROCESSABLE_ENTITY, "Name what is missing.", "请列明缺少的内容。")
declare(
    "missing_named_once",
    HTTPStatus.CONFLICT,
    "What is missing was named once already; it is named all at once.",
    "缺少的内容已一次告知，不得再次要求补正。",
)
declare(
    "completeness_over",
    HTTPStatus.CONFLICT,
    "The time to name what is missing ended on {day}: the request is deemed complete.",
    "补正告知期限已于{day}届满，申请视为完整。",
)
declare("survey_open", HTTPStatus.CONFLICT, "A survey is asked for already.", "已有在办的勘察。")
declare("no_open_survey", HTTPStatus.CONFLICT, "No survey is asked for.", "没有在办的勘察。")
declare("not_silent_yet", HTTPStatus.CONFLICT, "The owner still has time to answer.", "权属单位的答复期限尚未届满。")
declare(
    "nothing_to_uphold",
    HTTPStatus.CONFLICT,
    "The owner was silent: there is neither a refusal nor an offer to uphold.",
    "权属单位未作答复，没有可维持的拒绝或要约。",
)
declare(
    "no_settler",
    HTTPStatus.CONFLICT,
    "No communications administration that is not itself a party is registered for {region}.",
    "平台上没有登记 {region} 可受理的通信管理部门（当事方除外）。",
)
declare(
    "beyond_limit",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "This asset does not allow it. {limits}",
    "该设施不允许。{limits}",
)

OPEN = frozenset({"draft", "submitted", "incomplete", "complete", "accepted", "countered", "disputed"})
ANSWERABLE = frozenset({"submitted", "complete"})
REQUEST = Machine(
    name="access_request",
    subject=Text("The access request", "接入申请"),
    states={
        "draft": Text("draft", "草稿"),
        "submitted": Text("waiting for the owner", "待权属单位答复"),
        "incomplete": Text("incomplete", "待补正"),
        "complete": Text("complete, waiting for the answer", "申请完整，待答复"),
        "accepted": Text("accepted", "已同意"),
        "countered": Text("counter-offer", "已提出反要约"),
        "refused": Text("refused", "已拒绝"),
        "disputed": Text("in dispute", "争议处理中"),
        "withdrawn": Text("withdrawn", "已撤回"),
        "expired": Text("offer expired", "要约已过期"),
        "agreed": Text("agreed", "已达成一致"),
    },
    transitions={
        "edit": (frozenset({"draft"}), "draft"),
        "submit": (frozenset({"draft"}), "submitted"),
        "name_missing": (frozenset({"submitted"}), "incomplete"),
        "supply": (frozenset({"incomplete"}), "submitted"),
        "find_complete": (frozenset({"submitted"}), "complete"),
        "deem_complete": (frozenset({"submitted"}), "complete"),
        "accept": (ANSWERABLE, "accepted"),
        "counter": (ANSWERABLE | {"countered"}, "countered"),
        "refuse": (ANSWERABLE, "refused"),
        "dispute": (frozenset({"complete", "refused", "countered"}), "disputed"),
        "uphold": (frozenset({"disputed"}), "refused"),
        "uphold_offer": (frozenset({"disputed"}), "countered"),
        "order": (frozenset({"disputed"}), "accepted"),
        "lapse": (frozenset({"disputed"}), "expired"),
        "withdraw": (OPEN, "withdrawn"),
        "expire": (frozenset({"accepted", "countered"}), "expired"),
        "agree": (frozenset({"accepted", "countered"}), "agreed"),
    },
    labels={
        "edit": Text("change", "修改"),
        "submit": Text("submit", "提交"),
        "name_missing": Text("name what is missing", "告知补正"),
        "supply": Text("supply what is missing", "补正"),
        "find_complete": Text("find complete", "确认完整"),
        "deem_complete": Text("deem complete", "视为完整"),
        "accept": Text("accept", "同意"),
        "counter": Text("make a counter-offer", "提出反要约"),
        "refuse": Text("refuse", "拒绝"),
        "dispute": Text("dispute", "提请裁决"),
        "uphold": Text("uphold the refusal", "维持拒绝"),
        "uphold_offer": Text("uphold the offer", "维持要约"),
        "order": Text("order access", "责令开放"),
        "lapse": Text("close with the offer that expired", "因要约过期而终结"),
        "withdraw": Text("withdraw", "撤回"),
        "expire": Text("expire", "过期"),
        "agree": Text("take the offer", "接受要约"),
    },
    initial="draft",
    final=frozenset({"withdrawn", "expired", "agreed"}),
)
DECISIONS = {
    "uphold": Text("the owner's answer is upheld", "维持权属单位的答复"),
    "order": Text("access is ordered", "责令开放共享"),
    "price": Text("the price is set", "裁定价格"),
}
OFFER_STATUS = {
    "open": Text("open", "有效"),
    "agreed": Text("taken", "已接受"),
    "released": Text("released", "已释放"),
    "expired": Text("expired", "已过期"),
}


def check_window(window: Window, listing: Window) -> Window:
    """A request and an offer lie inside the listing's window."""
    if not listing.contains(window):
        raise fail("outside_window", start=listing.start, end=listing.end)
    return window


def window_of(start: date, end: date) -> Window:
    """The window, or `invalid` at its end."""
    if end <= start:
        raise fail(
            "invalid", [Problem("invalid", Text("Ends before it starts.", "结束日期早于开始日期。"), pointer="/window_end")]
        )
    return Window(start, end)


def check_refusal(profile: str, ground: str, reason: str, evidence: Mapping[str, str]) -> RefusalGround:
    """The ground of the profile's closed list, when its evidence is there and the reason is said.

    Raises `unknown_refusal_ground`, `refusal_evidence_missing`, `reason_missing`."""
    found = get_profile(profile).check_refusal(ground, frozenset(code for code, ref in evidence.items() if ref))
    if not reason.strip():
        raise fail("reason_missing", [Problem("reason_missing", Text("Say why.", "请填写理由。"), pointer="/reason")])
    return found
