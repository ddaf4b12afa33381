"""The steps that every agreement of the demo's story takes: drafted from the offer, signed by both, submitted, decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.agreements.models import Agreement, AgreementVersion
from app.agreements.service import AcceptOffer, SignAgreement, accept_offer, sign_agreement
from app.approvals.conditions import MoveCondition, move_condition
from app.approvals.deciding import Confirm, Decide, confirm, decide
from app.approvals.decisions import ConditionAsked
from app.approvals.models import Approval, ApprovalCondition
from app.approvals.queries import task_detail
from app.approvals.service import SubmitAgreement, submit_agreement
from app.db.work import UnitOfWork
from app.demo.stage import Stage
from app.demo.telling import Life
from app.kernel.actor import SYSTEM, Actor

REASONS = {
    "return": "附图中的挂高与条款不一致，请核对最低导线净距后重新签署提交。",
    "refuse": "杆塔主材利用率已近限值，且拟挂高度处于导线安全距离之内，不予同意。",
}
CONDITION = "施工须安排在停电检修窗口内，由权属单位派员监护，并提交竣工照片。"


@dataclass(frozen=True, slots=True)
class Deal:
    """Who asks whom."""

    stage: Stage
    requester: Actor
    owner: Actor

    def draft(self, request: str) -> str:
        """Take the offer. Returns the agreement."""
        return self.stage.bus.execute(accept_offer, self.requester, AcceptOffer(request)).ref

    def sign(self, agreement: str) -> None:
        digest = self.stage.bus.execute(_hash_of, SYSTEM, agreement)
        for party in (self.owner, self.requester):
            self.stage.bus.execute(sign_agreement, party, SignAgreement(agreement, digest))

    def submit(self, agreement: str) -> None:
        self.stage.bus.execute(submit_agreement, self.requester, SubmitAgreement(agreement))

    def decide(
        self,
        agreement: str,
        days_ago: int,
        action: str = "approve",
        apart: int = 4,
        *,
        by_last: bool = True,
        leave_one: bool = False,
    ) -> Life:
        """Each regulator on its day, one officer proposing and another confirming. What is not an approval comes from the first of
        them or, `by_last`, the last. `leave_one`: the last is left proposed."""
        bus, deciding = self.stage.bus, []
        for task, regulator, mode in bus.execute(_tasks, SYSTEM, agreement):
            if mode != "decide":
                for officer in self.stage.officers(regulator)[:1]:
                    bus.execute(decide, officer, Decide(task, "note", bus.execute(_hash_of, SYSTEM, agreement)))
            else:
                deciding.append((task, regulator))
        for number, (task, regulator) in enumerate(deciding, 1):
            is_last = number == len(deciding)
            differs = is_last if by_last else number == 1
            yield days_ago - apart * number
            first, second = self.stage.officers(regulator)[:2]
            digest, seen = bus.execute(_hash_of, SYSTEM, agreement), bus.ask(task_detail, first, task).ledger_hash
            bus.execute(decide, first, self._decision(task, action if differs else "approve", digest, seen))
            if is_last and leave_one:
                return
            yield days_ago - apart * number - 1
            second = self.stage.officers(regulator)[1]
            bus.execute(confirm, second, Confirm(task, digest, seen))
            if differs and action in ("return", "refuse"):
                return  # the other tasks became void

    def _decision(self, task: str, action: str, digest: str, seen: str) -> Decide:
        if action != "approve_with_conditions":
            return Decide(task, action, digest, seen, reasons=REASONS.get(action))
        due_on = self.stage.bus.today() + timedelta(days=60)
        asked = ConditionAsked(CONDITION, self.requester.organisation_ref or "", due_on)
        return Decide(task, action, digest, seen, conditions=(asked,))

    def fulfil(self, agreement: str) -> None:
        """The requester reports what it was told to do, and the regulator agrees."""
        for ref, regulator in self.stage.bus.execute(_conditions, SYSTEM, agreement):
            bus = self.stage.bus
            bus.execute(move_condition, self.requester, MoveCondition(ref, "report", "检修窗口内完工，照片已上传。"))
            bus.execute(move_condition, self.stage.officers(regulator)[0], MoveCondition(ref, "accept"))


def _hash_of(work: UnitOfWork, ref: str) -> str:
    return (
        work.session.scalars(
            select(AgreementVersion.content_hash)
            .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
            .where(Agreement.ref == ref)
            .order_by(AgreementVersion.number.desc())
        ).first()
        or ""
    )


def _tasks(work: UnitOfWork, ref: str) -> list[tuple[str, int, str]]:
    rows = work.session.execute(
        select(Approval.ref, Approval.regulator_id, Approval.mode)
        .join(Agreement, Agreement.id == Approval.agreement_id)
        .where(Agreement.ref == ref, Approval.status == "waiting")
        .order_by(Approval.id)
    )
    return [(row.ref, row.regulator_id, row.mode) for row in rows]


def _conditions(work: UnitOfWork, ref: str) -> list[tuple[str, int]]:
    rows = work.session.execute(
        select(ApprovalCondition.ref, Approval.regulator_id)
        .join(Approval, Approval.id == ApprovalCondition.approval_id)
        .join(Agreement, Agreement.id == Approval.agreement_id)
        .where(Agreement.ref == ref)
        .order_by(ApprovalCondition.id)
    )
    return [(row.ref, row.regulator_id) for row in rows]
