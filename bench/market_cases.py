"""People and open cases in a generated market: who has boards and a list of tasks, and what fills them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from app.access import AccessRequest
from app.access.service import CreateRequest, create_request
from app.accounts import Organisation
from app.accounts.acting import actor_for, choices
from app.accounts.models import User
from app.accounts.service import add_membership, create_person, grant_competence
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.errors import DomainError
from app.listings import Listing
from app.matching import Match
from app.needs import Need
from app.searches.service import SaveSearch, save_search
from bench.market import PASSWORD, REQUESTER

REQUESTS, SEARCHES = 300, 20
PEOPLE = {
    "requester": ("Carrier 0", REQUESTER),
    "owner": ("Owner 0", "owner@bench.invalid"),
    "administration": ("Administration", "administration@bench.invalid"),
    "regulator": ("Regulator", "regulator@bench.invalid"),
}


def open_cases(bus: Bus) -> Mapping[str, str]:
    """E-mail addresses by role, each of a manager. Makes the people, `REQUESTS` submitted requests and some saved searches where
    the market has none yet."""
    with bus.database.read() as session:
        made = session.scalar(select(func.count(AccessRequest.id)))
    if not made:
        bus.execute(lambda work, _: _people(work), SYSTEM, None)
        asker = _actor(bus, REQUESTER)
        for need, listing in _pairs(bus, asker):
            try:
                bus.execute(create_request, asker, CreateRequest(need, listing, submit=True))
            except DomainError as error:
                if error.code not in ("request_open", "outside_window", "not_matched"):
                    raise
        for number in range(SEARCHES):
            query = f"kind=tower&height_m_min={12 + number}&bbox=114.0,22.5,114.{number + 1:02d},22.6"
            bus.execute(save_search, asker, SaveSearch(f"Search {number}", query, "daily"))
    return {role: email for role, (_, email) in PEOPLE.items()}


def _people(work: UnitOfWork) -> None:
    from app.accounts import create_organisation

    regulator = create_organisation(work, name="Regulator", sector="power", kind="authority")
    grant_competence(work, regulator, authority="sector", level="province", sectors=["power"], regions=["440000"])
    for name, email in PEOPLE.values():
        if email != REQUESTER:
            person = create_person(work, email=email, name=name, password=PASSWORD, locale="en")
            organisation = work.session.scalars(select(Organisation).where(Organisation.name == name)).one()
            add_membership(work, person, organisation, Role.MANAGER)


def _actor(bus: Bus, email: str) -> Actor:
    with bus.database.read() as session:
        person = session.scalars(select(User).where(User.email == email)).one()
        return actor_for(session, person, choices(session, person.id, bus.clock.now().date())[0])


def _pairs(bus: Bus, asker: Actor) -> list[tuple[str, str]]:
    """A good match of each of some needs."""
    with bus.database.read() as session:
        best = (
            select(Match.need_id, func.min(Match.listing_id).label("listing_id"))
            .join(Need, Need.id == Match.need_id)
            .where(Need.organisation_id == asker.organisation_id)
            .group_by(Match.need_id)
            .order_by(Match.need_id)
            .limit(REQUESTS)
            .subquery()
        )
        pairs = select(Need.ref, Listing.ref).join(best, best.c.need_id == Need.id).join(Listing, Listing.id == best.c.listing_id)
        return [(need, listing) for need, listing in session.execute(pairs)]
