"""Everything that a requester can ask about a hidden asset: every GET of the route map, pages and API and tiles, filled from a
scene; and what is different each time without meaning anything, taken out."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient

from app.db.work import Bus
from app.kernel.actor import Role
from tests.integration.main_job.test_tower_by_api import LISTING, NEED
from tests.support import people
from tests.support import programs as by
from tests.support.programs import Programs

HERE = (114.058, 22.543)
# random by design: tokens against forgery, ids of the request
RANDOM = (
    (re.compile(rb'name="csrf_token"[^>]*value="[^"]*"'), b""),
    (re.compile(rb'(csrf[^"]{0,12}content|data-csrf)="[^"]*"'), b""),
    (re.compile(rb'"request_id": ?"[0-9a-f]+"'), b""),
    (re.compile(rb'class="mono">[0-9a-f]{16}</span></p>'), b""),
)
# what stands in a path's place, by the path's first part; a newcomer that is not named here is asked for with a ref of nothing
PLACES = {
    "assets": "hidden",
    "listings": "listing",
    "needs": "need",
    "needs-lists": "round",
    "organisations": "owner",
    "closer-looks": "look",
    "cobuild-groups": "nothing",
}
LON, LAT = "114.058", "22.543"
# queries that ask about a place, by the rule of the route
QUERIES: dict[str, tuple[str, ...]] = {
    "/api/v1/listings": (
        f"lon={LON}&lat={LAT}&radius_m=900",
        f"lon={LON}&lat={LAT}&radius_m=90000",
        "bbox=114.05,22.53,114.07,22.56",
        "bbox=114.0579,22.5431,114.0581,22.5433",
        "region=440304",
        "q=monopole",
        "sort=price",
    ),
    "/listings/": (f"lon={LON}&lat={LAT}&radius_m=900", "bbox=114.05,22.53,114.07,22.56", "region=440304"),
    "/api/v1/assets": ("bbox=114.05,22.53,114.07,22.56", "owner=all", "region=440304"),
    "/assets/": ("owner=all",),
    "/api/v1/needs": ("bbox=114.05,22.53,114.07,22.56",),
    "/api/v1/routes": (f"kind=cable&from={LON},{LAT}&to=114.1,22.6&window_start=2027-01-01&window_end=2028-01-01",),
    "/routes": (f"kind=cable&a_lon={LON}&a_lat={LAT}&b_lon=114.1&b_lat=22.6",),
    "/needs/<ref>": ("show=near", "show=matches"),
    "/api/v1/needs/<ref>/matches": ("limit=1",),
}
TILES = ((8, 209, 111), (11, 1672, 893), (14, 13383, 7145), (17, 107067, 57164))


Answer = tuple[int, bytes, str | None]  # status, body, ETag


@dataclass
class Scene:
    """`hidden`: asset refs and where inside its cell each stands; the requester sees them at T1, or counts them."""

    app: Flask
    programs: Programs
    refs: dict[str, str]
    api: FlaskClient
    person: FlaskClient
    moved: list[tuple[str, str]] = field(default_factory=list)

    def move(self, asset: str, lon: float, lat: float) -> None:
        """The owner corrects where it stands; matching follows."""
        owner = self.programs.owner
        body = {"geometry": {"type": "Point", "coordinates": [lon, lat]}}
        owner.send(f"/assets/{asset}", body, version=owner.version(f"/assets/{asset}"), method="PATCH")
        self.programs.work_off()


def scene(app: Flask, bus: Bus, places: dict[str, tuple[float, float]]) -> Scene:
    """The owner opens a tower approximately (`hidden`) and one that may only be counted (`counted`); the requester needs one near
    them, so near the edge that where they stand inside their cells decides who serves it."""
    programs = by.shenzhen(app, bus)
    owner, asking = programs.owner, programs.requester
    refs = {"owner": owner.organisation, "nothing": "0" * 13}
    for name, tier in (("hidden", "T1"), ("counted", "T0")):
        lon, lat = places[name]
        asset = {**LISTING["asset"], "name": f"Tower {name}", "geometry": {"type": "Point", "coordinates": [lon, lat]}}
        made = owner.send("/listings", {**LISTING, "title": f"Mast {name}", "tier": tier, "asset": asset}, status=201)
        refs[name], refs["listing" if name == "hidden" else "counted_listing"] = made["asset"]["id"], made["id"]
    round_ = by.open_round(programs)
    refs["round"] = round_.rpartition("/")[2]
    need = {**NEED, "needs_list": refs["round"], "geometry": {"type": "Point", "coordinates": list(HERE)}}
    refs["need"] = asking.send("/needs", {**need, "radius_m": 700}, status=201)["id"]
    refs["other_need"] = asking.send("/needs", {**need, "radius_m": 1100}, status=201)["id"]
    by.publish_round(programs, round_)
    terms = {"tier": "T2", "purpose_code": "survey", "purpose": "Survey the site first", "ends_on": "2026-07-31"}
    refs["look"] = asking.send("/closer-looks", {**terms, "asset": refs["hidden"]}, status=201)["id"]
    programs.work_off()
    who = people.person(bus, people.Made(0, asking.organisation, ""), Role.MANAGER, name="Requester")
    return Scene(app, programs, refs, asking.client, people.signed_in(app, who))


def addresses(scene: Scene) -> Iterator[str]:
    """Every GET address of the map, for each need, with the queries that ask about places."""
    for rule in sorted(scene.app.url_map.iter_rules(), key=lambda one: one.rule):
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(
            ("/static", "/styleguide", "/language", "/healthz", "/readyz")
        ):
            continue
        for path in dict.fromkeys(_filled(scene, rule.rule)):
            yield path
            yield from (f"{path}?{query}" for query in QUERIES.get(rule.rule, ()))


def _filled(scene: Scene, rule: str) -> Iterator[str]:
    refs = scene.refs
    first = rule.removeprefix("/api/v1").strip("/").split("/")[0]
    if "<int:z>" in rule:
        yield from (rule.replace("<int:z>", str(z)).replace("<int:x>", str(x)).replace("<int:y>", str(y)) for z, x, y in TILES)
        return
    mains = [refs[PLACES.get(first, "nothing")]]
    mains += [refs["other_need"]] if first == "needs" else [refs["counted"]] if first == "assets" else []
    mains += [refs["counted_listing"]] if first == "listings" else []
    for main in mains:
        path = re.sub(r"<(?:[^<>]*:)?listing_ref>", refs["listing"], rule)
        path = re.sub(r"<any\(([^,)]+)[^>]*>", r"\1", path)
        path = re.sub(r"<(?:[^<>]*:)?ref>", main, path)
        yield re.sub(r"<[^<>]+>", "1", path)


def unpacked(body: bytes) -> bytes:
    """What is in a packed file, without the time of the packer's clock; anything else as it is."""
    if not body.startswith(b"PK\x03\x04"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return b"\n".join(name.encode() + b"\n" + packed.read(name) for name in packed.namelist() if name != "docProps/core.xml")


def answers(scene: Scene) -> dict[str, Answer]:
    """Status, body and ETag of every address."""
    found = {}
    for address in addresses(scene):
        is_page = not address.startswith(("/api/", "/maps/"))
        client = scene.person if is_page else scene.api
        answer = client.get(address, headers=people.PAGE if is_page else {})
        body = unpacked(answer.data)
        for pattern, instead in RANDOM:
            body = pattern.sub(instead, body)
        found[address] = (answer.status_code, body, answer.headers.get("ETag"))
    return found
