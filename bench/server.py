"""The product's own server on loopback, and clients that ask it for pages: latency as a browser or a program would see it."""

from __future__ import annotations

import asyncio
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from app.config import ROOT
from app.serve import THREADS, WORKERS
from bench import processor
from bench.databases import Place

START_LIMIT_S = 120.0
LIMIT_S, LEAST = 1.5, 2  # of one measurement, and the requests of each client whatever they take
DIRECT = build_opener(ProxyHandler({}))
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of single requests."""

    taken: Sequence[float]

    @property
    def p50(self) -> float:
        return round(statistics.median(self.taken), 2)

    @property
    def p95(self) -> float:
        return self._at(0.95)

    @property
    def p99(self) -> float:
        return self._at(0.99)

    def _at(self, share: float) -> float:
        ordered = sorted(self.taken)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2)


@dataclass(frozen=True, slots=True)
class Target:
    """One address to measure: what it is called, its path, and who asks."""

    name: str
    path: str
    headers: Headers


class Port(int):
    """Where a server listens; `processes`: its own, and its database's."""

    processes: tuple[int, ...] = ()

    def used(self) -> float:
        """Seconds of the processor so far."""
        return sum(processor.used(process) for process in self.processes)


@contextmanager
def serving(place: Place) -> Iterator[Port]:
    """gunicorn as in production, for the time of the block. Yields the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--worker-class",
        "gthread",
        "--workers",
        str(WORKERS),
        "--threads",
        str(THREADS),
        "--no-control-socket",
        "--bind",
        f"127.0.0.1:{port}",
        "--log-level",
        "warning",
        "wsgi:app",
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=place.environment)
    try:
        _wait(process, port)
        known = Port(port)
        known.processes = (process.pid, *([place.process] if place.process else []))
        yield known
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    limit = time.monotonic() + START_LIMIT_S
    while time.monotonic() < limit:
        if process.poll() is not None:
            raise RuntimeError(f"gunicorn ended with {process.returncode}")
        try:
            with DIRECT.open(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"gunicorn did not answer within {START_LIMIT_S:.0f} s")


def sign_in(port: int, email: str, password: str) -> str:
    """The Cookie header of a fresh session, made through the sign-in page."""
    address = f"http://127.0.0.1:{port}/sign-in"
    with DIRECT.open(address) as page:
        cookie = page.headers["Set-Cookie"].split(";")[0]
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.read().decode())
    if found is None:
        raise RuntimeError("no CSRF token on the sign-in page")
    form = urlencode({"csrf_token": found[1], "email": email, "password": password}).encode()

    class Stay(ProxyHandler):
        def http_error_303(self, request: Request, response: object, *rest: object) -> object:
            return response

    with build_opener(Stay({})).open(Request(address, form, {"Cookie": cookie})) as answer:
        return str(answer.headers["Set-Cookie"]).split(";")[0]


def measure(port: int, target: Target, requests: int, clients: int) -> Latency:
    """Up to `requests` in all, from `clients` that each wait for an answer before they ask again, in about `LIMIT_S`. Every
    answer must be 200."""
    return Latency(asyncio.run(_measure(port, target, requests, clients)))


async def _measure(port: int, target: Target, requests: int, clients: int) -> list[float]:
    lines = [
        f"GET {target.path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        *(f"{name}: {value}" for name, value in target.headers.items()),
    ]
    message = ("\r\n".join(lines) + "\r\n\r\n").encode()
    shares = await asyncio.gather(*(_client(port, message, target.path, max(requests // clients, 1)) for _ in range(clients)))
    return [value for share in shares for value in share]


async def _client(port: int, message: bytes, path: str, count: int) -> list[float]:
    taken: list[float] = []
    end = time.perf_counter() + LIMIT_S
    while len(taken) < count and (len(taken) < LEAST or time.perf_counter() < end):
        begin = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(message.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answer = await reader.read()
        taken.append((time.perf_counter() - begin) * 1000)
        writer.close()
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{path}: {answer[:300].decode(errors='replace')}")
    return taken
