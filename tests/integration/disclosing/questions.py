"""Everything that somebody can ask: every route of the map with every parameter that it reads, every link that a page shows, every
form that it could send.

What a route reads is noted while it reads it, so a new route or filter is asked by itself; one that takes a place in a new way fails until
PLACES says how to ask it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.test import TestResponse

from tests.contract.walk import judge, sending
from tests.contract.walk.judge import Route
from tests.contract.walk.scene import Scene, Visitor
from tests.integration.disclosing.requester import RANDOM, TILES, unpacked
from tests.support import people

LON, LAT = "114.058", "22.543"
THERE = "114.0845,22.571"
BOXES = ("114.05,22.53,114.07,22.56", "114.0579,22.5431,114.0581,22.5433", "114.0645,22.541,114.0697,22.545")
# what is asked together, where a route reads all of it
TOGETHER: tuple[dict[str, tuple[str, ...]], ...] = (
    {"lon": (LON,), "lat": (LAT,), "radius_m": ("300", "750", "900", "90000")},
    {
        "from": ("114.0645,22.553",),
        "to": (THERE,),
        "kind": ("cable",),
        "window_start": ("2027-01-01",),
        "window_end": ("2028-01-01",),
        "quantity": ("2",),
    },
    {"kind": ("cable",), "a_lon": ("114.0645",), "a_lat": ("22.553",), "b_lon": ("114.0845",), "b_lat": ("22.571",)},
    {"wkt": ("POLYGON ((114.05 22.53, 114.067 22.53, 114.067 22.545, 114.05 22.545, 114.05 22.53))",)},
    {"need": ("{need}",), "listing": ("{listing}", "{cable_listing}", "{open_listing}")},
    {"kind": ("tower", "cable"), "subject": ("listings",)},
    {"subject_type": ("access_request",), "subject": ("{request}",)},
)
# one question for each value, by the parameter's name
VALUES: dict[str, tuple[str, ...]] = {
    "bbox": BOXES,
    "region": ("440304", "440305", "440300"),
    "q": ("Mast",),
    "kind": ("tower", "cable"),
    "sort": ("price", "distance", "-distance", "score", "near", "-saved"),
    "owner": ("mine", "all", "{organisation}"),
    "sector": ("power",),
    "status": ("matched", "published"),
    "asset": ("{asset}",),
    "listing": ("{listing}", "{open_listing}"),
    "for_listing": ("{listing}",),
    "need": ("{need}", "{other_need}", "{route_need}"),
    "needs_list": ("{round}",),
    "list": ("{round}",),
    "organisation": ("{organisation}",),
    "from_listing": ("{cable_listing}",),
    "to_listing": ("{cable_listing}",),
    "a_listing": ("{cable_listing}",),
    "b_listing": ("{cable_listing}",),
    "free": ("platform:1", "platform:2"),
    "free.platform": ("1",),
    "radius_m": ("300", "700", "720", "1100"),
    "budget": ("10", "100000"),
    "budget_minor": ("10", "100000000"),
    "req.height_m": ("10", "39"),
    "req.mounts": ("1", "3"),
    "requirements": ('{"mounts": 1}', '{"height_m": 39}'),
    "price_minor_max": ("1000000", "2000000"),
    "show": ("near", "matches", "needs", "all"),
    "page": ("2",),
    "limit": ("1",),
    "gap_m": ("2000",),
    "alternatives": ("3",),
    "quantity": ("1", "20"),
    "loss_budget_db": ("1", "5"),
    "length_limit_m": ("2500", "3200"),
    "length_limit_km": ("2.5", "3.2"),
    "diversity": ("none", "risk"),
    "handover": ("1",),
    "handover_minor": ("100",),
    "build": ("1",),
    "build_minor_m": ("100",),
    "f": ("csv",),
    "subject_type": ("access_request",),
    "subject": ("{request}", "listings", "needs"),
    "ground": ("safety",),
    "hash": ("0" * 64,),
    "window_start": ("2027-06-01",),
    "window_end": ("2035-01-01",),
    "side": ("owner", "requester", "mine"),
}
# asked of what a parameter of another name takes: a number, a place, a thing
GUESSES = ("1", f"{LON},{LAT}", BOXES[0], "{listing}")
# they say where a page begins, or how it is shown
IDLE = frozenset({
    *("after", "before", "next", "v", "locale", "lang", "with", "change", "route", "csrf_token", "offset", "page", "month", "months"),
    *("mine", "unread", "outcome", "priority", "state", "form", "currency", "tier", "purpose", "purpose_code", "since", "until"),
})  # fmt: skip
NO_MARKET = ("/static", "/styleguide", "/language", "/healthz", "/readyz")
NO_PLACE = frozenset({"from_listing", "to_listing", "price_from", "price_to", "b_radius_m", "free_from"})
# how a route is asked about one place: by what it reads, all of one row
PLACES: tuple[dict[str, str], ...] = (
    {"lon": "{lon}", "lat": "{lat}", "radius_m": "{radius_m}"},
    {"kind": "cable", "from": "{lon},{lat}", "to": THERE, "window_start": "2027-01-01", "window_end": "2028-01-01"},
    {"kind": "cable", "a_lon": "{lon}", "a_lat": "{lat}", "b_lon": "114.0845", "b_lat": "22.571"},
    {"kind": "cable", "a_lon": "{lon}", "a_lat": "{lat}", "a_radius_m": "{radius_m}", "b_lon": "114.0845", "b_lat": "22.571"},
    {"wkt": "POINT ({lon} {lat})", "radius_m": "{radius_m}"},
    {"radius_m": "{radius_m}"},  # around a need
)
PLACED = re.compile(r"(^|_)(lon|lat|lng|near|point|radius|distance|around|bbox|box|x|y|from|to|within)(_|$)")
Answer = tuple[int, bytes, str | None]  # status, body, headers
READ: dict[str, set[str]] = defaultdict(set)  # rule of a route → the parameters that it reads
LINK = re.compile(r'(?:href|hx-get|src|data-(?:url|href|src|tiles|more))="(/[^"#]*)"')
GET_FORM = re.compile(r"<form(?![^>]*method=\"post\")[^>]*>.*?</form>", re.S | re.I)
FIELD = re.compile(r'<(?:input|select)[^>]*\bname="([^"]+)"')
TIMED = re.compile(rb'"timings": ?\{[^}]*\}|<b\s+class="num">[\d.]+</b>|<svg class="bar.*?</svg>', re.S)
# headers that are another each time: ids and instants of the answer, the sealed cookie, the length of what `noted` takes out
BY_CHANCE = frozenset({"date", "x-request-id", "set-cookie", "content-length", "server-timing"})
HASH = re.compile(rb"\b[0-9a-f]{64}\b|[0-9a-f]{128}")
NEXT = re.compile(rb'"(?:next|previous)": ?"([^"]+)"')


class Noting(ImmutableMultiDict[str, Any]):
    """A query string that notes who reads what of it."""

    def _note(self, name: object) -> None:
        if request and request.url_rule is not None and isinstance(name, str):
            READ[request.url_rule.rule].add(name)

    def __getitem__(self, key: str) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._note(key)
        return super().__contains__(key)

    def get(self, key: str, *more: Any, **options: Any) -> Any:
        self._note(key)
        return super().get(key, *more, **options)

    def getlist(self, key: str, *more: Any, **options: Any) -> list[Any]:
        self._note(key)
        return super().getlist(key, *more, **options)


def reading() -> Iterator[Route]:
    """Every route that reads something of the market."""
    for route in judge.routes():
        if route.method == "GET" and not route.path.startswith(NO_MARKET):
            yield route


@contextmanager
def noting(app: Flask) -> Iterator[None]:
    """While it lasts, what each route reads is noted."""
    usual = app.request_class
    app.request_class = type("NotingRequest", (usual,), {"parameter_storage_class": Noting})
    try:
        yield
    finally:
        app.request_class = usual


class Asking:
    """One visitor's questions and what was answered, in order."""

    def __init__(self, scene: Scene, variants: dict[str, list[str]], api: FlaskClient, person: FlaskClient) -> None:
        self.scene, self.variants, self.api, self.person = scene, variants, api, person
        self.refs = {name: thing.ref for name, thing in scene.things.items()}
        self.answers: dict[str, Answer] = {}
        self.answered: set[str] = set()  # rules of routes that gave what was asked for
        self.unknown: set[str] = set()  # parameters of a place that nobody said how to ask of

    def ask_all(self, closely: bool) -> None:
        """Every route that reads; `closely`: with every parameter, and what the pages and lists lead to."""
        links: dict[str, None] = {}
        for route in reading():
            links |= dict.fromkeys(self.ask_route(route, closely))
        for link in links if closely else ():
            self.ask(link)

    def ask_route(self, route: Route, closely: bool) -> list[str]:
        """About every object that it may be about; of the first, with every parameter. Where the answers lead to."""
        paths = list(dict.fromkeys(self.paths(route)))
        leading = [link for path in paths for link in self.ask(path)]
        if any(self.answers[path][0] < 400 for path in paths):
            self.answered.add(route.path)
        shut = (403,) if route.thing == judge.NO_OBJECT else (403, 404)
        if not closely or all(self.answers[path][0] in shut for path in paths):
            return leading
        asked: list[str] = []
        while (names := self.names(route, paths[0])) and (
            more := [path for path in self.closer(paths[0], names) if path not in self.answers]
        ):  # what is asked leads a route to read more
            for path in more:
                self.ask(path)
            asked += more
        self.unknown |= {f"{route.path}: {name}" for name in unplaced(names)}
        if any(self.answers[path][0] < 400 for path in asked):
            self.answered.add(route.path)
        return leading

    def closer(self, path: str, names: set[str]) -> list[str]:
        return list(dict.fromkeys(f"{path}?{urlencode(query)}" for query in queries(names, self.refs)))

    def paths(self, route: Route) -> Iterator[str]:
        if "<int:z>" in route.path:
            for z, x, y in TILES:
                yield route.path.replace("<int:z>", str(z)).replace("<int:x>", str(x)).replace("<int:y>", str(y))
            return
        own = sending.address(route, self.scene)
        yield own
        for other in self.variants.get(route.thing, ()):
            yield own.replace(self.refs[route.thing], other)

    def names(self, route: Route, path: str) -> set[str]:
        """The parameters that a route reads, once it was asked."""
        return READ[route.path] | self.form_names(path)

    def form_names(self, path: str) -> set[str]:
        """The fields of the forms that a page sends as a question."""
        page = self.answers[path][1].decode("utf-8", "replace")
        return {name for form in GET_FORM.findall(page) for name in FIELD.findall(form)}

    def ask(self, path: str) -> Iterator[str]:
        """Ask once; what the answer leads to."""
        if path in self.answers:
            return iter(())
        is_page = not path.startswith(("/api/", "/ogc/", "/maps/"))
        answer = (self.person if is_page else self.api).get(path, headers=people.PAGE if is_page else {})
        self.answers[path] = noted(answer)
        return leads(answer)

    def send_all(self) -> None:
        """Every change, as it could be tried; nothing of it remains."""
        required = sending.required_of(self.scene)
        csrf = people.csrf(self.person, "/account")
        for route in judge.routes():
            if route.method != "GET":
                client = self.person if route.is_page else self.api
                visitor = Visitor(client, csrf=csrf if route.is_page else "")
                answer = sending.answer(self.scene, route, visitor, required)
                self.answers[f"{route.method} {route.path}"] = noted(answer)


