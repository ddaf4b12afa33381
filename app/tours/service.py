"""Go to a step of a tour, or leave it. A person's own place, not a change of the marketplace: no event."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import update

from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.tours.models import TourWalk
from app.tours.rules import Step, tours_for


@dataclass(frozen=True, slots=True)
class GoTo:
    """`step`: from 0; behind the last one the tour is finished."""

    tour: str
    step: int


def go_to(work: UnitOfWork, command: GoTo) -> Step | None:
    """Be at a step; another tour that runs is left. Returns the step, None when the tour is over. Raises `not_found` for a tour that is
    not the actor's."""
    work.permit("tour.take")
    person = work.actor.user_id
    tour = next((one for one in tours_for(work.actor) if one.name == command.tour), None)
    if tour is None or person is None or not 0 <= command.step <= len(tour.steps):
        raise fail("not_found")
    leave(work)
    over = command.step == len(tour.steps)
    row = work.session.get(TourWalk, (person, tour.name))
    if row is None:
        row = TourWalk(person_id=person, tour=tour.name)
        work.session.add(row)
    row.step = len(tour.steps) - 1 if over else command.step
    row.status, row.updated_at = "finished" if over else "running", work.now
    return None if over else tour.steps[command.step]


@dataclass(frozen=True, slots=True)
class Decline:
    """Not now: the tour is not offered again by itself."""

    tour: str


def decline(work: UnitOfWork, command: Decline) -> None:
    """Leave what runs, and the tour named, even before it began. Raises `not_found`."""
    go_to(work, GoTo(command.tour, 0))
    leave(work)


def leave(work: UnitOfWork, command: None = None) -> None:
    """Leave the tour that runs, if one does; it can be taken up where it was left."""
    work.permit("tour.take")
    work.session.execute(
        update(TourWalk)
        .where(TourWalk.person_id == work.actor.user_id, TourWalk.status == "running")
        .values(status="left", updated_at=work.now)
        .execution_options(synchronize_session="fetch")
    )
