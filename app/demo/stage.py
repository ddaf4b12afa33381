"""Who acts in the demo's story, and when: the organisations by key, their people, and the time that is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select

from app.accounts.acting import actor_for, choices
from app.accounts.models import Membership, User
from app.db.work import Bus
from app.demo.telling import Telling
from app.kernel.actor import Actor, Role


@dataclass
class Stage:
    """The organisations by key, and everybody who acts for one. `files`: where documents are kept."""

    organisations: dict[str, int]
    people: dict[str, list[Actor]]
    telling: Telling
    files: Path

    @property
    def bus(self) -> Bus:
        return self.telling.bus

    @property
    def actors(self) -> dict[str, Actor]:
        return {key: found[0] for key, found in self.people.items()}

    def officers(self, organisation_id: int) -> list[Actor]:
        """A regulator's officers, each of whom has just given the password."""
        now = self.bus.clock.now()
        return [
            replace(actor, authenticated_at=now)
            for found in self.people.values()
            for actor in found
            if actor.organisation_id == organisation_id and Role.OFFICER in actor.roles
        ]

    def of(self, organisation_id: int) -> Actor:
        """Who acts for an organisation; a branch without people of its own is acted for by its head."""
        key = next(k for k, v in self.organisations.items() if v == organisation_id)
        return self.actors.get(key) or self.actors["grid"]


def people_of(bus: Bus, made: dict[str, int]) -> dict[str, list[Actor]]:
    """Everybody by the key of their organisation."""
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
