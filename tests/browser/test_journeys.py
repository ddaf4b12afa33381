"""The main job by hand: every role at its own browser, from a listing to committed capacity, in both languages; and what may
go otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.story import Stage
from tests.support.visitor import Door, Visitor, visitors, written

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NEXT = date.today().year + 1
FIRST, LAST = f"{NEXT}-01-01", f"{NEXT + 4}-12-31"
PLACES = {"en": (113.935, 22.725), "zh_CN": (114.335, 22.705)}


@pytest.fixture
def door(chromium: Browser, stage: Stage) -> Iterator[Door]:
    with visitors(chromium, stage) as made:
        yield made


def lists_a_tower(owner: Visitor, name: str, lon: float, lat: float) -> str:
    """Returns the path of the listing."""
    owner.open("/").open("/listings/new").follow("kind=tower")
    owner.fill(
        {
            "asset.name": name,
            "asset.owner_ref": name,
            "asset.lon": str(lon),
            "asset.lat": str(lat),
            "asset.attributes.structure": "monopole",
            "asset.attributes.structure_height_m": "40",
            "asset.capacity.platform": "3",
            "asset.capacity.load_kg": "500",
            "asset.capacity.wind_area_m2": "6",
            "asset.capacity.power_kw": "8",
            "title": name,
            "window_start": f"{NEXT - 1}-01-01",
            "window_last": f"{NEXT + 9}-12-31",
            "price": "12,000",
        }
    )
    owner.send("/listings/new", '[name="publish"]').reads("open", "开放")
    return owner.path


def opens_a_list(administration: Visitor, name: str) -> str:
    """Returns the path of the needs list."""
    today = date.today()
    administration.open("/needs/lists").follow("/needs/lists/new")
    administration.fill(
        {"name": name, "name_zh": f"清单 {name}", "opens_on": str(today), "closes_on": str(today + timedelta(days=30))}
    )
    administration.press(administration.page.locator('main form button[type="submit"]').first)
    return administration.path


def asks(requester: Visitor, needs_list: str, name: str, lon: float, lat: float) -> str:
    """Returns the path of the need."""
    requester.open(needs_list).follow("/needs/new").follow("kind=tower")
    requester.fill(
        {
            "needs_list": needs_list.rsplit("/", 1)[-1],
            "title": name,
            "shape": "circle",
            "lon": str(lon),
            "lat": str(lat),
            "radius_m": "400",
            "requirements.mounts": "1",
            "requirements.height_m": "25",
            "requirements.load_kg": "80",
            "requirements.wind_area_m2": "0.8",
            "requirements.power_kw": "2",
            "window_start": FIRST,
            "window_last": LAST,
            "budget": "20000",
            "alternative.description": "A monopole of our own",
            "alternative.cost": "300000",
            "alternative.days": "200",
        }
    )
    requester.press(requester.page.locator('main button[name="submit"]'))
    return requester.path


def published(door: Door, stage: Stage, locale: str, name: str) -> tuple[str, str]:
    """A listing and a need beside it, published and matched. Returns their paths."""
    lon, lat = PLACES[locale]
    listing = lists_a_tower(door("owner", locale), name, lon, lat)
    needs_list = opens_a_list(door("administration", locale), name)
    need = asks(door("requester", locale), needs_list, f"{name} site", lon + 0.0005, lat)
    door("administration", locale).open(needs_list).send("/publish").reads("published", "已发布")
    stage.work()
    return listing, need


def requests(requester: Visitor, need: str, listing: str) -> str:
    """From the match to the request. Returns the path of the request."""
    requester.open(need)
    card = (
        requester.page.locator("article.match")
        .filter(has=requester.page.locator(f'a[href*="{listing.rsplit("/", 1)[-1]}"]'))
        .first
    )
    expect(card.locator(".reasons, .reason-pass").first).to_be_visible()
    expect(card.locator(".score")).to_be_visible()
    requester.press(card.locator('a[href*="/requests/new"]'))
    requester.press(requester.page.locator('main button[name="do"][value="submit"]'))
    return requester.path


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_from_a_listing_to_committed_capacity(door: Door, stage: Stage, locale: str) -> None:
    walks_the_main_job(door, stage, locale, f"JT-{locale}")


def test_from_a_listing_to_committed_capacity_without_scripts(chromium: Browser, stage: Stage) -> None:
    with visitors(chromium, stage, scripts=False) as door:
        walks_the_main_job(door, stage, "en", "JT-plain")


def walks_the_main_job(door: Door, stage: Stage, locale: str, name: str) -> None:
    owner, requester = door("owner", locale), door("requester", locale)
    listing, need = published(door, stage, locale, name)
    request = requests(requester, need, listing)
    requester.reads("waiting for the owner", "待权属单位答复")

    owner.open("/").follow(request)
    owner.send("/accept").reads("Offer 1", "要约 1")
    requester.open("/").follow(request).send(f"/from/{request.rsplit('/', 1)[-1]}")
    agreement = requester.path
    requester.send("/sign")
    owner.open("/").follow(agreement).send("/sign")
    requester.open(agreement).send(f"/of/{agreement.rsplit('/', 1)[-1]}")
    requester.reads("with the regulators", "审批中")

    decides(door("administration", locale), door("administration-2", locale), name)
    requester.open(agreement).reads("with the regulators", "审批中")
    decides(door("regulator", locale), door("regulator-2", locale), name)
    requester.open(agreement).reads("in force", "已生效")

    owner.open(listing).follow("/assets/")
    owner.open(f"{owner.path}/capacity/").reads("committed", "已占用")
    owner.reads("420", "420")  # kg of 500 stay free
    requester.open(need)


def decides(regulator: Visitor, colleague: Visitor, name: str) -> None:
    """Find the agreement among what waits, read it, propose to approve it; a colleague confirms."""
    regulator.open("/approvals/")
    regulator.press(regulator.page.locator(".inbox a", has_text=name).first)
    regulator.page.locator("details.confirm").filter(has=regulator.page.locator('input[name="action"][value="approve"]')).locator(
        "summary"
    ).click()
    regulator.press(regulator.page.locator('form:has(input[name="action"][value="approve"]) button.button-primary'))
    regulator.reads("to be confirmed", "待核签")
    colleague.open(regulator.path)
    form = colleague.page.locator('form[action$="/confirm"]')
    colleague.page.locator("details.confirm").filter(has=form).locator("summary").click()
    colleague.press(form.locator("button.button-primary"))
    colleague.reads("approved", "同意")


def test_a_refusal_with_its_evidence_then_a_counter_offer(door: Door, stage: Stage, tmp_path: Path) -> None:
    owner, requester = door("owner", "zh_CN"), door("requester", "zh_CN")
    listing, need = published(door, stage, "zh_CN", "JT-countered")
    request = requests(requester, need, listing)
    owner.open(request).follow("/refuse")
    owner.fill({"ground": "safety"})
    owner.press(owner.page.locator('main form[method="get"] button'))
    owner.expected = (422,)
    owner.fill({"reason": "基础承载不足。"}).send("").reads("", "安全")
    owner.expected = ()
    owner.open(f"{request}/refuse?ground=safety")
    owner.page.set_input_files('input[type="file"]', written(tmp_path, "assessment.pdf", "%PDF-1.7 assessment"))
    owner.send(f"/access_request/{request.rsplit('/', 1)[-1]}").reads("", "assessment.pdf")
    owner.open(f"{request}/refuse?ground=safety")
    evidence = owner.page.locator('[name="evidence.safety_assessment"] option').last.get_attribute("value")
    owner.fill({"evidence.safety_assessment": str(evidence), "reason": "基础承载不足。"}).send("")
    requester.open(request).reads("", "已拒绝").reads("", "基础承载不足。")

    again = requests(requester, need, listing)
    owner.open(again).follow("/counter")
    owner.expected = (422,)
    owner.fill({"amounts.load_kg": "plenty", "price": "15,500"}).send("").reads("", "不是数字")
    owner.expected = ()
    owner.fill({"amounts.load_kg": "60"}).send("").reads("", "15,500")
    requester.open(again).reads("", "反要约").send(f"/from/{again.rsplit('/', 1)[-1]}").reads("", "60 kg")


def test_a_file_becomes_listings(door: Door, stage: Stage, tmp_path: Path) -> None:
    owner = door("owner", "zh_CN").open("/imports").follow("subject=listings")
    rows = [
        "名称,编号,经度,纬度,结构形式,塔高,平台数,承载kg",
        "甲塔,IM-1,114.05,22.60,单管塔,35,2,300",
        "乙塔,IM-2,114.06,22.61,单管塔,很高,2,300",
    ]
    owner.page.set_input_files('input[type="file"]', written(tmp_path, "towers.csv", "\n".join(rows)))
    owner.fill({"kind": "tower", "crs": "EPSG:4490"}).press(owner.page.locator('main form button[type="submit"]').first)
    stage.work()
    found = owner.path
    owner.open(found).reads("", "尚未登记入库").open(f"{found}?tab=columns").open(f"{found}?tab=notes")
    expect(owner.open(found).page.locator(".import-map canvas").first).to_be_visible()
    owner.open(f"{found}?tab=problems&code=not_number").reads("", "“很高”不是数值")
    owner.fill({"fix_value": "40"}).send("/fix").reads("", "已在此更正 1 个单元格")
    owner.send("/commit")
    stage.work()
    owner.open(found).open("/listings/?owner=mine&q=乙塔").reads("", "乙塔")


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_many_listings_are_changed_at_once_and_back(door: Door, locale: str) -> None:
    """Ticked in the list, previewed, applied, taken back: by the keyboard's own means, a form and its buttons."""
    owner = door("owner", locale).open("/listings/?owner=mine")
    owner.page.locator("[data-pick]").first.check()
    expect(owner.page.locator("[data-picked]")).to_contain_text("1")
    owner.page.locator("[data-pick-all] input").check()
    count = owner.page.locator("[data-pick]:checked").count()
    assert count > 1
    owner.press(owner.page.locator("#bulk .button-secondary"))
    owner.fill({"title": "{title}（A）", "price_percent": "10", "tier": "T1"}).send("/listings/bulk/new").reads(
        "Will change", "将修改"
    )
    assert owner.page.locator("table tbody tr").count() == count
    expect(owner.page.locator(".delta ins").first).not_to_be_empty()
    owner.send("/apply").reads("Changed", "已修改").send("/undo").reads("Taken back", "已撤销")


