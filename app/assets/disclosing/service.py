"""Use cases: ask for a closer look, answer it, give and order grants, take them back. One event each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from app.accounts import Organisation, administration_of, organisation_by_ref
from app.assets.disclosing.models import CloserLook
from app.assets.disclosing.rules import (
    LOOK,
    TIERS,
    check_choice,
    check_grade,
    check_period,
    check_words,
    problem,
    refuse_problems,
)
from app.assets.disclosing.subjects import competent_ids, grant_subject, look_subject
from app.assets.facts import facts_of, subject_of
from app.assets.models import Asset
from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.work import UnitOfWork
from app.disclosure import PURPOSES, Grant, Leave, Scope, is_exempt, open_to, tier_for, view
from app.kernel.errors import DomainError, fail
from app.kernel.event import Event
from app.kernel.permission import REGISTRY, Subject, allowed


@dataclass(frozen=True, slots=True)
class Terms:
    """How precisely, for what, from when to when (days, both included)."""

    tier: str
    purpose_code: str
    purpose: str
    ends_on: date | None
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class AskLook:
    """One `asset`, or what stands in `region` (of one `kind`) and is of `owner`; without an owner the administration answers."""

    terms: Terms
    asset: str | None = None
    owner: str | None = None
    region: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerLook:
    """`terms`: what is granted, None to refuse; `answer`: why."""

    ref: str
    terms: Terms | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """To whom (`organisation`) what is opened: one `asset`, or all of `owner` in `region`. `ground`: a regulator's order."""

    organisation: str
    terms: Terms
    asset: str | None = None
    owner: str | None = None
    region: str | None = None
    kind: str | None = None
    ground: str | None = None


@dataclass(frozen=True, slots=True)
class Revoke:
    ref: str
    reason: str


def ask_look(work: UnitOfWork, command: AskLook) -> str:
    """Ask to see more. Editors and above. Raises `invalid`, `look_not_needed`, `exempt_from_disclosure`."""
    requester = work.actor.organisation_id
    work.permit("closer_look.ask", Subject(requester_id=requester))
    _check(work, command.terms)
    terms = command.terms
    assert terms.ends_on is not None  # `_check` has asked for it
    look = CloserLook(
        requester_id=requester,
        tier=terms.tier,
        purpose_code=terms.purpose_code,
        purpose=terms.purpose.strip()[:200],
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        status=LOOK.initial,
        asked_at=work.now,
        asked_by=work.actor.user_id,
    )
    if command.asset is not None:
        _about_asset(work, look, command.asset)
    else:
        _about_area(work, look, command)
    work.session.add(look)
    work.session.flush()
    _tell_look(work, look, "asked", (look.owner_id or _administration(work, look),))
    return look.ref


def _about_asset(work: UnitOfWork, look: CloserLook, ref: str) -> None:
    asset = visible_asset(work, ref)
    facts = facts_of(work.session, [asset])[0]
    if (tier_for(work, facts) or Tier.T0) >= Tier[look.tier]:
        raise fail("look_not_needed")
    if work.session.scalar(select(is_exempt(asset.id))):
        raise fail("exempt_from_disclosure")
    look.asset_id, look.owner_id, look.region, look.kind = asset.id, asset.owner_id, asset.cell_region or "", asset.kind
    if work.session.scalar(
        select(CloserLook.id).where(
            CloserLook.requester_id == look.requester_id, CloserLook.asset_id == asset.id, CloserLook.status == "open"
        )
    ):
        raise fail(
            "invalid",
            [
                problem(
                    "asked",
                    "asset",
                    "You have asked already; the owner has not answered yet.",
                    "您已提出申请，权属单位尚未答复。",
                )
            ],
        )


def _about_area(work: UnitOfWork, look: CloserLook, command: AskLook) -> None:
    look.region, look.kind = _area(command.region, command.kind)
    if command.owner:
        look.owner_id = _organisation(work, command.owner, "owner")
    elif _administration(work, look) is None:
        raise fail(
            "invalid", [problem("nobody", "region", "Nobody here answers for this region.", "该地区没有可答复的主管部门。")]
        )


