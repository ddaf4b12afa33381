"""The pages that people look at most, as pictures beside the approved ones: in both languages, wide and narrow, by day and by
night.

The story is told at a fixed time, so that a day later nothing has changed but what somebody changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser
from sqlalchemy import select

from app.access.models import AccessRequest
from app.accounts import Organisation
from app.agreements.models import Agreement
from app.approvals.models import Approval
from app.assets import Asset
from app.kernel.clock import FixedClock
from app.listings import Listing
from app.matching import Match
from app.needs import Need, NeedsList
from tests.support import pictures
from tests.support.now import NOW
from tests.support.story import Stage, staged
from tests.support.visitor import DESK, PHONE, Visitor, visitors

pytestmark = pytest.mark.browser
VIEWERS = ("Pengcheng Power", "Carrier A")
MAPS_DRAWN = "() => [...document.querySelectorAll('.map-canvas[aria-busy]')].every((canvas) => canvas.clientWidth === 0)"
# references are drawn anew in each story, and are not equally wide
SAME_REFERENCES = """() => { const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace(/\\b(?=[a-z]*\\d)[0-9a-z]{13}\\b/g, '0'.repeat(13)) }"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as one role sees it; `path` may name the things of `references`."""

    name: str
    role: str | None
    path: str
    locale: str = "zh_CN"
    phone: bool = False
    scheme: Literal["light", "dark"] = "light"

    @property
    def file(self) -> str:
        return f"{self.name}-{self.locale[:2]}-{'390' if self.phone else '1280'}{'-dark' if self.scheme == 'dark' else ''}"


PICTURES = (
    Picture("sign-in", None, "/sign-in"),
    Picture("sign-in", None, "/sign-in", "en", phone=True),
    Picture("start", "owner", "/"),
    Picture("start", "administration", "/", "en"),
    Picture("start", "requester", "/", phone=True),
    Picture("listings", "requester", "/listings/?kind=tower", "en"),
    Picture("listings", "requester", "/listings/?kind=tower", phone=True),
    Picture("listing", "owner", "/listings/{listing}", scheme="dark"),
    Picture("asset", "owner", "/assets/{asset}", "en"),
    Picture("need", "requester", "/needs/{need}", "en"),
    Picture("need", "requester", "/needs/{need}", phone=True),
    Picture("need", "requester", "/needs/{need}", scheme="dark"),
    Picture("needs-list", "administration", "/needs/lists/{needs_list}"),
    Picture("gaps", "administration", "/cobuilding/gaps", "en"),
    Picture("request", "owner", "/requests/{request}"),
    Picture("agreement", "requester", "/agreements/{agreement}", "en"),
    Picture("approval", "regulator", "/approvals/{approval}"),
    Picture("import", "owner", "/imports/new?subject=listings", "en"),
    Picture("form", "owner", "/listings/new?kind=tower"),
    Picture("inbox", "administration", "/inbox"),
    Picture("styleguide", None, "/styleguide/", "en", scheme="dark"),
)


@pytest.fixture(scope="module")
def still(session_folder: Path, tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[Stage]:
    """The demo's story as it was told at a fixed time."""
    with staged(session_folder, tmp_path_factory.mktemp("still"), FixedClock(NOW)) as made:
        yield made


@pytest.fixture(scope="module")
def references(still: Stage) -> dict[str, str]:
    """The thing of each sort that the pictures show: what waits today."""
    with still.bus.database.read() as session:
        grid, carrier = (session.scalar(select(Organisation.id).where(Organisation.name == name)) for name in VIEWERS)
        waiting = {
            "needs_list": select(NeedsList.ref).where(NeedsList.status == "published").order_by(NeedsList.id.desc()),
            "request": select(AccessRequest.ref)
            .where(AccessRequest.status == "submitted", AccessRequest.owner_id == grid)
            .order_by(AccessRequest.id.desc()),
            "agreement": select(Agreement.ref)
            .where(Agreement.status == "submitted", Agreement.requester_id == carrier)
            .order_by(Agreement.id.desc()),
        }
        first = {name: session.scalar(one.limit(1)) for name, one in waiting.items()}
        matched = select(Need.ref).where(Need.kind == "tower", Need.status == "matched", Need.organisation_id == carrier)
        need = session.scalar(matched.order_by(Need.id).limit(1))
        open_ = (
            select(Listing.ref, Asset.ref).join(Asset, Asset.id == Listing.asset_id).join(Match, Match.listing_id == Listing.id)
        )
        of_grid = open_.where(Asset.kind == "tower", Asset.owner_id == grid).order_by(Match.need_id, Listing.id)
        pair = session.execute(of_grid).first()
        of_power = select(Organisation.id).where(Organisation.sector == "power", Organisation.kind == "authority")
        undecided = select(Approval.ref).where(Approval.status == "waiting", Approval.regulator_id.in_(of_power))
        approval = session.scalar(undecided.order_by(Approval.id.desc()).limit(1))
    assert pair is not None
    found = first | {"need": need, "listing": pair[0], "asset": pair[1], "approval": approval}
    assert None not in found.values(), f"nothing of the story to show: {found}"
    return {name: str(ref) for name, ref in found.items()}


@pytest.fixture(scope="module")
def people(chromium: Browser, still: Stage) -> Iterator[dict[str | None, Visitor]]:
    """One browser for each role, signed in."""
    with visitors(chromium, still) as door:
        yield {role: door(role, "zh_CN") for role in dict.fromkeys(picture.role for picture in PICTURES)}


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.file)
def test_pages_look_as_approved(
    people: dict[str | None, Visitor], still: Stage, references: dict[str, str], picture: Picture
) -> None:
    page = people[picture.role].page
    page.emulate_media(color_scheme=picture.scheme, reduced_motion="reduce")
    page.set_viewport_size(PHONE if picture.phone else DESK)
    page.goto(f"{still.url}/language/{picture.locale}")
    page.goto(still.url + picture.path.format(**references))
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.wait_for_function(MAPS_DRAWN)
    page.evaluate(SAME_REFERENCES)
    assert pictures.held(picture.file, page.screenshot(animations="disabled", caret="hide")) == ""


def test_a_difference_is_seen_and_a_minute_is_not() -> None:
    page = Image.new("RGB", (1280, 900), "white")
    page.paste((20, 33, 43), (40, 40, 400, 60))
    minute, moved, coloured = page.copy(), page.copy(), page.copy()
    minute.paste((20, 33, 43), (900, 40, 990, 52))
    moved.paste("white", (40, 40, 400, 60))
    moved.paste((20, 33, 43), (40, 64, 400, 84))
    coloured.paste((166, 75, 24), (600, 100, 800, 160))
    assert pictures.difference(page, minute) == ""
    assert "different" in pictures.difference(page, moved)
    assert "different" in pictures.difference(page, coloured)
    assert "instead of" in pictures.difference(page, page.crop((0, 0, 1280, 899)))
    noise = Image.fromarray(np.asarray(page) ^ np.uint8(1))
    assert pictures.difference(page, noise) == ""
