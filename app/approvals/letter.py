"""A regulator's decision as a letter: its facts in words of one language, typeset. Made from the decision and the version that it is on, so
that the same decision gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.agreements import paper_name
from app.catalogue.profiles import Profile
from app.documents import official, typeset
from app.kernel.text import Text
from app.regions import region_name
from app.web import writing

WORDS: Mapping[str, Text] = {
    "decision": Text("Decision", "决定"),
    "conditions": Text("Conditions", "附带条件"),
    "condition": Text("What is to be done", "须完成的事项"),
    "obliged": Text("By whom", "落实单位"),
    "due": Text("By when", "期限"),
    "reasons": Text("Reasons", "理由"),
    "basis": Text("Basis", "依据"),
    "appeal": Text("What can be done against it", "救济途径"),
    "copies": Text("Copies to", "抄送"),
}
HEADINGS: Mapping[str, Text] = {
    "approved": Text("Approval of an Agreement on Sharing", "关于同意基础设施共享协议的决定"),
    "approved_with_conditions": Text(
        "Approval, under Conditions, of an Agreement on Sharing", "关于附条件同意基础设施共享协议的决定"
    ),
    "returned": Text("Return of an Agreement on Sharing", "关于退回基础设施共享协议的决定"),
    "refused": Text("Refusal of an Agreement on Sharing", "关于不予同意基础设施共享协议的决定"),
}
SAID: Mapping[str, Text] = {
    "approved": Text(
        "The agreement version named above is approved, exactly as it stands.", "同意上述协议版本，以该版本内容为准。"
    ),
    "approved_with_conditions": Text(
        "The agreement version named above is approved, exactly as it stands, under the conditions below.",
        "同意上述协议版本，以该版本内容为准，并附下列条件。",
    ),
    "returned": Text(
        "The agreement version named above is returned to its parties. They may amend and sign it, and submit it again; the capacity stays held "
        "for them meanwhile.",
        "上述协议版本退回协议双方。双方可修改并签署后重新提交，其间所涉容量继续保留。",
    ),
    "refused": Text(
        "The agreement version named above is not approved. The agreement ends and its capacity is free again.",
        "不予同意上述协议版本。协议终止，所涉容量予以释放。",
    ),
}
OPENING = Text(
    "The agreement of the following particulars was submitted to this authority on {day} as one of its competent regulators ({reason}). This "
    "authority has examined exactly this version, with the register and the ledger of its assets, and decides as follows.",
    "下列协议于{day}提交本机关审批，本机关为有权审批机关（{reason}）。本机关对该版本内容及所涉设施的登记与容量台账进行了审查，现决定如下。",
)
BASIS = Text("{profile}; {source}.", "{profile}；{source}。")
PROPOSED = Text("competence as proposed in the profile, without a citable clause", "审批权限为该规则的建议做法，尚无可引用条款")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a letter is made from. `content`, `content_hash`: of the version. `obliged`: of a condition, by role: owner, requester."""

    ref: str
    status: str
    authority: Mapping[str, str]
    capacity: str
    competent: Text
    submitted_at: datetime
    decided_at: datetime
    reasons: str
    conditions: Sequence[tuple[int, str, str, Any]]
    content: Mapping[str, Any]
    content_hash: str
    profile: Profile
    others: Sequence[Mapping[str, str]]


def letter_pdf(decision: Decision, locale: str, base_url: str) -> bytes:
    """The letter in a language; `base_url`: of the page that verifies it."""
    return typeset("decision", _facts(decision, locale, base_url))


def named(party: Mapping[str, str], locale: str) -> str:
    return (party.get("name_zh") if locale.startswith("zh") else None) or party["name"]


def _facts(decision: Decision, locale: str, base_url: str) -> dict[str, Any]:
    def say(words: Text) -> str:
        return words.in_(locale)

    content, zone = decision.content, decision.profile.time_zone
    number = say(Text("No. {number}", "编号：{number}")).format(number=decision.ref.upper())
    decided = writing.local_day(decision.decided_at, zone)
    heading = say(HEADINGS[decision.status])
    foot = say(Text("Decision {number}", "决定书 {number}")).format(number=decision.ref.upper())
    parties = [named(content["owner"], locale), named(content["requester"], locale)]
    comma = say(Text(", ", "、"))
    return {
        **official(
            locale,
            WORDS,
            title=f"{heading}: {content['title']}",
            keyword=paper_name("decision", decision.ref),
            foot=foot,
            digest=decision.content_hash,
            base_url=base_url,
        ),
        "issuer": named(decision.authority, locale),
        "number": number,
        "day": writing.day(decided, locale),
        "heading": heading,
        "subject": content["title"],
        "addressees": comma.join(parties),
        "opening": say(OPENING).format(
            day=writing.day(writing.local_day(decision.submitted_at, zone), locale), reason=say(decision.competent)
        ),
        "rows": _rows(decision, locale),
        "decision": say(SAID[decision.status]),
        "conditions": [
            [str(number_), text, named(content[role], locale), writing.day(due, locale)]
            for number_, text, role, due in decision.conditions
        ],
        "reasons": decision.reasons,
        "basis": _basis(decision, locale),
        "appeal": _appeal(decision.profile, locale),
        "copies": comma.join([*parties, *(named(other, locale) for other in decision.others)]),
    }


def _rows(decision: Decision, locale: str) -> list[list[str]]:
    content = decision.content
    version = Text("{number}, version {version}", "{number}，第 {version} 版").format(
        number=content["agreement"].upper(), version=content["number"]
    )
    rows = [
        (Text("Agreement", "协议"), version.in_(locale)),
        (Text("Owner", "权属单位"), named(content["owner"], locale)),
        (Text("Requester", "申请方"), named(content["requester"], locale)),
        (Text("Region", "所在地区"), region_name(content["region"]).in_(locale)),
        (Text("Assets", "所涉设施"), Text("; ", "；").in_(locale).join(_assets(content))),
        (Text("Purpose", "用途"), content["purpose"] or "–"),
    ]
    return [[label.in_(locale), value] for label, value in rows]


def _assets(content: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(line["asset"]["name"] for line in content["lines"]))


def _basis(decision: Decision, locale: str) -> str:
    authority = decision.profile.authority(decision.capacity)
    source = PROPOSED if authority is None or authority.source.is_proposal else authority.source.text
    return BASIS.in_(locale).format(profile=decision.profile.name.in_(locale), source=source.in_(locale))


def _appeal(profile: Profile, locale: str) -> str:
    if profile.appeal is None:
        return ""
    text, source = profile.appeal
    said = Text("proposed wording", "建议表述") if source.is_proposal else source.text
    return Text("{text} ({source})", "{text}（{source}）").format(text=text, source=said).in_(locale)
