"""Use cases of exemption cases: asked by an owner, decided with reasons by a competent authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from app.assets.disclosing.rules import DUTIES, EXEMPTION, check_choice, check_period, check_words, problem, refuse_problems
from app.assets.disclosing.service import visible_asset
from app.assets.disclosing.subjects import exemption_subject
from app.assets.facts import subject_of
from app.db.work import UnitOfWork
from app.disclosure import Exemption
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.permission import REGISTRY, allowed


@dataclass(frozen=True, slots=True)
class AskExemption:
    asset: str
    duty: str
    reason: str


@dataclass(frozen=True, slots=True)
class DecideExemption:
    """`action`: grant (with the last day), refuse, or end one that was granted; `decision`: the reasons."""

    ref: str
    action: str
    decision: str
    ends_on: date | None = None


def ask_exemption(work: UnitOfWork, command: AskExemption) -> str:
    """Open a case. The owner's managers. Raises `invalid`, also while another case on the same duty is open or granted."""
    asset = visible_asset(work, command.asset)
    work.permit("exemption.ask", subject_of(asset))
    refuse_problems(check_choice("duty", command.duty, DUTIES), check_words("reason", command.reason))
    standing = select(Exemption.id).where(
        Exemption.asset_id == asset.id, Exemption.duty == command.duty, Exemption.status.in_(("asked", "granted"))
    )
    running = standing.where((Exemption.expires_at.is_(None)) | (Exemption.expires_at > work.database_now))
    if work.session.scalar(running) is not None:
        raise fail(
            "invalid", [problem("standing", "duty", "There is a case on this duty already.", "该事项已有豁免申请或决定。")]
        )
    case = Exemption(
        asset_id=asset.id,
        owner_id=asset.owner_id,
        duty=command.duty,
        reason=command.reason.strip(),
        region=asset.region,
        status=EXEMPTION.initial,
        asked_at=work.now,
        asked_by=work.actor.user_id,
    )
    work.session.add(case)
    work.session.flush()
    told = exemption_subject(work, case).regulator_ids
    if not told:
        raise fail(
            "invalid",
            [problem("nobody", "asset", "No authority here is competent for this asset.", "平台上没有主管该设施的部门。")],
        )
    _tell(work, case, "asked", tuple(told), {}, {"duty": case.duty, "reason": case.reason})
    return case.ref


def withdraw_exemption(work: UnitOfWork, ref: str) -> str:
    """Take the case back before it is decided. The owner's managers."""
    case = _case(work, ref)
    subject = exemption_subject(work, case)
    work.permit("exemption.withdraw", subject)
    before, case.status = case.status, EXEMPTION.move(case.status, "withdraw")
    _tell(work, case, "withdrawn", tuple(subject.regulator_ids), {"status": before}, {"status": case.status})
    return ref


def decide_exemption(work: UnitOfWork, command: DecideExemption) -> str:
    """Decide with reasons. Officers of a competent regulator. A granted one ends by itself on its last day."""
    case = _case(work, command.ref)
    work.permit("exemption.decide", exemption_subject(work, case))
    if command.action not in ("grant", "refuse", "end"):
        raise fail("not_found")
    before, status = case.status, EXEMPTION.move(case.status, command.action)
    refuse_problems(
        check_words("decision", command.decision),
        check_period(None, command.ends_on, work.today) if command.action == "grant" else iter(()),
    )
    if command.action == "grant" and command.ends_on is not None:
        case.expires_at = datetime.combine(command.ends_on + timedelta(days=1), time(), work.zone).astimezone(UTC)
    case.status, case.decision, case.decided_at = status, command.decision.strip(), work.now
    case.decided_by, case.authority_id = work.actor.user_id, work.actor.organisation_id
    after = {"status": status, "decision": case.decision, "until": command.ends_on.isoformat() if command.ends_on else None}
    _tell(work, case, {"grant": "granted", "refuse": "refused", "end": "ended"}[command.action], (), {"status": before}, after)
    return case.ref


def _case(work: UnitOfWork, ref: str) -> Exemption:
    case = work.session.scalar(select(Exemption).where(Exemption.ref == ref).with_for_update())
    if case is None or not allowed(REGISTRY["exemption.view"], work.actor, exemption_subject(work, case)):
        raise fail("not_found")
    return case


def _tell(
    work: UnitOfWork, case: Exemption, verb: str, more: tuple[int, ...], before: dict[str, str], after: dict[str, str | None]
) -> None:
    told = tuple(sorted({case.owner_id, *more}))
    work.emit(Event(f"exemption.{verb}", "exemption", case.ref, told, before, after, case.region))