def _administration(work: UnitOfWork, look: CloserLook) -> int | None:
    found = administration_of(work.session, look.region)
    return None if found is None else found.id


def withdraw_look(work: UnitOfWork, ref: str) -> str:
    """Take the request back before it is answered. The requester's editors and above."""
    look = _look(work, ref)
    work.permit("closer_look.withdraw", look_subject(work, look))
    look.status = LOOK.move(look.status, "withdraw")
    _tell_look(work, look, "withdrawn", (look.owner_id or _administration(work, look),))
    return ref


def answer_look(work: UnitOfWork, command: AnswerLook) -> str:
    """Grant (perhaps less, or for a shorter time than asked) or refuse, with the reason. The owner's managers; where no owner is
    named the administration may only refuse, and orders otherwise."""
    look = _look(work, command.ref)
    subject = look_subject(work, look)
    work.permit("closer_look.answer" if look.owner_id is not None else "closer_look.pass_over", subject)
    look.answer, look.answered_at, look.answered_by = command.answer.strip() or None, work.now, work.actor.user_id
    if command.terms is None:
        refuse_problems(check_words("answer", command.answer))
        look.status = LOOK.move(look.status, "refuse")
        _tell_look(work, look, "refused", (look.requester_id,), reason=command.answer.strip())
        return look.ref
    if look.owner_id is None:
        raise fail("forbidden")
    _check(work, command.terms)
    scope = Scope(look.owner_id, look.asset_id, None if look.asset_id else look.region, None if look.asset_id else look.kind)
    made = open_to(work, scope, look.requester_id, Tier[command.terms.tier], _leave(work, command.terms, None, look.ref))
    look.grant_id, look.status = made.id, LOOK.move(look.status, "grant")
    _tell_look(work, look, "granted", (look.requester_id,), tier=made.tier)
    return look.ref


def open_asset(work: UnitOfWork, command: Open) -> str:
    """Open an asset or an area to an organisation. The owner's managers; with a ground, officers of a competent regulator. Returns
    the grant's ref. Raises `invalid`, `exempt_from_disclosure` for an order on an exempt asset."""
    _check(work, command.terms)
    grantee = _organisation(work, command.organisation, "organisation")
    tier, asset = Tier[command.terms.tier], None
    if command.ground is not None:
        refuse_problems(check_words("ground", command.ground))
    if command.asset:
        asset = visible_asset(work, command.asset)
        facts = facts_of(work.session, [asset])[0]
        subject, grade = subject_of(asset), asset.grade
        held = competent_ids(work.session, facts.owner_sector, asset.kind, asset.region)
        scope = Scope(asset.owner_id, asset.id)
    else:
        region, kind = _area(command.region, command.kind)
        owner_id = _organisation(work, command.owner, "owner") if command.owner else work.actor.organisation_id
        if owner_id is None:
            raise fail("forbidden")
        subject, grade = Subject(owner_id=owner_id, region=region), "general"
        held, scope = (
            competent_ids(work.session, work.session.get_one(Organisation, owner_id).sector, kind or "", region),
            Scope(owner_id, None, region, kind),
        )
    source = "owner" if command.ground is None else "order"
    refuse_problems(check_grade(grade, tier, source))
    if source == "order":
        work.permit("grant.order", Subject(regulator_ids=held, region=subject.region))
        if asset is not None and work.session.scalar(select(is_exempt(asset.id))):
            raise fail("exempt_from_disclosure")
    else:
        work.permit("grant.give", subject)
    made = open_to(work, scope, grantee, tier, _leave(work, command.terms, command.ground, None))
    _tell_grant(work, made, "ordered" if source == "order" else "given", {}, _facts(made))
    return made.ref


def revoke_grant(work: UnitOfWork, command: Revoke) -> str:
    """End a grant at once, for a reason. What the owner gave by its managers, an order by the officers of who ordered it. Raises
    `grant_bound` for one that belongs to a request or an agreement."""
    made = grant_row(work, command.ref)
    subject = grant_subject(work, made)
    by_order = made.source == "order"
    work.permit("grant.lift" if by_order else "grant.revoke", subject)
    if made.source == "agreement":
        raise fail("grant_bound")
    refuse_problems(check_words("reason", command.reason))
    made.revoked_at, made.revoke_reason = work.now, command.reason.strip()
    _tell_grant(work, made, "revoked", {"revoked_at": None}, {"revoked_at": work.now.isoformat(), "reason": made.revoke_reason})
    return made.ref


