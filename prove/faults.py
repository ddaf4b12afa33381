"""`make prove-faults`: no invariant broken, no acknowledged change lost, no effect twice.

Everything that moves capacity, money or approvals, by the API and by jobs. Before each step takes effect, servers are killed at
points inside its transaction, the disk is full, PostgreSQL is killed; then it happens with a lost reply, a doubled click, or in two
tabs. SHORT=1: all of it happens, a fifth of it under faults. TEST_DATABASE=sqlite or postgresql: on one of the two.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock
from app.kernel.timewindow import Window
from app.ledger import Holder, expire_overdue, hold
from prove.chapters import STEPS
from prove.crash import DURABLE, crash, disk_full
from prove.failing import AFTER_COMMIT, Fault, serve
from prove.oracle import FIRST
from prove.sound import broken, changed, fingerprint, records
from prove.stage import SHORT, PostgresqlStage, Stage, postgresql_stage, sqlite_stage
from prove.story import Call, Job, Market, Step, open_market
from tests.support import databases
from tests.support.programs import API

ROUNDS = 1 if SHORT else 3
FILE_LIMIT = 33_000  # bytes: the index of SQLite's log fits, a transaction's pages do not
EVERY = 5  # in the short form, each so manieth step is told under faults
COMMIT = "approve, last: commit"
CRASHES = {"submit to the regulators", COMMIT}  # and disks and wrong clocks: what the short form does of them
DISKS = {COMMIT}
WRONG_CLOCKS = {"counter again, hold instead"}
ENDINGS = ("lost reply", "doubled click", "two tabs")


def say(line: str) -> None:
    print(line, flush=True)


@dataclass
class Trial:
    """One story on one database, told under faults."""

    stage: Stage
    market: Market
    round: int
    faults: list[str] = field(default_factory=list)
    killed: int = 0
    crashed: int = 0

    def tell(self) -> None:
        for number, step in enumerate(STEPS):
            if SHORT and number % EVERY and step.name not in CRASHES | DISKS | WRONG_CLOCKS:
                self._told(step)
                continue
            began, killed, crashed = time.monotonic(), self.killed, self.crashed
            ending = self._step(number, step)
            what = f"{self.killed - killed} servers and {self.crashed - crashed} times PostgreSQL killed"
            say(f"    {step.name}: {what}, then {ending} ({time.monotonic() - began:.1f} s)")
        self._expire()

    def _told(self, step: Step) -> None:
        """It happens, without a fault."""
        call = step.call(self.market)
        answer = call.send(None)
        self.judge(answer["status"] < 300, f"{step.name}: {answer}")
        self._kept(step, answer)

    def _kept(self, step: Step, answer: dict[str, Any]) -> None:
        if step.keep:
            self.market.made[step.keep] = answer["body"]["id"]

    def _does(self, step: Step, what: set[str], only_first: bool = True) -> bool:
        """Whether a step is told under a fault: in the short form those in `what`, else all (in the first round)."""
        return step.name in what if SHORT else self.round == 0 or not only_first

    def _step(self, number: int, step: Step) -> str:
        market, call = self.market, step.call(self.market)
        if isinstance(call, Call):
            call.client.get(f"{API}/me")  # the use of a token is noted now and then, in a transaction of its own: not in the step
        before, count = fingerprint(market.bus), records(market.bus)
        key = f"{self.round}-{step.name}" if call.method == "POST" else None
        counted = serve(self.market.app, lambda: call.send(None), Fault(count=True)).wait()
        points = int(counted["points"])
        self.judge(counted["use_case"] == step.use_case, f"{step.name}: {counted['use_case']} ran, not {step.use_case}")
        self._kill_at(self._points(points), lambda: call.send(key), before, step.name)
        if self._does(step, WRONG_CLOCKS):
            self._wrong_clocks(before, step.name)
        answer = self._full_disk(call, key, points, before, step.name) if self._does(step, DISKS) else None
        how = "the disk let it through"
        if answer is None:
            answer, how = self._end(number, step, call, key, points, before)
        self._kept(step, answer)
        left = records(market.bus) - count
        self.judge(left == step.records, f"{step.name}: {left} records instead of {step.records}")
        self.judge(not (wrong := broken(market.bus)), f"{step.name}: {wrong}")
        return how

    def judge(self, good: bool, otherwise: str) -> None:
        if not good:
            self.faults.append(otherwise)
            say(f"FAULT {otherwise}")

    def _points(self, points: int) -> list[int]:
        """Where servers are killed: everywhere in the first round; in the short form at the commit."""
        if SHORT:
            return [points]
        return list(range(1, points + 1)) if self.round == 0 else []

    def _unchanged(self, before: dict[str, str], what: str) -> None:
        """Not one row of any table differs: so what was sound before still is."""
        self.judge(not (now := changed(before, fingerprint(self.market.bus))), f"{what} changed {now}")

    def _kill_at(self, points: list[int], act: Callable[[], dict[str, Any]], before: dict[str, str], name: str) -> None:
        """A killed server acknowledged nothing and left nothing."""
        for point in points:
            said = serve(self.market.app, act, Fault(at=point)).wait()
            self.killed += 1
            self.judge(said["killed"] and "status" not in said, f"{name}: killed at {point}, it said {said}")
            self._unchanged(before, f"{name}: a server killed at {point}")

    def _wrong_clocks(self, before: dict[str, str], name: str) -> None:
        """Servers whose clocks are a year off sweep: nothing is over by the clock of the database."""
        for off in (366, -366):
            said = serve(self.market.app, lambda days=off: self._sweep(days)).wait()  # type: ignore[misc]
            self.judge(said.get("status") == 200, f"{name}: a sweep {off} days off said {said}")
        self._unchanged(before, f"{name}: a sweep by a wrong clock")

    def _sweep(self, off_days: int = 0) -> dict[str, Any]:
        bus = self.market.bus
        bus.clock = FixedClock(bus.clock.now() + timedelta(days=off_days))
        return {"status": 200, "body": bus.execute(lambda work, _: expire_overdue(work), SYSTEM, None)}

    def _full_disk(
        self, call: Call | Job, key: str | None, points: int, before: dict[str, str], name: str
    ) -> dict[str, Any] | None:
        """The answer where the disk still had room for all of it; else nothing is left."""
        if isinstance(self.stage, PostgresqlStage):
            server = serve(self.market.app, lambda: call.send(key), Fault(at=points, halt=True))
            server.hear()
            disk_full(self.stage.cluster, server)
            said = server.wait()
        else:
            said = serve(self.market.app, lambda: call.send(key), Fault(file_limit=FILE_LIMIT)).wait()
        if said.get("status", 500) < 300:
            return said
        self._unchanged(before, f"{name}: a full disk")
        return None

    def _end(
        self, number: int, step: Step, call: Call | Job, key: str | None, points: int, before: dict[str, str]
    ) -> tuple[dict[str, Any], str]:
        """Let it take effect, in one of several unlucky ways. Returns the answer and the way."""
        name = step.name
        ending = ENDINGS[(number + self.round) % len(ENDINGS)]
        if isinstance(self.stage, PostgresqlStage) and self._does(step, CRASHES, only_first=False):
            at = (max(1, points // 2), points, AFTER_COMMIT)[(number + self.round) % 3]
            self._crash(call, key, at, before, name)
            if at == AFTER_COMMIT and key is not None:
                return self._again(call, key, name), "a reply lost with PostgreSQL"
            if at == AFTER_COMMIT:
                return {"body": None}, "PostgreSQL killed after the commit"
        if key is None or (ending == "doubled click" and call.version is None):
            return self._once(call, key, name), "a plain call"
        if ending == "lost reply":
            said = serve(self.market.app, lambda: call.send(key), Fault(at=AFTER_COMMIT)).wait()
            self.judge(said["killed"] and "status" not in said, f"{name}: the reply was not lost: {said}")
            return self._again(call, key, name), ending
        return self._at_once(call, key if ending == "two tabs" else None, name), ending

    def _crash(self, call: Call | Job, key: str | None, at: int, before: dict[str, str], name: str) -> None:
        assert isinstance(self.stage, PostgresqlStage)
        server = serve(self.market.app, lambda: call.send(key), Fault(at=at, halt=True))
        server.hear()
        crash(self.stage.cluster, server)
        self.crashed += 1
        if at == AFTER_COMMIT:
            self.judge(bool(changed(before, fingerprint(self.market.bus))), f"{name}: lost with PostgreSQL after its commit")
        else:
            self._unchanged(before, f"{name}: PostgreSQL killed at {at}")

    def _once(self, call: Call | Job, key: str | None, name: str) -> dict[str, Any]:
        said = serve(self.market.app, lambda: call.send(key)).wait()
        self.judge(said.get("status", 500) < 300, f"{name}: {said}")
        return said

    def _again(self, call: Call | Job, key: str, name: str) -> dict[str, Any]:
        """The same call with the same key: the first answer, and nothing else happens."""
        after = fingerprint(self.market.bus)
        said = serve(self.market.app, lambda: call.send(key)).wait()
        self.judge(said.get("replayed", False) and said.get("status", 500) < 300, f"{name}: the replay said {said}")
        self._unchanged(after, f"{name}: a replay")
        return said

    def _at_once(self, call: Call | Job, key: str | None, name: str) -> dict[str, Any]:
        """Twice at the same time. With one key both may be answered, alike; without, one is refused."""
        servers = [serve(self.market.app, lambda: call.send(key)) for _ in range(2)]
        answers = [server.wait() for server in servers]
        good = [said for said in answers if said.get("status", 500) < 300]
        self.judge(all(said.get("status", 500) < 500 for said in answers), f"{name}: {answers}")
        self.judge(
            len(good) == 1 or (key is not None and len(good) == 2 and good[0]["body"] == good[1]["body"]), f"{name}: {good}"
        )
        return good[0]

    def _expire(self) -> None:
        """A hold that is over is ended once, however often the sweep is killed."""
        bus, asset = self.market.bus, self._asset()

        def take(work: Any, _: None) -> None:
            over = work.database_now + timedelta(seconds=2)
            hold(work, asset, "tower", {"load_kg": 1000}, Window(FIRST), Holder("prove", "short"), over)

        bus.execute(take, SYSTEM, None)
        time.sleep(2.5)
        before, count = fingerprint(bus), records(bus)
        points = int(serve(self.market.app, self._sweep, Fault(count=True)).wait()["points"])
        self._kill_at([points // 2, points] if SHORT else list(range(1, points + 1)), self._sweep, before, "expire")
        for server in [serve(self.market.app, self._sweep) for _ in range(2)]:
            self.judge(server.wait().get("status") == 200, "expire: a sweep failed")
        self.judge(records(bus) - count == 1, f"expire: {records(bus) - count} records instead of 1")
        self.judge(not broken(bus), f"expire: {broken(bus)}")
        say("    a hold that is over: ended once by two sweeps at a time")

    def _asset(self) -> int:
        from sqlalchemy import select

        from app.assets import Asset

        with self.market.bus.database.read() as session:
            return session.scalars(select(Asset.id).where(Asset.ref == self.market.made["asset"])).one()


def main() -> int:
    began, faults, killed, crashed = time.monotonic(), 0, 0, 0
    for kind in databases.kinds():
        opened: AbstractContextManager[Stage] = sqlite_stage() if kind == databases.SQLITE else postgresql_stage(DURABLE)
        with opened as stage, tempfile.TemporaryDirectory() as var:
            for number in range(ROUNDS):
                say(f"== {stage.name}, round {number + 1} of {ROUNDS}")
                trial = Trial(stage, open_market(stage.site().url, Path(var)), number)
                trial.tell()
                trial.market.bus.database.dispose()
                faults, killed, crashed = faults + len(trial.faults), killed + trial.killed, crashed + trial.crashed
    say(f"{killed} servers killed, PostgreSQL killed {crashed} times")
    say(f"{'PROVEN' if not faults else f'{faults} FAULTS'} in {time.monotonic() - began:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
