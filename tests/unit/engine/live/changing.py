"""A small market that changes in every way a market can, and what a full run says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely

from app.engine import ListingRow, NeedRow, Params, Problem, problem_from_rows, solve
from app.engine.live import Affected, ListingAnswer, LiveIndex, Match, Miss, NeedAnswer
from tests.unit.engine import scenes
from tests.unit.engine.oracle import THING

Answers = tuple[dict[int, NeedAnswer], dict[int, ListingAnswer]]
CENTRES = ((174.8, -41.3), (179.999, -16.9), (20.0, 89.995))


def full_answers(problem: Problem, params: Params) -> Answers:
    """Every answer, by one solve."""
    result = solve(problem, replace(params, keep_pairs=True))
    needs, listings, pairs = problem.needs.id.tolist(), problem.listings.id.tolist(), result.pairs
    asked = {}
    for row, id_ in enumerate(needs):
        near = range(int(result.near.ptr[row]), int(result.near.ptr[row + 1]))
        columns = (result.near.score, result.near.distance_mm, result.near.fail, result.near.unstated)
        asked[id_] = NeedAnswer(
            id_,
            tuple(Match(listings[i], score, far) for i, score, far in result.by_need.of(row)),
            tuple(Miss(listings[int(result.near.listing[at])], *(int(c[at]) for c in columns)) for at in near),
            int(result.in_reach[row]),
            int(result.feasible[row]),
            tuple(result.rejected[row].tolist()),
        )
    reached, passing = np.zeros(len(listings), int), np.zeros(len(listings), int)
    if pairs is not None:
        np.add.at(reached, pairs.listing, 1)
        np.add.at(passing, pairs.listing[pairs.fail == 0], 1)
    offered = {
        id_: ListingAnswer(
            id_, tuple(Match(needs[n], s, d) for n, s, d in result.by_listing.of(row)), int(reached[row]), int(passing[row])
        )
        for row, id_ in enumerate(listings)
    }
    return asked, offered


@dataclass
class Market:
    """Rows by id, and one operation after another on them. `seed` decides everything."""

    seed: int
    kinds: tuple[Any, ...] = (THING,)
    listings: dict[int, ListingRow] = field(default_factory=dict)
    needs: dict[int, NeedRow] = field(default_factory=dict)
    spread_m: float = 3000
    areas: float = 0.1
    next_id: int = 1

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.centre = CENTRES[self.seed % len(CENTRES)]

    def problem(self) -> Problem:
        return problem_from_rows(self.kinds, self.listings.values(), self.needs.values())

    def fill(self, listings: int, needs: int) -> None:
        for _ in range(listings):
            row = self.new_listing()
            self.listings[row.id] = row
        for _ in range(needs):
            asked = self.new_need()
            self.needs[asked.id] = asked

    def new_id(self) -> int:
        """Ids rise, but not by one: an order by slot is not an order by id after a change."""
        self.next_id += int(self.rng.integers(1, 4))
        return self.next_id

    def place(self) -> shapely.Geometry:
        return scenes.near(self.rng, self.centre, self.spread_m)

    def line(self) -> shapely.LineString:
        begin = self.place()
        return shapely.LineString([begin, scenes.near(self.rng, (begin.x, begin.y), min(self.spread_m, 1500))])

    def listing_place(self) -> shapely.Geometry:
        dice = self.rng.random()
        if dice < self.areas and self.centre[1] < 80:
            return self.place().buffer(0.004)
        if dice < self.areas + 0.2 and self.centre[1] < 80:
            return self.line()
        return self.place()

    def new_listing(self) -> ListingRow:
        return scenes.listing(self.rng, self.new_id(), self.listing_place())

    def new_need(self) -> NeedRow:
        row = scenes.need(self.rng, self.new_id(), self.place())
        row = replace(row, radius_m=float(self.rng.choice([150, 600, 2500, 9000])))
        dice = self.rng.random()
        if dice < self.areas and self.centre[1] < 80:
            return replace(row, place=self.place().buffer(0.01), radius_m=float(self.rng.choice([0, 300])))
        if dice < self.areas + 0.1 and self.centre[1] < 80:
            return replace(row, place=self.line())
        return row

    def step(self) -> tuple[str, dict[str, Any]]:
        """One operation: its name, and what to tell a live index."""
        operations: tuple[Callable[[], dict[str, Any]], ...] = (
            self.add_listing, self.reprice, self.move_listing, self.claim, self.release, self.retotal, self.revalue,
            self.withdraw_listing, self.add_need, self.move_need, self.change_need, self.withdraw_need, self.many,
        )  # fmt: skip
        chosen = operations[int(self.rng.integers(len(operations)))]
        return chosen.__name__, chosen()

    def _some(self, rows: dict[int, Any]) -> Any:
        return rows[sorted(rows)[int(self.rng.integers(len(rows)))]] if rows else None

    def _put(self, row: ListingRow | None) -> dict[str, Any]:
        if row is None:
            return {}
        self.listings[row.id] = row
        return {"listings": [row]}

    def _ask(self, row: NeedRow | None) -> dict[str, Any]:
        if row is None:
            return {}
        self.needs[row.id] = row
        return {"needs": [row]}

    def add_listing(self) -> dict[str, Any]:
        return self._put(self.new_listing())

    def reprice(self) -> dict[str, Any]:
        row = self._some(self.listings)
        return self._put(row and replace(row, price_minor=int(self.rng.integers(0, 300)), currency="NZD"))

    def move_listing(self) -> dict[str, Any]:
        row = self._some(self.listings)
        return self._put(row and replace(row, place=self.listing_place()))

    def claim(self) -> dict[str, Any]:
        """A movement of the ledger: something is held or committed."""
        row = self._some(self.listings)
        return self._put(row and self._recapacity(row, lambda: scenes.quantity(self.rng), lambda: scenes.slots(self.rng, 8)))

    def release(self) -> dict[str, Any]:
        row = self._some(self.listings)
        if row is None:
            return {}
        freed = {name: replace(c, claims=c.claims[:-1]) for name, c in row.capacity.items()}
        return self._put(replace(row, capacity=freed))

    def retotal(self) -> dict[str, Any]:
        row = self._some(self.listings)
        return self._put(row and self._recapacity(row, lambda: scenes.quantity(self.rng), lambda: scenes.slots(self.rng, 3)))

    def _recapacity(self, row: ListingRow, amount: Callable[[], Any], numbered: Callable[[], Any]) -> ListingRow:
        dice = self.rng.random()
        changed = {"load_kg": amount()} if dice < 0.5 else {"core": numbered(), "rack": numbered()}
        return replace(row, capacity={**row.capacity, **changed})

    def revalue(self) -> dict[str, Any]:
        row = self._some(self.listings)
        if row is None:
            return {}
        return self._put(replace(scenes.listing(self.rng, row.id, row.place), capacity=row.capacity))

    def withdraw_listing(self) -> dict[str, Any]:
        row = self._some(self.listings)
        if row is None:
            return {"gone_listings": [10**9]}
        del self.listings[row.id]
        return {"gone_listings": [row.id]}

    def add_need(self) -> dict[str, Any]:
        return self._ask(self.new_need())

    def move_need(self) -> dict[str, Any]:
        row = self._some(self.needs)
        return self._ask(row and replace(self.new_need(), id=row.id))

    def change_need(self) -> dict[str, Any]:
        row = self._some(self.needs)
        return self._ask(row and replace(scenes.need(self.rng, row.id, row.place), radius_m=row.radius_m))

    def withdraw_need(self) -> dict[str, Any]:
        row = self._some(self.needs)
        if row is None:
            return {"gone_needs": [10**9]}
        del self.needs[row.id]
        return {"gone_needs": [row.id]}

    def many(self) -> dict[str, Any]:
        """Several at once, as one transaction makes them."""
        listings, needs = [self.new_listing() for _ in range(3)], [self.new_need()]
        changed = self._some(self.listings)
        gone = [changed.id] if changed else []
        for id_ in gone:
            del self.listings[id_]
        self.listings |= {row.id: row for row in listings}
        self.needs |= {row.id: row for row in needs}
        return {"listings": listings, "needs": needs, "gone_listings": gone}


def kept(standing: Answers, live: LiveIndex, affected: Affected, market: Market) -> None:
    """Bring what stands up to date by what a change affected alone."""
    for known, ids, rows in ((standing[0], affected.needs, market.needs), (standing[1], affected.listings, market.listings)):
        for gone in ids - rows.keys():
            known.pop(gone, None)  # type: ignore[attr-defined]
    for need in live.match_needs(sorted(affected.needs & market.needs.keys())):
        standing[0][need.need] = need
    for listing in live.match_listings(sorted(affected.listings & market.listings.keys())):
        standing[1][listing.listing] = listing
