"""Every page that can be opened, by every role of the demo: it answers in each state of its thing, Chinese pages hold no English
sentence, axe objects to nothing, nothing is wider than a phone, and the console stays free of errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import literal, select

from app.access.models import AccessRequest
from app.accounts import Organisation
from app.agreements.models import Agreement
from app.approvals.models import Approval
from app.assets import Asset
from app.exchange.models import ImportBatch
from app.listings import Listing
from app.listings.changing.models import BulkChange
from app.matching import Match, MatchRun
from app.needs import Need, NeedsList
from tests.support.story import Stage
from tests.support.visitor import DESK, PHONE, Door, Visitor, visitors, written

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROLES = [  # both languages by day and by night; a shape of page is looked at once in each language, by the first role that may
    ("owner", "zh_CN", "light"),
    ("requester", "en", "dark"),
    ("administration", "zh_CN", "dark"),
    ("regulator", "en", "light"),
    ("evaluator", "zh_CN", "light"),
    ("admin", "en", "dark"),
    (None, "zh_CN", "light"),
]
REFUSED = (403, 404, 410)
FILES = (".pdf", ".zip", ".xlsx")  # taken away, not opened
APART = ("/api/", "/static/", "/styleguide", "/language/", "/maps/", "/healthz", "/readyz", "/attachments/", "/ogc/", "/inbox/<")
ELSEWHERE = (*(part for part in APART if "<" not in part), "/inbox/", "/styleguide")
BITS = ("/progress", "/report", "/route")  # fragments and a file: they answer, and are no pages
UNFIT = 422  # what a fragment answers for a thing that it is not made for
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# without `assets` axe reads all style sheets anew, for an experimental rule that is not among these
ASK_AXE = """async () => {
  const said = await axe.run({ resultTypes: ['violations'], preload: { assets: ['media'] }, runOnly: { type: 'tag', values: %s } });
  return said.violations.flatMap(rule => rule.nodes.slice(0, 2).map(node => `${rule.id}: ${node.target} ${node.html.slice(0, 120)}`)) }"""
SHIFT = 0.02  # of the layout; what browsers call good ends at 0.1
ASK_SHIFT = """() => new Promise((tell) => { let sum = 0;
  new PerformanceObserver((seen) => { for (const shift of seen.getEntries()) if (!shift.hadRecentInput) sum += shift.value; })
    .observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => tell(sum), 20) })"""
LONG_NAME = "Shennandadao" * 16  # as people name things: nothing in it to break at
LENGTHEN = """([name, width]) => {
  document.querySelectorAll('main h1, .crumbs li > *, .card-title, .match-title a, .inbox-title, .cell-kind > a, .facts li, td a')
    .forEach(e => { if (!e.children.length) e.textContent = name });
  const right = e => e.getBoundingClientRect().right, inside = e => e.closest('.table-wrap, [tabindex="0"], details, svg');
  return [...document.querySelectorAll('main *')].filter(e => e.textContent.includes(name) && right(e) > width + 1 && !inside(e))
    .slice(0, 2).map(e => e.outerHTML.slice(0, 120)) }"""
UNREAD = ("script", "style", "noscript", "template")
VOID = ("meta", "link", "input", "br", "hr", "img", "col", "wbr", "source")
SENTENCE = re.compile(r"[A-Za-z][A-Za-z’'-]*(?:[ ,]+[A-Za-z][A-Za-z’'-]*){2,}")
NAMES = ("XLSX", "EPSG", "GeoJSON", "LINESTRING", "Infrashare")  # a list of formats or an example of WKT is no sentence
Wrong = list[str]


@pytest.fixture
def door(chromium: Browser, stage: Stage) -> Iterator[Door]:
    with visitors(chromium, stage) as made:
        yield made


@pytest.fixture(scope="module")
def imported(chromium: Browser, stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file with a sound row and a wrong one, uploaded by the owner and checked."""
    rows = "名称,编号,经度,纬度,结构形式,塔高,平台数\n甲塔,EP-1,114.05,22.60,单管塔,35,2\n乙塔,EP-2,114.06,22.61,单管塔,很高,2\n"
    with visitors(chromium, stage) as made:
        owner = made("owner", "zh_CN").open("/imports/new?subject=listings")
        owner.page.set_input_files('input[type="file"]', written(tmp_path_factory.mktemp("files"), "towers.csv", rows))
        owner.fill({"kind": "tower", "crs": "EPSG:4490"}).press(owner.page.locator('main form button[type="submit"]').first)
        stage.work()
        owner.open("/listings/?owner=mine").page.locator("[data-pick]").first.check()
        owner.press(owner.page.locator("#bulk .button-secondary"))
        owner.fill({"price_percent": "5"}).send("/listings/bulk/new")


