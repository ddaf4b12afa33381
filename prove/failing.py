"""Ends a server at a chosen point of a use case: a forked process that counts its statements and dies, or stops there to be
watched."""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import event

from app.db.work import Bus

LIMIT_S = 120.0
READS = ("SELECT", "PRAGMA", "SET", "SHOW", "SAVEPOINT", "RELEASE", "BEGIN")
AFTER_COMMIT = 10_000  # the point behind the last: committed, and the reply is lost


@dataclass
class Server:
    """A forked server that does one thing. `read`: what it said before it ended."""

    pid: int
    pipe: int
    said: dict[str, Any] = field(default_factory=dict)

    def wait(self) -> dict[str, Any]:
        """Its words: `status` and `body` when it acknowledged, `points` when asked to count."""
        chunks = []
        while chunk := os.read(self.pipe, 65536):
            chunks.append(chunk)
        os.close(self.pipe)
        _, how = os.waitpid(self.pid, 0)
        for line in b"".join(chunks).decode().splitlines():
            self.said |= json.loads(line)
        self.said["killed"] = os.WIFSIGNALED(how)
        return self.said

    def hear(self) -> dict[str, Any]:
        """The next thing that it says: that it stopped at its point."""
        line = b""
        while not line.endswith(b"\n"):
            byte = os.read(self.pipe, 1)
            if not byte:
                raise RuntimeError("the server ended before its point")
            line += byte
        said: dict[str, Any] = json.loads(line)
        return said


@dataclass(frozen=True, slots=True)
class Fault:
    """`at`: before which statement of the writing transaction that writes, its commit being the last (counted from 1); None:
    nowhere. `halt`: stop there to be watched, instead of dying. `file_limit`: bytes that any file may have. `count`: die at the
    commit and say how many points there are, and which use case it was."""

    at: int | None = None
    halt: bool = False
    file_limit: int | None = None
    count: bool = False


def serve(app: Flask, act: Callable[[], dict[str, Any]], fault: Fault = Fault()) -> Server:
    """Do `act` in a server of its own. Nothing may be connected to the database here."""
    bus: Bus = app.extensions["infrashare_bus"]
    bus.database.dispose()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return Server(pid, reader)
    os.close(reader)
    signal.alarm(int(LIMIT_S))
    for stream in (1, 2):  # a server that fails on purpose need not complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    try:
        _live(bus, act, fault, writer)
    finally:
        os._exit(0)


def _live(bus: Bus, act: Callable[[], dict[str, Any]], fault: Fault, writer: int) -> None:
    def say(**words: Any) -> None:
        os.write(writer, (json.dumps(words) + "\n").encode())

    seen = [0]

    def point() -> None:
        seen[0] += 1
        if seen[0] == fault.at:
            if fault.halt:
                halt()
            else:
                os.kill(os.getpid(), signal.SIGKILL)

    def halt() -> None:
        """Until somebody lets it go on, or kills it."""
        signal.signal(signal.SIGUSR1, lambda number, frame: None)
        say(halted=True)
        signal.pause()

    def statement(connection: Any, cursor: Any, sql: str, *others: Any) -> None:
        if connection.get_execution_options().get("writes", False) and not sql.lstrip().upper().startswith(READS):
            point()

    def committing(connection: Any) -> None:
        if connection.get_execution_options().get("writes", False):
            point()
            if fault.count:
                say(points=seen[0], use_case=running[-1])
                os.kill(os.getpid(), signal.SIGKILL)

    running, execute = [""], bus.execute

    def named(use_case: Any, *others: Any, **options: Any) -> Any:
        running.append(use_case.__name__)
        return execute(use_case, *others, **options)

    bus.execute = named  # type: ignore[method-assign]
    event.listen(bus.database.engine, "before_cursor_execute", statement)
    event.listen(bus.database.engine, "commit", committing)
    if fault.file_limit is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.file_limit, resource.RLIM_INFINITY))
    answer = act()
    if fault.at == AFTER_COMMIT:
        if fault.halt:
            halt()
        os.kill(os.getpid(), signal.SIGKILL)
    say(**answer)
