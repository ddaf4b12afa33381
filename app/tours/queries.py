"""Where a person is on their tours."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from app.db.work import Reader
from app.tours.models import TourWalk
from app.tours.rules import Step, Tour, tours_for

_OWN = select(TourWalk).where(TourWalk.person_id == bindparam("person"))


@dataclass(frozen=True, slots=True)
class Walk:
    """A tour and how far the person has come on it; `status` None: never begun."""

    tour: Tour
    step: int = 0
    status: str | None = None

    @property
    def at(self) -> Step:
        return self.tour.steps[self.step]


def own_walks(reader: Reader) -> tuple[Walk, ...]:
    """Every tour of the actor's role, with how far the person has come."""
    reader.permit("tour.view")
    rows = {row.tour: row for row in reader.session.scalars(_OWN, {"person": reader.actor.user_id})}
    return tuple(_walk(tour, rows.get(tour.name)) for tour in tours_for(reader.actor))


def _walk(tour: Tour, row: TourWalk | None) -> Walk:
    return Walk(tour) if row is None else Walk(tour, min(row.step, len(tour.steps) - 1), row.status)
