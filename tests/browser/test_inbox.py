"""The inbox and the workspace of a needs list by hand: an invitation becomes a task with its day, is taken and answered; duplicates are
merged and put back; the workbook is a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from app.accounts.models import Membership, User
from app.db.work import Bus
from tests.support import asking, people, places

pytestmark = pytest.mark.browser
BESIDE = {"type": "Point", "coordinates": [asking.HERE[0] + 0.0002, asking.HERE[1]]}


@pytest.fixture
def region(app: Flask, bus: Bus) -> asking.Region:
    """With a person who signs in for the administration, and one for a carrier that is asked."""
    made = asking.build(app, bus)
    with bus.database.write() as session:
        for name, role in (("administration", "officer"), ("rival", "manager")):
            user = User(
                email=f"{name}@example.org",
                name=name,
                locale="en",
                password_hash=people.password_hash(),
                created_at=places.MADE_AT,
            )
            session.add(user)
            session.flush()
            session.add(Membership(user_id=user.id, organisation_id=made.ids[name], role=role, created_at=places.MADE_AT))
    return made


def enters(page: Page, name: str) -> None:
    page.goto("about:blank")
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.fill("[name=email]", f"{name}@example.org")
    page.fill("[name=password]", people.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/")


def test_an_invitation_is_a_task_until_it_is_answered(region: asking.Region, page: Page) -> None:
    enters(page, "administration")
    page.goto(f"/needs/lists/{region.list_ref}/workspace?show=organisations")
    page.get_by_label("Rival Mobile").check()
    page.get_by_role("button", name="Invite them").click()
    expect(page.get_by_role("row", name="Rival Mobile")).to_contain_text("has not answered")
    enters(page, "rival")
    page.goto("/tasks")
    page.get_by_role("checkbox", name="Choose: Autumn 2026").check()
    page.get_by_role("button", name="Take", exact=True).click()
    expect(page.locator(".task")).to_contain_text("yours")
    page.get_by_role("link", name="Autumn 2026").click()
    page.get_by_role("button", name="We have nothing to enter").click()
    page.goto("/tasks")
    expect(page.get_by_text("Nothing waits for your organisation.")).to_be_visible()
    page.goto("/tasks/calendar?month=2026-10")
    expect(page.get_by_role("cell", name="National Day").first).to_be_visible()


def test_a_duplicate_is_merged_put_back_and_sent_to_the_ministries(region: asking.Region, page: Page, tmp_path: Path) -> None:
    asking.asked(region)
    asking.asked(region, title="The same mast again", geometry=BESIDE)
    enters(page, "administration")
    page.goto(f"/needs/lists/{region.list_ref}/workspace")
    expect(page.get_by_role("row", name="Shenzhen")).to_contain_text("2")
    page.get_by_role("link", name="Duplicates").click()
    page.get_by_label("Why they are one need").fill("One mast serves both")
    page.get_by_role("button", name="Merge them").click()
    expect(page.get_by_text("The entries are merged.")).to_be_visible()
    page.get_by_text("Undo", exact=True).first.click()
    page.get_by_label("Why it is undone").fill("They are two masts")
    page.get_by_role("button", name="Undo").last.click()
    expect(page.get_by_text("The entry is back in the list.")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("button", name="Workbook for the ministries").click()
    kept = tmp_path / started.value.suggested_filename
    started.value.save_as(kept)
    assert [sheet.title[:2] for sheet in load_workbook(kept)] == ["汇总", "塔桅"]
