"""The demo's story, told through the product's own use cases, so that its records are as real as anybody's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import answers
from app.access.service import CreateRequest, create_request
from app.accounts import Organisation
from app.accounts.acting import actor_for, choices
from app.accounts.models import Membership, User
from app.accounts.passwords import hash_password
from app.agreements.models import Agreement, AgreementVersion
from app.agreements.service import AcceptOffer, SignAgreement, accept_offer, sign_agreement
from app.approvals.deciding import Confirm, Decide, confirm, decide
from app.approvals.models import Approval
from app.approvals.queries import task_detail
from app.approvals.service import SubmitAgreement, submit_agreement
from app.db.work import Bus, UnitOfWork
from app.demo import afterwards, building, digging, fibre
from app.demo.asking import needs
from app.demo.cast import CITY, PASSWORD, PROVINCE, engage
from app.demo.ground import Ground
from app.demo.register import entries, list_one
from app.kernel.actor import SYSTEM, Actor, Role
from app.listings import Listing
from app.matching import Match, load_layer
from app.matching.run import run_now
from app.needs import Need
from app.needs.rounds import MoveRound, OpenRound, open_round, publish_round
from app.needs.service import CreateNeed, create_need

Say = Callable[[str], None]


@dataclass
class Stage:
    """The organisations by key, everybody who acts for one, and the first of them."""

    organisations: dict[str, int]
    people: dict[str, list[Actor]]

    @property
    def actors(self) -> dict[str, Actor]:
        return {key: found[0] for key, found in self.people.items()}

    def officers(self, organisation_id: int) -> list[Actor]:
        return [
            a for found in self.people.values() for a in found if a.organisation_id == organisation_id and Role.OFFICER in a.roles
        ]

    def of(self, organisation_id: int) -> Actor:
        """Who acts for an organisation; a branch without people of its own is acted for by its head."""
        key = next(k for k, v in self.organisations.items() if v == organisation_id)
        return self.actors.get(key) or self.actors["grid"]


def is_loaded(session: Session) -> bool:
    return session.scalar(select(Organisation.id).where(Organisation.is_demo).limit(1)) is not None


def load(bus: Bus, say: Say, every: int = 1) -> None:
    """Tell the story once, with every `every`-th asset. Each scene is one transaction or a few."""
    with bus.database.read() as session:
        if is_loaded(session):
            return
    say("organisations and people")
    hashed = hash_password(PASSWORD)
    made = bus.execute(lambda work, _: {k: o.id for k, o in engage(work, hashed).items()}, SYSTEM, None)
    stage = Stage(made, _people(bus, made))
    ground, today = Ground(), bus.today()
    listed = entries(ground, today)[::every]
    say(f"{len(listed)} assets and their listings")
    for owner in dict.fromkeys(entry.owner for entry in listed):
        actor = stage.actors.get(owner) or replace(stage.actors["grid"], organisation_id=made[owner])
        bus.execute(lambda work, mine: [list_one(work, e) for e in mine], actor, [e for e in listed if e.owner == owner])
    say("fibre of four owners")
    for owner in fibre.OWNERS:
        bus.execute(fibre.lay, stage.actors[owner], (owner, today))
    say("a needs list")
    round_ref = bus.execute(
        open_round,
        stage.actors["mca"],
        OpenRound(
            CITY,
            f"Shenzhen needs list {today.year}",
            today - timedelta(days=30),
            today + timedelta(days=30),
            f"深圳市{today.year}年共建共享需求清单",
        ),
    )
    asked = [*needs(ground, listed, today), *fibre.needs(today), *digging.needs(today)]
    bus.execute(load_layer, stage.actors["mca"], digging.layer(CITY))
    for key in dict.fromkeys(a.organisation for a in asked):
        bus.execute(
            lambda work, mine: [create_need(work, CreateNeed(round_ref, a.facts, submit=True)) for a in mine],
            stage.actors[key],
            [a for a in asked if a.organisation == key],
        )
    bus.execute(publish_round, stage.actors["mca"], MoveRound(round_ref))
    bus.execute(
        open_round,
        stage.actors["mca"],
        OpenRound(
            PROVINCE,
            f"Guangdong needs list {today.year + 1}",
            today - timedelta(days=5),
            today + timedelta(days=60),
            f"广东省{today.year + 1}年共建共享需求清单",
        ),
    )
    say("works that are announced")
    building.announce(bus, stage.actors)
    say("matching")
    run_now(bus, None, lambda percent, message: None)
    say("requests and agreements")
    _lives(bus, stage)


def _people(bus: Bus, made: dict[str, int]) -> dict[str, list[Actor]]:
    """Everybody by the key of their organisation, as if they had just given their password."""
    with bus.database.read() as session:
        today = bus.today()
        rows = session.execute(
            select(User, Membership.organisation_id).join(Membership, Membership.user_id == User.id).order_by(Membership.id)
        ).all()
        keys = {organisation: key for key, organisation in made.items()}
        found: dict[str, list[Actor]] = {}
        for user, organisation in rows:
            actor = actor_for(session, user, choices(session, user.id, today)[0])
            found.setdefault(keys[organisation], []).append(actor)
        return found


SCENES = ("waits_for_regulators", "asked", "in_force", "countered", "offered", "proposed", "built")


def _lives(bus: Bus, stage: Stage) -> None:
    """The best match of some needs, each brought to another scene: the power company's first, then those of other owners."""
    with bus.database.read() as session:
        pairs = session.execute(
            select(Need.ref, Need.organisation_id, Listing.ref, Listing.owner_id)
            .join(Match, Match.need_id == Need.id)
            .join(Listing, Listing.id == Match.listing_id)
            .where(Match.need_rank == 1, Need.kind.in_(("tower", "room")))
            .order_by(Need.id)
        ).all()
    grid = {stage.organisations["grid"], stage.organisations["grid_north"]}
    pairs = sorted(pairs, key=lambda pair: pair[1] != stage.organisations["carrier_a"])
    first_of = {pair[2]: pair for pair in reversed(pairs)}  # of each listing: one life on one asset
    pairs = list(reversed(first_of.values()))
    for of_grid in (True, False):
        for (need, requester, listing, owner), scene in zip(
            (p for p in pairs if (p[3] in grid) is of_grid), SCENES, strict=False
        ):
            _live(bus, stage.of(requester), stage.of(owner), need, listing, scene, stage)