def about(names: set[str], lon: float, lat: float, radius_m: float) -> Iterator[str]:
    """The queries that ask a route, which reads `names`, about a circle."""
    given = {"lon": lon, "lat": lat, "radius_m": radius_m}
    for place in PLACES:
        if set(place) <= names:
            yield urlencode({name: value.format(**given) for name, value in place.items()})


def unplaced(names: set[str]) -> set[str]:
    """Parameters that look like a place and are in no row of PLACES: say how to ask about a place with them."""
    known = set().union(*PLACES) | {"bbox"}
    return {name for name in names - known if PLACED.search(name) and name not in IDLE | NO_PLACE}


def _joint(name: str) -> bool:
    return any(name in together for together in TOGETHER)


def queries(names: set[str], refs: dict[str, str]) -> Iterator[dict[str, str]]:
    """What to ask of a route that reads `names`: what belongs together, together; then each parameter, beside the first of these."""
    base: dict[str, str] = {}
    for together in TOGETHER:
        if set(together) <= names:
            first = {name: _filled(values[0], refs) for name, values in together.items()}
            base = base or first
            yield from ({**first, name: _filled(value, refs)} for name, values in together.items() for value in values)
    for name in sorted(names - IDLE):
        for value in VALUES.get(name, () if _joint(name) else GUESSES):
            yield {**base, name: _filled(value, refs)}


