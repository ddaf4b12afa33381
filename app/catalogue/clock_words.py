"""What clocks are called in profiles: the rules that the use cases start, the events they start from, and what they may bring."""

from __future__ import annotations

from app.kernel.text import Text

RULES = (
    "request_completeness",
    "request_resubmission",
    "request_answer",
    "request_escalation",
    "survey",
    "estimate",
    "offer_acceptance",
    "approval_decision",
    "make_ready",
    "dispute_decision",
    "works_join",
    "works_answer",
)
# What happens when a clock passes: a declared action that the job carries out, never prose alone.
OUTCOMES: dict[str, Text] = {
    "record": Text("shown on the record of who was silent", "记入未履行方的履约记录"),
    "deem_complete": Text("deemed complete", "视为完整"),
    "escalate": Text("escalated to the authority", "移交主管部门"),
    "expire": Text("expired", "过期失效"),
    "deem_refused": Text("deemed refused", "视为拒绝"),
    "deem_granted": Text("deemed granted", "视为同意"),
    "close": Text("no longer taken in time", "停止按期受理"),
    "deem_filed": Text("deemed filed", "视为已备案"),
}
EVENTS: dict[str, Text] = {
    "access.request_submitted": Text("the request was submitted", "提交申请"),
    "access.request_supplied": Text("what was missing was supplied", "补正材料提交"),
    "access.request_complete": Text("the request was complete", "申请完整"),
    "access.survey_asked": Text("the survey was asked for", "提出现场勘察"),
    "access.request_accepted": Text("the survey was answered", "勘察答复"),
    "access.offer_made": Text("the offer was made", "提出要约"),
    "access.dispute_opened": Text("the dispute was opened", "提出争议"),
    "agreements.submitted": Text("the agreement was submitted", "协议提交审批"),
    "agreements.in_force": Text("the agreement came into force", "协议生效"),
    "works.announced": Text("the works were announced", "工程公布"),
    "works.join_asked": Text("the request to join was made", "提出加入申请"),
}