def _live(bus: Bus, requester: Actor, owner: Actor, need: str, listing: str, scene: str, stage: Stage) -> None:
    ref = bus.execute(create_request, requester, CreateRequest(need, listing, "计划于明年一季度开通。", submit=True))
    if scene == "asked":
        return
    if scene == "countered":
        bus.execute(
            answers.counter_request, owner, answers.CounterRequest(ref, message="可提供，价格略作调整。", price_minor=2_180_000)
        )
        return
    bus.execute(answers.accept_request, owner, answers.AcceptRequest(ref, message="同意接入。"))
    if scene == "offered":
        return
    drafted = bus.execute(accept_offer, requester, AcceptOffer(ref))
    if scene == "built":
        afterwards.with_ladder(bus, owner, drafted.ref)
    digest = bus.execute(_hash_of, SYSTEM, drafted.ref)
    for party in (requester, owner):
        bus.execute(sign_agreement, party, SignAgreement(drafted.ref, digest))
    bus.execute(submit_agreement, requester, SubmitAgreement(drafted.ref))
    if scene == "waits_for_regulators":
        return
    for task, regulator, mode in bus.execute(_tasks, SYSTEM, drafted.ref):
        first, second = (replace(actor, authenticated_at=bus.clock.now()) for actor in stage.officers(regulator))
        if mode != "decide":
            bus.execute(decide, first, Decide(task, "note", digest))
            continue
        seen = bus.ask(task_detail, first, task).ledger_hash
        bus.execute(decide, first, Decide(task, "approve", digest, seen))
        if scene != "proposed":
            bus.execute(confirm, second, Confirm(task, digest, seen))
    if scene == "in_force":
        parties = (int(owner.organisation_id or 0), int(requester.organisation_id or 0))
        afterwards.make_ready(bus, owner, drafted.ref, parties)
    if scene == "built":
        afterwards.built(bus, requester, owner, drafted.ref)


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
        .where(Agreement.ref == ref)
        .order_by(Approval.id)
    )
    return [(row.ref, row.regulator_id, row.mode) for row in rows]
