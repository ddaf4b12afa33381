"""The life of an agreement, and what its lines must say. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from app.catalogue.rent_terms import MOST_INDEX, RentTerms
from app.kernel.errors import Problem, declare, fail
from app.kernel.statemachine import Machine
from app.kernel.text import Text
from app.kernel.timewindow import Window

declare(
    "version_changed",
    HTTPStatus.CONFLICT,
    "The agreement changed since you read it: this is no longer its current version. Read it again, then decide.",
    "协议在您阅读之后已有变更，当前版本已不同。请重新阅读后再操作。",
)
declare("already_signed", HTTPStatus.CONFLICT, "Your organisation has signed this version already.", "本单位已签署该版本。")
declare("lines_unsound", HTTPStatus.UNPROCESSABLE_ENTITY, "Some lines need attention.", "部分容量条款需要修正。")

DRAFTING = frozenset({"drafted", "signed", "returned"})
LIVE = frozenset({"in_force", "make_ready", "installed", "accepted"})
AGREEMENT = Machine(
    name="agreement",
    subject=Text("The agreement", "协议"),
    states={
        "drafted": Text("draft", "草拟"),
        "signed": Text("signed by both", "双方已签"),
        "submitted": Text("with the regulators", "审批中"),
        "returned": Text("returned", "已退回"),
        "in_force": Text("in force", "已生效"),
        "make_ready": Text("make-ready under way", "施工准备中"),
        "installed": Text("installed, to be accepted", "已安装，待验收"),
        "accepted": Text("accepted as built", "已竣工验收"),
        "ended": Text("ended, removal due", "已终止，待拆除"),
        "removed": Text("ended and removed", "已终止并拆除"),
        "amended": Text("replaced by its amendment", "已由补充协议取代"),
        "refused": Text("refused", "未获批准"),
        "withdrawn": Text("withdrawn", "已撤回"),
    },
    transitions={
        "edit": (DRAFTING, "drafted"),
        "sign": (frozenset({"drafted"}), "drafted"),
        "complete": (frozenset({"drafted"}), "signed"),
        "submit": (frozenset({"signed"}), "submitted"),
        "return": (frozenset({"submitted"}), "returned"),
        "refuse": (frozenset({"submitted"}), "refused"),
        "enter_force": (frozenset({"submitted"}), "in_force"),
        "withdraw": (DRAFTING | {"submitted"}, "withdrawn"),
        "start_make_ready": (frozenset({"in_force"}), "make_ready"),
        "install": (frozenset({"in_force", "make_ready"}), "installed"),
        "correct": (frozenset({"installed"}), "in_force"),
        "accept_as_built": (frozenset({"installed"}), "accepted"),
        "carry_over": (frozenset({"in_force"}), "accepted"),
        "supersede": (LIVE, "amended"),
        "end": (LIVE, "ended"),
        "remove": (frozenset({"ended"}), "removed"),
    },
    labels={
        "edit": Text("change", "修改"),
        "sign": Text("sign", "签署"),
        "complete": Text("sign as the second party", "后签"),
        "submit": Text("submit", "提交"),
        "return": Text("return", "退回"),
        "refuse": Text("refuse", "否决"),
        "enter_force": Text("enter into force", "生效"),
        "withdraw": Text("withdraw", "撤回"),
        "start_make_ready": Text("start make-ready", "开始施工准备"),
        "install": Text("record the installation", "登记安装"),
        "correct": Text("return for correction", "退回整改"),
        "accept_as_built": Text("accept as built", "竣工验收"),
        "carry_over": Text("carry the acceptance over", "沿用原验收"),
        "supersede": Text("replace by an amendment", "以补充协议取代"),
        "end": Text("end", "终止"),
        "remove": Text("confirm the removal", "确认拆除"),
    },
    initial="drafted",
    final=frozenset({"removed", "amended", "refused", "withdrawn"}),
)
RIGHTS = {
    "lease": Text("lease", "租赁"),
    "iru": Text("indefeasible right of use", "不可撤销使用权"),
    "swap": Text("swap", "互换"),
    "cobuild_share": Text("share of a joint build", "共建份额"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One capacity line. Consideration: `price_minor` a year, or `against_line`, the number of another line. `amounts`:
    dimension → milli."""

    number: int
    asset_ref: str
    supplier_id: int
    beneficiary_id: int
    right: str
    amounts: dict[str, int]
    window: Window
    price_minor: int | None = None
    currency: str = "CNY"
    against_line: int | None = None
    listing_ref: str | None = None
    slots: dict[str, list[int]] = field(default_factory=dict)
    rent: RentTerms | None = None


def check_lines(lines: Sequence[Line], parties: frozenset[int]) -> None:
    """All that is wrong with the lines at once: parties, rights, amounts, and one consideration each, barter with a line the
    other way."""
    by_number = {line.number: line for line in lines}
    problems: list[Problem] = []

    def wrong(line: Line, field_name: str, en: str, zh: str) -> None:
        problems.append(Problem("invalid", Text(en, zh), pointer=f"/lines/{line.number - 1}/{field_name}"))

    if not lines:
        problems.append(
            Problem("required", Text("An agreement has at least one line.", "协议至少包含一条容量条款。"), pointer="/lines")
        )
    for line in lines:
        if line.supplier_id == line.beneficiary_id or not {line.supplier_id, line.beneficiary_id} <= parties:
            wrong(line, "supplier", "Supplier and beneficiary are the two parties.", "供方与受益方应为协议双方。")
        if line.right not in RIGHTS:
            wrong(line, "right", "Unknown right.", "未知的权利类型。")
        if not any(amount > 0 for amount in line.amounts.values()):
            wrong(line, "amounts", "Say how much of which capacity.", "请填写容量及数量。")
        if (line.price_minor is None) == (line.against_line is None):
            wrong(
                line, "price_minor", "Either a price, or another line in return.", "请填写价格，或以另一条款作为对价（二选一）。"
            )
        elif line.price_minor is not None and line.price_minor < 0:
            wrong(line, "price_minor", "A price is not negative.", "价格不能为负。")
        elif line.rent is not None and min(line.rent.base_minor, line.rent.site_minor, line.rent.power_minor) < 0:
            wrong(
                line,
                "price_minor",
                "Site and power intake are parts of the price: together not more than it.",
                "场地费与电力引入费是价格的组成部分，合计不得超过价格。",
            )
        elif line.rent is not None and not 0 <= line.rent.index_percent <= MOST_INDEX:
            wrong(line, "index_percent", "The yearly index is 0 to 25 %.", "年度递增率应为 0 至 25%。")
        elif line.against_line is not None and not _runs_back(line, by_number.get(line.against_line)):
            wrong(line, "against_line", "The line in return must run the other way.", "作为对价的条款方向应相反。")
    if problems:
        raise fail("lines_unsound", problems)


def _runs_back(line: Line, other: Line | None) -> bool:
    return other is not None and (other.supplier_id, other.beneficiary_id) == (line.beneficiary_id, line.supplier_id)
