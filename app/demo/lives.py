"""The demo's last days: the best match of some needs, each brought to another scene, so that every role finds something to do."""

from __future__ import annotations

from sqlalchemy import select

from app.access import answers
from app.access.service import CreateRequest, create_request
from app.demo import afterwards
from app.demo.dealing import Deal
from app.demo.stage import Stage
from app.demo.telling import Life
from app.listings import Listing
from app.matching import Match
from app.needs import Need, NeedsList

SCENES = ("waits_for_regulators", "asked", "in_force", "countered", "offered", "proposed", "built")
ASKED = 3  # days before today


def begin_lives(stage: Stage, needs_list: str) -> None:
    """One life on one asset: the power company's first, then those of other owners."""
    with stage.bus.database.read() as session:
        pairs = session.execute(
            select(Need.ref, Need.organisation_id, Listing.ref, Listing.owner_id)
            .join(Match, Match.need_id == Need.id)
            .join(Listing, Listing.id == Match.listing_id)
            .join(NeedsList, NeedsList.id == Need.needs_list_id)
            .where(Match.need_rank == 1, Need.kind.in_(("tower", "room")), NeedsList.ref == needs_list)
            .order_by(Need.id)
        ).all()
    grid = {stage.organisations["grid"], stage.organisations["grid_north"]}
    pairs = sorted(pairs, key=lambda pair: pair[1] != stage.organisations["carrier_a"])
    first_of = {pair[2]: pair for pair in reversed(pairs)}
    pairs = list(reversed(first_of.values()))
    for of_grid in (True, False):
        for (need, requester, listing, owner), scene in zip(
            (p for p in pairs if (p[3] in grid) is of_grid), SCENES, strict=False
        ):
            deal = Deal(stage, stage.of(requester), stage.of(owner))
            stage.telling.begin(ASKED, _live(deal, need, listing, scene))


def _live(deal: Deal, need: str, listing: str, scene: str) -> Life:
    bus = deal.stage.bus
    ref = bus.execute(create_request, deal.requester, CreateRequest(need, listing, "计划于明年一季度开通。", submit=True))
    if scene == "asked":
        return
    yield 2
    if scene == "countered":
        bus.execute(
            answers.counter_request,
            deal.owner,
            answers.CounterRequest(ref, message="可提供，价格略作调整。", price_minor=2_180_000),
        )
        return
    bus.execute(answers.accept_request, deal.owner, answers.AcceptRequest(ref, message="同意接入。"))
    if scene == "offered":
        return
    agreement = deal.draft(ref)
    if scene == "built":
        afterwards.with_ladder(bus, deal.owner, agreement)
    yield 1
    deal.sign(agreement)
    deal.submit(agreement)
    if scene == "waits_for_regulators":
        return
    yield from deal.decide(agreement, 1, apart=1, leave_one=scene == "proposed")
    if scene == "in_force":
        parties = (int(deal.owner.organisation_id or 0), int(deal.requester.organisation_id or 0))
        afterwards.make_ready(bus, deal.owner, agreement, parties)
    if scene == "built":
        afterwards.installed(bus, deal.requester, agreement)
        afterwards.accepted(bus, deal.owner, agreement)
