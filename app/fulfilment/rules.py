"""What happens to an agreement in force, and what each step must say: make-ready and who pays for it, as-built limits, grounds
for ending. Pure; the states themselves are the agreement's (agreements/rules.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from app.kernel.errors import Problem, declare, fail
from app.kernel.text import Text

declare(
    "as_built_exceeds",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "What is built is more than what was agreed. Correct it, or amend the agreement first.",
    "竣工数量超过协议约定，请整改，或先签订补充协议。",
)
declare("own_step", HTTPStatus.CONFLICT, "The other party answers this, not yours.", "此项须由对方答复。")
declare(
    "items_open",
    HTTPStatus.CONFLICT,
    "Make-ready is not finished: {count} items are open.",
    "施工准备未完成：尚有 {count} 项未办结。",
)
declare("no_ending", HTTPStatus.CONFLICT, "Nobody has proposed to end this agreement.", "尚无终止提议。")
declare("ending_open", HTTPStatus.CONFLICT, "An end is proposed already: answer it first.", "已有终止提议，请先答复。")
declare("removal_not_declared", HTTPStatus.CONFLICT, "The removal is not declared yet.", "尚未申报拆除。")

CAUSES = {
    "new_attachment": Text("for the new attachment", "为新增挂载"),
    "shared_benefit": Text("several benefit", "多方受益"),
    "existing_violation": Text("an earlier tenant's violation", "原有占用方违规"),
    "owner_upgrade": Text("the owner's own upgrade", "权属单位自行改造"),
}
WHO_PAYS = {
    "new_attachment": Text("The newcomer pays.", "由新增方承担。"),
    "shared_benefit": Text("Those who benefit pay, by their shares.", "由受益各方按份额承担。"),
    "existing_violation": Text("Who broke the rule pays, never the newcomer.", "由违规方承担，新增方不承担。"),
    "owner_upgrade": Text("The owner pays.", "由权属单位承担。"),
}
END_GROUNDS = {
    "term_over": Text("the term is over", "期限届满"),
    "agreed": Text("by agreement", "协商一致"),
    "breach": Text("breach of the agreement", "违约"),
    "asset_retired": Text("the asset is taken out of use", "设施停用"),
    "force_majeure": Text("force majeure", "不可抗力"),
}
PROPOSED_GROUNDS = tuple(ground for ground in END_GROUNDS if ground != "term_over")


@dataclass(frozen=True, slots=True)
class Share:
    """What one payer bears of a make-ready item. `payer`: id of a party, None for somebody outside, who has a `name`."""

    payer: int | None
    name: str
    minor: int


@dataclass(frozen=True, slots=True)
class MakeReady:
    """One piece of work before the installation. `weights`: party → share, where several benefit. `violator`: who broke the
    rule, by name or as a party."""

    title: str
    cause: str
    amount_minor: int
    weights: Mapping[int, int]
    violator: str = ""


def check_items(items: Sequence[MakeReady], owner_id: int, requester_id: int) -> None:
    """Everything that is wrong with the items at once."""
    problems: list[Problem] = []

    def wrong(number: int, name: str, en: str, zh: str) -> None:
        problems.append(Problem("invalid", Text(en, zh), pointer=f"/items/{number}/{name}"))

    for number, item in enumerate(items):
        if not item.title.strip():
            wrong(number, "title", "Say what is done.", "请填写工作内容。")
        if item.cause not in CAUSES:
            wrong(number, "cause", "Say why it is needed.", "请选择原因。")
        if item.amount_minor < 0:
            wrong(number, "amount_minor", "A cost is not negative.", "费用不能为负。")
        if item.cause == "existing_violation" and not item.violator.strip():
            wrong(
                number,
                "violator",
                "Name who broke the rule: the newcomer does not pay for it.",
                "请填写违规方：新增方不承担此项费用。",
            )
        if item.cause == "shared_benefit" and (
            not item.weights
            or min(item.weights.values()) < 0
            or not sum(item.weights.values())
            or not set(item.weights) <= {owner_id, requester_id}
        ):
            wrong(
                number,
                "weights",
                "Give each party's share: whole numbers, not all zero.",
                "请填写各方份额：非负整数，且不全为零。",
            )
    if problems:
        raise fail("invalid", problems)


def shares_of(item: MakeReady, owner_id: int, requester_id: int) -> list[Share]:
    """Who pays how much of an item; the shares add up to its amount, to the minor unit (largest remainder, then the lower id)."""
    match item.cause:
        case "new_attachment":
            return [Share(requester_id, "", item.amount_minor)]
        case "owner_upgrade":
            return [Share(owner_id, "", item.amount_minor)]
        case "existing_violation":
            return [Share(None, item.violator.strip(), item.amount_minor)]
    whole = sum(item.weights.values())
    exact = {party: divmod(item.amount_minor * weight, whole) for party, weight in item.weights.items()}
    left = item.amount_minor - sum(floor for floor, _ in exact.values())
    first = sorted(exact, key=lambda party: (-exact[party][1], party))[:left]
    return [Share(party, "", floor + (party in first)) for party, (floor, _) in sorted(exact.items())]


def check_as_built(built: Mapping[int, Mapping[str, int]], agreed: Mapping[int, Mapping[str, int]]) -> None:
    """`as_built_exceeds` where a line has more than was agreed. Line number → dimension → milli."""
    problems = [
        Problem("as_built_exceeds", Text("More than was agreed.", "超过协议约定。"), pointer=f"/built/{number}/{name}")
        for number, amounts in built.items()
        for name, amount in amounts.items()
        if amount > agreed.get(number, {}).get(name, 0)
    ]
    if problems:
        raise fail("as_built_exceeds", problems)