def pages(app: Flask) -> list[str]:
    """The rules of all pages that are opened by GET."""
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return sorted(rule for rule in rules if not rule.startswith(APART) and not rule.endswith(FILES))


def references(stage: Stage) -> dict[str, list[dict[str, str]]]:
    """What fills the rules that name a thing: by the first part of the path, one of each state."""
    with stage.bus.database.read() as session:

        def some(model: type, count: int = 1) -> list[dict[str, str]]:
            state = getattr(model, "status", literal(""))
            by_state: dict[str, list[str]] = {}
            for ref, name in session.execute(select(model.ref, state).order_by(model.id)):  # type: ignore[attr-defined]
                by_state.setdefault(name, []).append(ref)
            return [{"ref": ref} for refs in by_state.values() for ref in refs[:count]]

        matched = (
            select(Need.ref, Listing.ref).join(Match, Match.need_id == Need.id).join(Listing, Listing.id == Match.listing_id)
        )
        requester = select(Organisation.id).where(Organisation.name_zh == "运营商甲")
        pair = session.execute(matched.where(Need.organisation_id.in_(requester)).order_by(Need.id)).first()
        assert pair is not None, "the requester has a match"
        return {
            "requests": some(AccessRequest, 2),
            "agreements": some(Agreement),
            "approvals": some(Approval),
            "assets": some(Asset),
            "listings": some(Listing),
            "needs": [*some(Need), {"ref": pair[0]}],
            "needs/lists": some(NeedsList),
            "match-runs": some(MatchRun),
            "imports": some(ImportBatch),
            "listings/bulk": some(BulkChange),
            "organisations": some(Organisation),
            "pair": [{"ref": pair[0], "listing_ref": pair[1]}],
            "invitation": [{"secret": "no-such-invitation"}],
            "password": [{"secret": "no-such-link"}],
        }


def section(rule: str) -> str:
    nested = next((name for name in ("needs/lists", "listings/bulk") if rule.startswith(f"/{name}/")), None)
    return nested or rule.strip("/").split("/")[0]


def put(rule: str, given: dict[str, str]) -> str:
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda name: given[name[1]], rule)


def filled(rule: str, refs: dict[str, list[dict[str, str]]]) -> list[str]:
    """The rule once for each thing that it may be of."""
    names = re.findall(r"<(?:[^:>]+:)?(\w+)>", rule)
    things: list[dict[str, str]] = [{}] if not names else refs["pair"] if "listing_ref" in names else refs.get(section(rule), [])
    return [put(rule, given) for given in things]


def addresses(stage: Stage) -> list[str]:
    """Every page once for each thing that it may be of, forms of each sort, and what is nowhere."""
    refs = references(stage)
    need, listing = refs["pair"][0]["ref"], refs["pair"][0]["listing_ref"]
    checked = refs["imports"][-1]["ref"]
    forms = ["/listings/new?kind=tower", "/listings/new?kind=cable", "/assets/new?kind=duct", "/needs/new?kind=room"]
    views = ["/listings/?owner=mine", "/listings/?kind=tower", "/needs/?mine=1", f"/needs/{need}?show=near", "/nowhere"]
    steps = [f"/requests/new?need={need}&listing={listing}", "/imports/new?subject=needs", f"/imports/{checked}?tab=columns"]
    steps += [f"/imports/{checked}?tab=problems", f"/listings/bulk/new?listing={listing}"]
    return [*(path for rule in pages(stage.app) for path in filled(rule, refs)), *forms, *views, *steps]


