"""The demo's story, told through the product's own use cases over the year up to today, so that its records are as real as
anybody's: they say the day on which each thing took effect, and when it was written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import Organisation
from app.accounts.passwords import hash_password
from app.db.work import Bus, UnitOfWork
from app.demo import building, digging, fibre
from app.demo.asking import Asked, needs
from app.demo.cast import CITY, PASSWORD, PROVINCE, engage
from app.demo.fates import Fates
from app.demo.ground import Ground
from app.demo.history import ROWS, wanted
from app.demo.lives import begin_lives
from app.demo.register import FIRST_OPENED, Entry, entries, list_one, openings
from app.demo.stage import Stage, people_of
from app.demo.telling import Life, Telling
from app.demo.tenants import tenant
from app.matching import load_layer
from app.matching.run import run_now
from app.needs.rounds import MoveRound, OpenRound, open_round, publish_round
from app.needs.service import CreateNeed, create_need
from app.needs.terms import Terms
from app.notices.service import mark_all_read

Say = Callable[[str], None]
ASKED_FOR = Terms(
    asks="Sites, ducts, fibre and machine rooms that you will need within three years and that another sector may already have. "
    "Enter each need once, also where you would rather build: what you would build alone is the yardstick of what sharing saves.",
    asks_zh="征集未来三年内所需、其他行业可能已有的站址、管道、光缆和机房资源。每项需求填报一次，拟自建的也应填报：独立建设方案是衡量共享成效的基准。",
)
# days before today
ENGAGED, FIBRE = 360, 350
QUARTERS, COLLECTED, MATCHES = (345, 262, 178, 96), 8, 10  # a list's needs are entered; days from then on
COLLECTS, ANNOUNCED, ASKED, READ, PUBLISHED, NEXT_LIST, MATCHED = 40, 33, 30, 12, 8, 5, 4


def is_loaded(session: Session) -> bool:
    return session.scalar(select(Organisation.id).where(Organisation.is_demo).limit(1)) is not None


def load(bus: Bus, say: Say, files: Path, every: int = 1) -> None:
    """Tell the story once, with every `every`-th asset. Each act is one transaction or a few. `files`: where documents are kept."""
    with bus.database.read() as session:
        if is_loaded(session):
            return
    say("organisations and people")
    telling = Telling(bus)
    plot = Plot(telling, say, files, entries(Ground(), telling.today)[::every])
    telling.begin(ENGAGED, plot.tell())
    telling.tell()


@dataclass
class Plot:
    """What happens to everybody, in order; the lives of single requests go on beside it."""

    telling: Telling
    say: Say
    files: Path
    listed: Sequence[Entry]

    def tell(self) -> Life:
        bus, today = self.telling.bus, self.telling.today
        hashed = hash_password(PASSWORD)
        made = engage(bus, hashed)
        self.stage = stage = Stage(made, people_of(bus, made), self.telling, self.files)
        self.say(f"{len(self.listed)} assets and their listings")
        batches: dict[int, list[tuple[int, Entry]]] = defaultdict(list)
        for number, (entry, day) in enumerate(zip(self.listed, openings(self.listed), strict=True)):
            batches[day].append((number, entry))
        yield FIRST_OPENED
        self._open(batches.pop(FIRST_OPENED))
        for day, batch in batches.items():
            self.telling.begin(day, self._later(batch))
        self.say("fibre of four owners")
        yield FIBRE
        for owner in fibre.OWNERS:
            bus.execute(fibre.lay, stage.actors[owner], (owner, today))
        self.say("a year of requests and agreements")
        fates = Fates(stage)
        for asks, until in pairwise((*QUARTERS, 0)):
            self.telling.begin(asks, self._quarter(asks, until, fates))
        yield COLLECTS
        yield from self._present_list()
        self.say("requests and agreements")
        begin_lives(stage, self.present)

    def _later(self, batch: Sequence[tuple[int, Entry]]) -> Life:
        self._open(batch)
        yield from ()

    def _open(self, batch: Sequence[tuple[int, Entry]]) -> None:
        """Each owner opens its part, with the tenants that are there already."""
        opened, today = self.telling.bus.today(), self.telling.today
        starts = min(opened.replace(day=1), date(today.year, 1, 1))

        def open_all(work: UnitOfWork, mine: Sequence[tuple[int, Entry]]) -> None:
            for number, entry in mine:
                entry = replace(entry, terms=replace(entry.terms, window_start=starts))
                tenant(work, entry, list_one(work, entry), number, opened)

        for owner in dict.fromkeys(entry.owner for _, entry in batch):
            actor = self.stage.actors.get(owner) or replace(
                self.stage.actors["grid"], organisation_id=self.stage.organisations[owner]
            )
            self.telling.bus.execute(open_all, actor, [one for one in batch if one[1].owner == owner])

    def _quarter(self, asks: int, until: int, fates: Fates) -> Life:
        """A needs list of the year, and what became of what was asked for in it. `asks`: days before today on which the needs are
        entered; `until`: the same of the next list."""
        bus, mca, today = self.telling.bus, self.stage.actors["mca"], self.telling.today
        told = bus.today()
        ref = bus.execute(open_round, mca, _of_quarter(told))
        rows = [row for row in ROWS if until - MATCHES < row.asked <= asks - MATCHES]
        found = list(wanted(Ground(asks), self.listed, today, told, rows))
        refs = self._ask(ref, [one.asked for one in found])
        yield asks - COLLECTED
        bus.execute(publish_round, mca, MoveRound(ref))
        yield asks - MATCHES
        run_now(bus, None, lambda percent, message: None)
        for one, need in zip(found, refs, strict=True):
            life = fates.life(ROWS.index(one.row), one.row, need)
            if life is not None:
                self.telling.begin(one.row.asked, life)

    def _present_list(self) -> Life:
        """This year's needs list, and the province's next one; works are announced meanwhile."""
        bus, mca, today = self.telling.bus, self.stage.actors["mca"], self.telling.today
        self.say("a needs list")
        opens, closes = bus.today(), today + timedelta(days=30)
        name = f"Shenzhen needs list {today.year}"
        ref = bus.execute(
            open_round, mca, OpenRound(CITY, name, opens, closes, f"深圳市{today.year}年共建共享需求清单", ASKED_FOR)
        )
        bus.execute(load_layer, mca, digging.layer(CITY))
        yield ANNOUNCED
        self.say("works that are announced")
        building.announce(bus, self.stage.actors)
        yield ASKED
        self._ask(ref, [*needs(Ground(20260803), self.listed, today), *fibre.needs(today), *digging.needs(today)])
        yield READ
        for people in self.stage.people.values():
            for actor in people:
                bus.execute(mark_all_read, actor, None)
        yield PUBLISHED
        bus.execute(publish_round, mca, MoveRound(ref))
        self.present = ref
        yield NEXT_LIST
        told = bus.today()
        bus.execute(
            open_round, mca, _round(PROVINCE, "Guangdong", "广东省", date(today.year + 1, 1, 1), told, today + timedelta(60))
        )
        yield MATCHED
        self.say("matching")
        run_now(bus, None, lambda percent, message: None)

    def _ask(self, round_ref: str, asked: Iterable[Asked]) -> list[str]:
        """Enter and submit needs, each organisation its own at once. Returns their refs in the order of `asked`."""
        asked = list(asked)
        refs: dict[int, str] = {}

        def ask_all(work: UnitOfWork, mine: Sequence[tuple[int, Asked]]) -> list[tuple[int, str]]:
            return [(place, create_need(work, CreateNeed(round_ref, one.facts, submit=True))) for place, one in mine]

        for key in dict.fromkeys(one.organisation for one in asked):
            mine = [(place, one) for place, one in enumerate(asked) if one.organisation == key]
            refs |= dict(self.telling.bus.execute(ask_all, self.stage.actors[key], mine))
        return [refs[place] for place in range(len(asked))]


def _of_quarter(told: date) -> OpenRound:
    """The quarter's list of the city, which collects for twenty days."""
    quarter = (told.month + 2) // 3
    return OpenRound(
        CITY,
        f"Shenzhen needs list {told.year}, quarter {quarter}",
        told,
        told + timedelta(days=20),
        f"深圳市{told.year}年第{'一二三四'[quarter - 1]}季度共建共享需求清单",
    )


def _round(region: str, name: str, name_zh: str, year: date, opens: date, closes: date) -> OpenRound:
    terms = replace(ASKED_FOR, publishes_on=closes + timedelta(10), must_state=("latest_start", "alternative.cost_minor"))
    return OpenRound(region, f"{name} needs list {year.year}", opens, closes, f"{name_zh}{year.year}年共建共享需求清单", terms)