def visible_asset(work: UnitOfWork, ref: str) -> Asset:
    """The asset, or `not_found` where the actor sees no such one."""
    asset = work.session.scalar(select(Asset).where(Asset.ref == ref))
    if asset is None:
        raise fail("not_found")
    view(work, facts_of(work.session, [asset])[0])
    return asset


def grant_row(work: UnitOfWork, ref: str) -> Grant:
    """The grant, or `not_found` where it is not the actor's to see."""
    made = work.session.scalar(select(Grant).where(Grant.ref == ref).with_for_update())
    if made is None or not allowed(REGISTRY["grant.view"], work.actor, grant_subject(work, made)):
        raise fail("not_found")
    return made


def _look(work: UnitOfWork, ref: str) -> CloserLook:
    look = work.session.scalar(select(CloserLook).where(CloserLook.ref == ref).with_for_update())
    if look is None or not allowed(REGISTRY["closer_look.view"], work.actor, look_subject(work, look)):
        raise fail("not_found")
    return look


def _organisation(work: UnitOfWork, ref: str, name: str) -> int:
    try:
        return organisation_by_ref(work.session, ref).id
    except DomainError:
        raise fail("invalid", [problem("unknown_organisation", name, "There is no such organisation.", "没有该单位。")]) from None


def _area(region: str | None, kind: str | None) -> tuple[str, str | None]:
    if not region:
        raise fail("invalid", [problem("required", "region", "Say which asset, or which region.", "请指明设施或地区。")])
    if kind and kind not in KINDS:
        raise fail("invalid", [problem("unknown", "kind", "There is no such kind.", "没有该类别。")])
    return region, kind or None


def _check(work: UnitOfWork, terms: Terms) -> None:
    refuse_problems(
        check_choice("tier", terms.tier, TIERS),
        check_choice("purpose_code", terms.purpose_code, PURPOSES),
        check_words("purpose", terms.purpose),
        check_period(terms.starts_on, terms.ends_on, work.today),
    )


def _leave(work: UnitOfWork, terms: Terms, ground: str | None, reason_ref: str | None) -> Leave:
    """Days of the jurisdiction as instants; what begins today begins now."""

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), work.zone).astimezone(UTC)

    assert terms.ends_on is not None  # `_check` has asked for it
    starts_at = work.database_now if terms.starts_on is None or terms.starts_on <= work.today else midnight(terms.starts_on)
    until = midnight(terms.ends_on + timedelta(days=1))
    return Leave(terms.purpose_code, terms.purpose.strip(), starts_at, until, ground.strip() if ground else None, reason_ref)


def _facts(made: Grant) -> dict[str, str | None]:
    return {
        "tier": made.tier,
        "purpose_code": made.purpose_code,
        "purpose": made.purpose,
        "region": made.region,
        "kind": made.kind,
        "ground": made.ground,
        "starts_at": made.starts_at.isoformat(),
        "expires_at": made.expires_at.isoformat() if made.expires_at else None,
    }


def _tell_grant(work: UnitOfWork, made: Grant, verb: str, before: dict[str, None], after: dict[str, str | None]) -> None:
    told = tuple(sorted({made.owner_id, made.organisation_id}))
    work.emit(Event(f"grant.{verb}", "grant", made.ref, told, before, after, made.region))


def _tell_look(work: UnitOfWork, look: CloserLook, verb: str, told: tuple[int | None, ...], **more: str) -> None:
    concerned = tuple(sorted({look.requester_id, *(number for number in told if number is not None)}))
    before = {} if verb == "asked" else {"status": "open"}
    after = {"status": look.status, "tier": look.tier, "purpose_code": look.purpose_code, "purpose": look.purpose, **more}
    work.emit(Event(f"closer_look.{verb}", "closer_look", look.ref, concerned, before, after, look.region))