def test_the_story_has_something_of_everything(stage: Stage, imported: None) -> None:
    assert [section for section, found in references(stage).items() if not found] == []


class Reading(HTMLParser):
    """The texts of a page that are not marked as being English."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.within: list[bool] = [False]  # for every open element: is it passed over
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            language = dict(attrs).get("lang") or ""
            self.within.append(self.within[-1] or tag in UNREAD or language.startswith("en"))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.within.pop()

    def handle_data(self, data: str) -> None:
        if not self.within[-1] and data.strip():
            self.texts.append(data.strip())


def english(page: str) -> Wrong:
    """Texts that read as an English sentence."""
    return [text for text in Reading(page).texts if SENTENCE.search(text) and not any(name in text for name in NAMES)]


def shape(path: str) -> str:
    return re.sub(r"[0-9a-z]{13}", "…", path)


@pytest.fixture(scope="module")
def seen() -> set[tuple[str, str]]:
    """Language and shape of the pages that a role has looked at."""
    return set()


def ask(visitor: Visitor, paths: list[str]) -> tuple[Wrong, list[str]]:
    """What is wrong with the answers in Chinese, of these paths and of every other shape that a page leads to; of every shape of
    page the first that the visitor may open."""
    wrong: Wrong = []
    opened: dict[str, str] = {}
    queue, known = list(paths), {shape(path) for path in paths}
    for path in queue:
        answer = visitor.page.request.get(visitor.stage.url + path)
        bit = path.endswith(BITS)
        if answer.status not in (200, *REFUSED, *((UNFIT,) if bit else ())):
            wrong.append(f"{path}: {answer.status}")
        if bit or "text/html" not in answer.headers["content-type"]:
            continue
        page = answer.text()
        wrong += [f"{path}: {text}" for text in english(page)[:3]]
        if answer.status == 200 and (path == "/sign-in" or not answer.url.startswith(f"{visitor.stage.url}/sign-in")):
            opened.setdefault(shape(path), path)
        for link in re.findall(r'href="(/[^"#?]*)"', page):
            if shape(link) not in known and not link.startswith(ELSEWHERE):
                known.add(shape(link))
                queue.append(link)
    return wrong, list(opened.values())


def look(visitor: Visitor, path: str) -> Wrong:
    """What axe objects to, and what moved while the page came; what else is wrong with it as it stands in the browser, the visitor
    notes by itself."""
    visitor.page.goto(visitor.stage.url + path)
    shifted = visitor.page.evaluate(ASK_SHIFT)
    wrong = visitor.page.evaluate(ASK_AXE % RULES)
    if shifted > SHIFT:
        wrong.append(f"moves while it comes: {shifted:.3f}")
    visitor.look()
    visitor.page.set_viewport_size(PHONE)
    if spilt := visitor.page.evaluate(LENGTHEN, [LONG_NAME, PHONE["width"]]):
        wrong.append(f"a name without a space is wider than a phone: {spilt}")
    visitor.page.set_viewport_size(DESK)
    return [f"{path} {fault}" for fault in wrong]


@pytest.mark.parametrize(("role", "locale", "scheme"), ROLES)
def test_pages_answer_are_accessible_and_speak_one_language(
    door: Door,
    stage: Stage,
    imported: None,
    seen: set[tuple[str, str]],
    role: str | None,
    locale: str,
    scheme: Literal["light", "dark"],
) -> None:
    visitor = door(role, "zh_CN")
    wrong, opened = ask(visitor, addresses(stage))
    assert len(opened) >= (3 if role is None else 20), "the role finds its pages"
    visitor.page.context.add_init_script(Axe().axe_script)
    visitor.page.emulate_media(color_scheme=scheme)
    visitor.page.goto(f"{stage.url}/language/{locale}")
    visitor.locale, visitor.expected = locale, REFUSED
    for path in [*opened, "/nowhere"]:
        if (locale, shape(path)) not in seen:
            seen.add((locale, shape(path)))
            wrong += look(visitor, path)
    assert not wrong, "\n".join(wrong)
