"""What an organisation is told of, by the action of the event: a sentence in both languages, and whether members get a mail.
Pure.

An action without a sentence tells nobody. `{who}` is the organisation that acted; other fields come from the event's `after`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.catalogue.actions import action_text
from app.kernel.text import Text, written_day

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
PLATFORM_NAME = Text("The platform", "平台")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`mails`: something waits for the reader, so that members who can act are written to. `tone`: of the chip."""

    text: Text
    mails: bool = False
    tone: str = "out"


def _told(en: str, zh: str, *, mails: bool = False, tone: str = "out") -> Sentence:
    return Sentence(Text(en, zh), mails, tone)


SENTENCES: dict[str, Sentence] = {
    "access.request_submitted": _told(
        "{who} asks for access to one of your listings. Answer before the clock runs out.",
        "{who}申请接入您的资源，请在期限内答复。",
        mails=True,
        tone="warn",
    ),
    "access.request_accepted": _told(
        "{who} accepted your access request. Its offer holds the capacity for a limited time.",
        "{who}已接受您的接入申请，要约在有限期内为您保留容量。",
        mails=True,
        tone="ok",
    ),
    "access.request_countered": _told(
        "{who} answered your access request with a counter-offer.", "{who}对您的接入申请提出反要约。", mails=True, tone="warn"
    ),
    "access.request_refused": _told(
        "{who} refused your access request. The ground and its evidence are on record.",
        "{who}拒绝了您的接入申请，理由及证据已存档。",
        mails=True,
        tone="bad",
    ),
    "access.request_found_complete": _told(
        "{who} found your access request complete; the time for its answer runs.",
        "{who}确认您的接入申请完整，答复期限开始计算。",
        tone="ok",
    ),
    "access.request_incomplete": _told(
        "{who} says what your access request lacks: {missing}",
        "{who}告知您的接入申请需补正：{missing}",
        mails=True,
        tone="warn",
    ),
    "access.request_supplied": _told(
        "{who} supplied what its access request lacked. The check of completeness goes on.",
        "{who}已补正接入申请，完整性核查期限继续计算。",
        mails=True,
        tone="warn",
    ),
    "access.survey_asked": _told(
        "{who} asks for a survey on site: {reason}", "{who}提出现场勘察：{reason}", mails=True, tone="warn"
    ),
    "access.survey_dated": _told("{who} set the survey for {held_on}.", "{who}将勘察定于 {held_on}。", mails=True),
    "access.survey_recorded": _told(
        "{who} recorded the result of the survey; the clocks go on.", "{who}已登记勘察结果，期限继续计算。", tone="ok"
    ),
    "access.quote_given": _told(
        "{who} quoted what access would cost, valid until {valid_until}.",
        "{who}就接入费用报价，有效期至{valid_until}。",
        mails=True,
    ),
    "access.dispute_opened": _told(
        "{who} took an access request to the competent regulator for a binding decision.",
        "{who}就接入申请提请主管部门裁决。",
        mails=True,
        tone="warn",
    ),
    "access.dispute_decided": _told(
        "{who} decided the dispute about an access request. The decision binds and is carried out.",
        "{who}已就接入争议作出裁决，裁决具有约束力并已执行。",
        mails=True,
        tone="warn",
    ),
    "access.request_withdrawn": _told("{who} withdrew its access request.", "{who}撤回了接入申请。"),
    "access.request_expired": _told(
        "An offer expired; its capacity is free again.", "要约已到期，所保留的容量已释放。", tone="warn"
    ),
    "agreement.drafted": _told(
        "{who} drafted an agreement with you. Read it and sign.", "{who}起草了与您的协议，请审阅并签署。", mails=True, tone="warn"
    ),
    "agreement.changed": _told(
        "{who} changed the agreement; earlier signatures no longer count.",
        "{who}修改了协议，此前的签署不再有效。",
        mails=True,
        tone="warn",
    ),
    "agreement.signed": _told("{who} signed the agreement.", "{who}已签署协议。", mails=True),
    "agreement.submitted": _told(
        "{who} submitted an agreement for approval.", "{who}已将协议提交审批。", mails=True, tone="warn"
    ),
    "agreement.in_force": _told(
        "The agreement is in force; its capacity is committed.", "协议已生效，容量已正式占用。", mails=True, tone="ok"
    ),
    "agreement.withdrawn": _told(
        "{who} withdrew the agreement; its capacity is free again.", "{who}撤回了协议，容量已释放。", tone="warn"
    ),
    "agreement.amendment_drafted": _told(
        "{who} drafted an amendment of the agreement. Read it and sign.",
        "{who}起草了补充协议，请审阅并签署。",
        mails=True,
        tone="warn",
    ),
    "agreement.amended": _told("The amendment is in force and takes the agreement’s place.", "补充协议已生效，取代原协议。"),
    "agreement.make_ready_started": _told(
        "{who} began make-ready. Your share of its cost is on the page.",
        "{who}已开始施工准备，您承担的费用见页面。",
        mails=True,
    ),
    "agreement.make_ready_settled": _told("{who} closed an item of make-ready.", "{who}办结了一项施工准备。"),
    "agreement.installed": _told(
        "{who} recorded the installation. Accept it as built, or say what to correct.",
        "{who}已登记安装，请竣工验收或提出整改要求。",
        mails=True,
        tone="warn",
    ),
    "agreement.returned_for_correction": _told(
        "{who} returned the installation: {defects}", "{who}退回安装：{defects}", mails=True, tone="warn"
    ),
    "agreement.accepted_as_built": _told(
        "{who} accepted the installation as built. Rent runs from {billing_from}.",
        "{who}已竣工验收，租金自 {billing_from} 起计。",
        mails=True,
        tone="ok",
    ),
    "agreement.end_proposed": _told(
        "{who} proposes to end the agreement on {ends_on}: {reason}",
        "{who}提议于 {ends_on} 终止协议：{reason}",
        mails=True,
        tone="warn",
    ),
    "agreement.end_declined": _told("{who} declined to end the agreement.", "{who}不同意终止协议。", mails=True),
    "agreement.ended": _told(
        "The agreement ends on {ends_on}. The removal is due.", "协议于 {ends_on} 终止，应予拆除。", mails=True, tone="warn"
    ),
    "agreement.removal_declared": _told(
        "{who} declared the removal. Confirm that nothing is left.", "{who}已申报拆除，请确认。", mails=True, tone="warn"
    ),
    "agreement.removed": _told("The removal is confirmed; the capacity is free.", "拆除已确认，容量已释放。", tone="ok"),
    "rent.statement_issued": _told("{who} issued a statement of rent.", "{who}已出具租金结算单。", mails=True),
    "rent.repriced": _told(
        "From {from} there are {tenants} tenants on the asset: the rent follows.",
        "自 {from} 起设施共享家数为 {tenants} 家，租金随之调整。",
    ),
    "approval.approved": _told("{who} approved the agreement.", "{who}已批准协议。", tone="ok"),
    "approval.approved_with_conditions": _told(
        "{who} approved the agreement with conditions.", "{who}附条件批准协议。", tone="ok"
    ),
    "approval.returned": _told(
        "{who} returned the agreement. Amend it and submit it again.",
        "{who}退回了协议，请修改后重新提交。",
        mails=True,
        tone="warn",
    ),
    "approval.refused": _told("{who} refused the agreement.", "{who}未批准该协议。", mails=True, tone="bad"),
    "approval.proposed": _told("{who} proposed a decision: it waits to be confirmed.", "{who}已拟办，等待核签。", tone="warn"),
    "approval.sent_back": _told("{who} sent a proposed decision back.", "{who}退回了拟办意见。", tone="warn"),
    "approval.assigned": _told("{who} assigned a case.", "{who}分派了承办事项。"),
    "approval.voided": _told(
        "A decision is void, because the register or the capacity of an asset changed after it. It is to be made again.",
        "因设施登记或容量在决定作出后发生变化，审批决定已失效，须重新审批。",
        mails=True,
        tone="warn",
    ),
    "approval.condition_reported": _told("{who} reported a condition as fulfilled.", "{who}已报条件落实。", tone="warn"),
    "approval.condition_fulfilled": _told("{who} found a condition fulfilled.", "{who}已认可条件落实。", tone="ok"),
    "approval.condition_not_fulfilled": _told("{who} found a condition not fulfilled.", "{who}认为条件尚未落实。", tone="warn"),
    "approval.noted": _told("{who} took note of the agreement.", "{who}已对协议备案。"),
    "match.found": _told("A need of yours has a new match.", "您的需求有新的匹配结果。", tone="ok"),
    "match.lost": _told("A need of yours has no match any more.", "您的需求已无匹配结果。", tone="warn"),
    "cobuild_group.proposed": _told(
        "A need of yours could be built together with others. See what you would save, and say whether you consent.",
        "您的一项需求可与其他单位共建。请查看可节省的费用，并决定是否同意。",
        mails=True,
        tone="warn",
    ),
    "cobuild_group.agreed": _told(
        "All members of a co-construction group consented. Its names and its site are open to its members.",
        "共建组各方均已同意，成员名称与站址现向成员公开。",
        mails=True,
        tone="ok",
    ),
    "cobuild_group.superseded": _told(
        "A co-construction group of yours no longer holds: needs or terms changed. Consents to it lapsed.",
        "您所在的一个共建组因需求或条件变化不再成立，已作出的同意随之失效。",
    ),
    "cobuild_group.exemption_requested": _told(
        "{who} asked for an exemption from the same-place rule for a co-construction group: {grounds}",
        "{who}已就共建组申请同址规则豁免：{grounds}",
        tone="warn",
    ),
    "cobuild_group.exemption_refused": _told(
        "{who} refused your co-construction group the exemption from the same-place rule: {reason}",
        "{who}未准予您的共建组同址规则豁免：{reason}",
        tone="bad",
    ),
    "cobuild_group.exempted": _told(
        "{who} recorded the exemption from the same-place rule for your co-construction group: {reason}",
        "{who}已就您的共建组登记同址规则豁免：{reason}",
        tone="ok",
    ),
    "need.withdrawn": _told(
        "{who} closed the needs list; a draft of yours left with it.", "{who}关闭了需求清单，您未提交的草稿随之撤回。"
    ),
    "need.served": _told("A need of yours is served.", "您的需求已得到满足。", tone="ok"),
    "need.partly_served": _told("A need of yours is served in part; the rest stays open.", "您的需求已部分满足，其余仍待满足。"),
    "need.merged": _told("{who} merged a need of yours with another.", "{who}已将您的需求与其他需求合并。"),
    "need.carried_over": _told("{who} carried a need of yours over to the next list.", "{who}已将您的需求结转至下一轮清单。"),
    "need.returned": _told("{who} returned a need of yours: {reason}", "{who}退回了您的需求：{reason}", mails=True, tone="warn"),
    "need.to_be_cobuilt": _told("A need of yours is to be co-built.", "您的需求转为共建。"),
    "need.own_build": _told("{who} allowed your own build: {reason}", "{who}准予您自建：{reason}", tone="ok"),
    "needs_list.opened": _told(
        "{who} opened the needs list “{name}”: {opens_on} to {closes_on}.",
        "{who}开放需求清单“{name}”，征集期{opens_on}至{closes_on}。",
        mails=True,
    ),
    "needs_list.invited": _told(
        "{who} invites you to the needs list “{name}”: enter your needs before {closes_on}, or say that you have none.",
        "{who}邀请贵单位参加需求清单“{name}”：请于 {closes_on} 前提交需求，或说明无需求。",
        mails=True,
        tone="warn",
    ),
    "needs_list.reminded": _told(
        "{who} reminds you of the needs list “{name}”: it takes entries before {closes_on}.",
        "{who}提醒贵单位：需求清单“{name}”将于 {closes_on} 截止征集。",
        mails=True,
        tone="warn",
    ),
    "needs_list.answered": _told("{who} has nothing to enter in the needs list “{name}”.", "{who}表示对需求清单“{name}”无需求。"),
    "need.joined": _told(
        "An entry of another organisation was merged into a need of yours: it is kept for both.",
        "其他单位的一条需求已并入您的需求，由该需求一并代表。",
    ),
    "need.merge_proposed": _told(
        "{who} takes a need of yours for a duplicate of another entry: {reason} Say whether you consent to the merge.",
        "{who}认为您的一项需求与清单中另一条重复：{reason} 请答复是否同意合并。",
        mails=True,
        tone="warn",
    ),
    "need.merge_declined": _told("{who} does not consent to the merge of a need.", "{who}不同意合并需求。", tone="warn"),
    "need.merge_withdrawn": _told("{who} withdrew the proposed merge of a need of yours.", "{who}撤回了对您需求的合并提议。"),
    "need.merge_undone": _told(
        "{who} undid the merge of a need of yours: {reason}", "{who}撤销了您需求的合并：{reason}", tone="warn"
    ),
    "needs_list.published": _told(
        "{who} published the needs list; your entries are matched from now on.", "{who}发布了需求清单，您的需求现已参与匹配。"
    ),
    "needs_list.closed": _told("{who} closed the needs list.", "{who}关闭了需求清单。"),
    "import.committed": _told("An import is committed.", "导入已提交。"),
    "import.failed": _told("An import failed; nothing was written.", "导入失败，未写入任何数据。", tone="bad"),
    "import.undone": _told("An import was undone.", "导入已撤销。"),
    "capacity.hold_expired": _told(
        "A hold on capacity expired; the capacity is free again.", "容量保留已到期，容量已释放。", tone="warn"
    ),
    "capacity.start_slipped": _told(
        "{asset} is available only from {available_from}: capacity promised earlier is affected.",
        "{asset}推迟至{available_from}可用，此前承诺的容量受到影响。",
        mails=True,
        tone="warn",
    ),
    "deadline.passed": _told("A deadline passed: {consequence}", "期限已届满：{consequence}", mails=True, tone="bad"),
    "deadline.confirmed": _told(
        "The calendar is published: the provisional date {was_due_on} is {due_on} now, and firm.",
        "工作日安排已公布：暂定日期 {was_due_on} 现确定为 {due_on}。",
        mails=True,
    ),
    "deadline.recounted": _told(
        "A calendar changed: the date {was_due_on} is {due_on} now, still provisional.",
        "工作日安排有变：日期 {was_due_on} 改为 {due_on}，仍为暂定。",
        mails=True,
    ),
    "closer_look.asked": _told(
        "{who} asks for a closer look at what you answer for.", "{who}申请查看由您答复的设施的精确信息。", mails=True, tone="warn"
    ),
    "closer_look.granted": _told("{who} granted the closer look that you asked for.", "{who}已准予您的查看申请。", tone="ok"),
    "closer_look.refused": _told(
        "{who} refused the closer look that you asked for: {reason}", "{who}拒绝了您的查看申请：{reason}", tone="bad"
    ),
    "closer_look.withdrawn": _told("{who} withdrew its request for a closer look.", "{who}撤回了查看申请。"),
    "grant.given": _told(
        "{who} opened something to you more precisely, for a time.", "{who}已在限期内向您开放更精确的信息。", tone="ok"
    ),
    "grant.ordered": _told(
        "{who} ordered that an organisation may look closer: {ground}",
        "{who}责令向有关单位开放精确信息：{ground}",
        mails=True,
        tone="warn",
    ),
    "grant.revoked": _told("{who} revoked a grant: {reason}", "{who}撤销了一项披露授权：{reason}", tone="warn"),
    "exemption.asked": _told(
        "{who} asks for an exemption that you are competent to decide.", "{who}提出由您裁定的豁免申请。", mails=True, tone="warn"
    ),
    "exemption.granted": _told("{who} granted an exemption: {decision}", "{who}准予豁免：{decision}", mails=True, tone="ok"),
    "exemption.refused": _told("{who} refused an exemption: {decision}", "{who}未准予豁免：{decision}", mails=True, tone="bad"),
    "exemption.ended": _told("{who} ended an exemption: {decision}", "{who}终止了一项豁免：{decision}", mails=True, tone="warn"),
    "exemption.withdrawn": _told("{who} withdrew its case for an exemption.", "{who}撤回了豁免申请。"),
    "works.announced": _told(
        "{who} announced works: {name}. Requests to join are in time until {join_until}.",
        "{who}公布了工程“{name}”，加入申请截止于 {join_until}。",
        mails=True,
        tone="warn",
    ),
    "works.reserved": _told("{who} reserved more for communications in {name}.", "{who}增加了“{name}”的通信预留。", tone="ok"),
    "works.join_asked": _told("{who} asks to join {name}: {what}", "{who}申请加入“{name}”：{what}", mails=True, tone="warn"),
    "works.join_asked_late": _told(
        "{who} asks to join {name} after the window, for you to take or decline without a duty: {what}",
        "{who}在期限后申请加入“{name}”，可自愿接受或不予接受：{what}",
        tone="warn",
    ),
    "works.join_late": _told("{who} asked to join {name} too late; it is on record.", "{who}逾期申请加入“{name}”，已记录在案。"),
    "works.join_accepted": _told(
        "{who} accepted your request to join {name}.", "{who}已接受贵单位加入“{name}”的申请。", mails=True, tone="ok"
    ),
    "works.join_refused": _told(
        "{who} refused your request to join {name}: {answer}",
        "{who}拒绝了贵单位加入“{name}”的申请：{answer}",
        mails=True,
        tone="bad",
    ),
    "search.found": _told(
        "{count} listings are new or cheaper for the saved search “{name}”.",
        "已保存的搜索“{name}”有 {count} 条资源新增或降价。",
        tone="brand",
    ),
    "works.join_withdrawn": _told("{who} withdrew its request to join {name}.", "{who}撤回了加入“{name}”的申请。"),
    "works.passed_on": _told("{who} does not join {name}; it is on record.", "{who}不加入“{name}”，已记录在案。"),
    "works.slipped": _told(
        "{who} moved the dates of {name}: complete on {completes_on}; {affected} claims are affected. {reason}",
        "{who}调整了“{name}”的工期：{completes_on} 建成，影响 {affected} 项占用。{reason}",
        mails=True,
        tone="warn",
    ),
    "works.completed": _told("{who} completed {name}.", "{who}已建成“{name}”。", tone="ok"),
    "works.cancelled": _told("{who} cancelled {name}: {reason}", "{who}取消了“{name}”：{reason}", mails=True, tone="bad"),
    "agency.granted": _told("{who} lets {agent} act for it.", "{who}授权{agent}代为办理。"),
    "agency.ended": _told("{who} ended an agency.", "{who}已终止代理关系。"),
}
SENTENCES["agreements.submitted"] = SENTENCES["agreement.submitted"]


class _Missing(dict[str, object]):
    """A field that the event did not carry is a dash, not a failure of the transaction."""

    def __missing__(self, name: str) -> str:
        return "–"


def sentence(code: str, values: Mapping[str, Any]) -> Text:
    """The sentence of a notice, filled. A code that is no longer known says what happened in general words."""
    known = SENTENCES.get(code)
    if known is None:
        return action_text(code)
    return Text(known.text.en.format_map(_side(values, "en")), known.text.zh.format_map(_side(values, "zh")))


def _side(values: Mapping[str, Any], language: str) -> _Missing:
    """The values in one language: `{"en": …, "zh": …}` stands in its own, and so does a day."""
    return _Missing({name: _said(value, language) for name, value in values.items() if value is not None})


def _said(value: object, language: str) -> object:
    if isinstance(value, Mapping) and {"en", "zh"} <= value.keys():
        return value[language]
    if isinstance(value, str) and DAY.fullmatch(value):
        return written_day(date.fromisoformat(value)).in_(language)
    return value
