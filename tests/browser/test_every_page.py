"""Every page that can be opened, by every role of the demo: it answers, axe objects to nothing, and Chinese pages hold no English sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select

from app.access.models import AccessRequest
from app.agreements.models import Agreement
from app.approvals.models import Approval
from app.assets import Asset
from app.listings import Listing
from app.matching import Match, MatchRun
from app.needs import Need, NeedsList
from tests.support.story import Stage
from tests.support.visitor import Door, Visitor, visitors

pytestmark = pytest.mark.browser
ROLES = ("owner", "requester", "administration", "regulator", "evaluator", "admin")
PREFIXES = ("/api/", "/static/", "/styleguide", "/language/", "/maps/", "/healthz", "/readyz", "/attachments/", "/invitation/", "/password/reset/", "/ogc/")
REFUSED = (403, 404)
TEXTS = """() => { const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) { const at = walk.currentNode.parentElement;
    if (at && !['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(at.tagName) && !at.closest('[lang^=en]')) found.push(walk.currentNode.data.trim()) }
  return found.filter(text => text) }"""
SENTENCE = re.compile(r"[A-Za-z][A-Za-z’'-]*(?:[ ,]+[A-Za-z][A-Za-z’'-]*){2,}")
NAMES = ("XLSX", "EPSG", "GeoJSON", "LINESTRING", "Infrashare")  # a list of formats or an example of WKT is no sentence


@pytest.fixture
def door(chromium: Browser, stage: Stage) -> Iterator[Door]:
    with visitors(chromium, stage) as made:
        yield made


def pages(app: Flask) -> list[str]:
    """The rules of all pages that are opened by GET."""
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.rule.startswith(PREFIXES)]
    return sorted(set(rules))


def references(stage: Stage) -> dict[str, list[dict[str, str]]]:
    """What fills the rules that name a thing: by the first part of the path, some of each state."""
    with stage.bus.database.read() as session:
        def some(model: type, count: int = 2) -> list[dict[str, str]]:
            by_state: dict[object, list[str]] = {}
            for ref, state in session.execute(select(model.ref, getattr(model, "status", model.id * 0)).order_by(model.id)):  # type: ignore[attr-defined]
                by_state.setdefault(state, []).append(ref)
            return [{"ref": ref} for refs in by_state.values() for ref in refs[:count]]

        pair = session.execute(select(Need.ref, Listing.ref).join(Match, Match.need_id == Need.id).join(Listing, Listing.id == Match.listing_id)).first()
        assert pair is not None
        return {
            "requests": some(AccessRequest), "agreements": some(Agreement), "approvals": some(Approval, 1), "assets": some(Asset, 1),
            "listings": some(Listing, 1), "needs": some(Need, 1), "needs/lists": some(NeedsList, 1), "match-runs": some(MatchRun, 1),
            "pair": [{"ref": pair[0], "listing_ref": pair[1]}],
        }


def addresses(stage: Stage) -> list[str]:
    """Every page once for each thing that it may be of."""
    refs, found = references(stage), []
    for rule in pages(stage.app):
        names = re.findall(r"<(?:[^:>]+:)?(\w+)>", rule)
        section = "needs/lists" if rule.startswith("/needs/lists/") else rule.strip("/").split("/")[0]
        things = [{}] if not names else refs["pair"] if "listing_ref" in names else refs.get(section, [])
        found += [re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda name, given=given: given[name[1]], rule) for given in things]
    pair = refs["pair"][0]
    return [*found, "/listings/new?kind=tower", "/listings/new?kind=cable", "/assets/new?kind=duct", "/needs/new?kind=room", "/imports/new?subject=needs",
            f"/requests/new?need={pair['ref']}&listing={pair['listing_ref']}", f"/needs/{pair['ref']}?show=near"]


def test_every_rule_is_filled(stage: Stage) -> None:
    """A new page that names a thing is walked too, or says here why not."""
    unfilled = {rule for rule in pages(stage.app) if "<" in rule and rule.strip("/").split("/")[0] not in references(stage)}
    assert unfilled <= {"/imports/<ref>", "/imports/<ref>/progress", "/imports/<ref>/report", "/inbox/<ref>", "/organisations/<ref>", "/organisations/<ref>/edit"}


def english(visitor: Visitor) -> list[str]:
    """Text on a page that reads as an English sentence."""
    return [text for text in visitor.page.evaluate(TEXTS) if SENTENCE.search(text) and not any(name in text for name in NAMES)]


@pytest.mark.parametrize(("role", "locale"), [*((role, "zh_CN") for role in ROLES), *((role, "en") for role in ROLES[:3])])
def test_pages_answer_are_accessible_and_speak_one_language(door: Door, stage: Stage, role: str, locale: str) -> None:
    visitor, axe, wrong = door(role, locale), Axe(), []
    seen: set[str] = set()  # in English one page of each shape, in Chinese one of each state
    for path in addresses(stage):
        shape = re.sub(r"[0-9a-z]{13}", "…", path)
        if locale == "en" and shape in seen:
            continue
        answer = visitor.page.request.get(stage.url + path, max_redirects=0)
        if answer.status not in (200, 302, 303, *REFUSED):
            wrong.append(f"{path}: {answer.status}")
        if answer.status != 200 or not answer.headers["content-type"].startswith("text/html"):
            continue
        visitor.open(path)
        if locale == "zh_CN":
            wrong += [f"{path}: {text}" for text in english(visitor)[:3]]
        if shape not in seen:
            for violation in axe.run(visitor.page).response["violations"]:
                wrong += [f"{path} {violation['id']}: {node['target']} {node['html'][:120]}" for node in violation["nodes"][:2]]
        seen.add(shape)
    assert len(seen) > 15, "the role finds its pages"
    assert not wrong, "\n".join(wrong)