def _filled(value: str, refs: dict[str, str]) -> str:
    return refs[value[1:-1]] if value.startswith("{") and value[1:-1] in refs else value


def leads(answer: TestResponse) -> Iterator[str]:
    """Where a page links to, and the pages that follow in a list."""
    if answer.mimetype == "text/html":
        found = [unescape(link) for link in LINK.findall(answer.text)]
    else:
        found = [link.decode() for link in NEXT.findall(answer.data)]
    for link in found:
        parts = urlsplit(link)
        if parts.path.startswith("/") and not parts.path.startswith(NO_MARKET):
            yield f"{parts.path}?{parts.query}" if parts.query else parts.path


def noted(answer: TestResponse) -> Answer:
    """Without what is random by design."""
    body = unpacked(answer.data)
    if "/match-runs" in answer.request.path:
        body = TIMED.sub(b"", body)  # how long the engine took
    if "/evidence" in answer.request.path:
        body = HASH.sub(b"", body)  # of others' records, each with 65 bits of chance in it: nobody finds a place by its hash
    for pattern, instead in RANDOM:
        body = pattern.sub(instead, body)
    said = sorted(f"{name}: {value}" for name, value in answer.headers.items() if name.lower() not in BY_CHANCE)
    return answer.status_code, body, "\n".join(said)