def test_a_place_is_pasted_with_its_datum_and_a_draft_waits_at_the_door(door: Door) -> None:
    owner = door("owner").open("/listings/new?kind=tower")
    page = owner.page
    owner.fill({"asset.name": "Draft tower", "asset.declared_crs": "GCJ-02", "asset.paste": "22.5403 114.0629"})
    expect(page.locator("[data-place-said]")).to_contain_text("longitude comes first")
    owner.fill({"asset.paste": "22°32′25″N 114°03′46″E"})
    expect(page.locator("[data-place-said]")).to_be_empty()
    expect(page.locator(".draft-note")).to_contain_text("Kept on this device")
    page.wait_for_load_state("networkidle")  # an answer on its way would bring the session back
    language = [cookie for cookie in page.context.cookies() if cookie.get("value") == "en"]
    page.context.clear_cookies()
    page.context.add_cookies(language)  # type: ignore[arg-type]
    owner.expected = (400, 401, 403)
    owner.send("/listings/new", '[name="draft"]')
    owner.expected = ()
    owner.sign_in("owner@demo.infrashare.invalid").open("/listings/new?kind=tower")
    expect(page.locator("#notices")).to_contain_text("was put back")
    assert page.input_value('[name="asset.name"]') == "Draft tower"
    owner.expected = (422,)
    owner.send("/listings/new", '[name="draft"]')
    assert page.title().startswith("Error: ")
    assert page.locator("[data-error-summary]").evaluate("e => e === document.activeElement")
    page.locator("[data-error-summary] a").first.click()
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_door_says_what_is_wrong(door: Door, locale: str) -> None:
    stranger = door(None, locale).open("/")
    stranger.open("/requests/?status=open")
    assert stranger.path == "/sign-in", "what needs an account leads to the door"
    stranger.expected = (422,)
    stranger.fill({"email": "owner@demo.infrashare.invalid", "password": "not this one"})
    stranger.send("/sign-in").reads("do not go together", "不")
    assert stranger.page.locator("[data-error-summary]").is_visible()
    assert stranger.page.input_value('[name="email"]') == "owner@demo.infrashare.invalid"


def test_the_language_changes_in_place(door: Door) -> None:
    owner = door("owner").open("/listings/?kind=tower&q=01")
    owner.locale = "zh_CN"
    owner.press(owner.page.locator('header a[hreflang="zh-CN"]'))
    assert "/listings/?kind=tower&q=01" in owner.page.url
    assert owner.page.input_value('main [name="q"]') == "01"
    owner.locale = "en"
    owner.press(owner.page.locator('header a[hreflang="en"]'))


def test_what_is_not_there_and_what_is_not_allowed_have_pages(door: Door) -> None:
    requester = door("requester")
    requester.expected = (403, 404)
    requester.open("/requests/0000000000000").open("/match-runs").open("/nowhere")
    assert requester.page.locator("main a").count() > 0, "an error offers a step"
