"""What somebody typed and did not send is there when they come back, for them alone, until it is sent, discarded or a month old."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.bootstrap import job_handlers
from app.db.work import Bus
from app.drafts.models import FormDraft
from app.drafts.rules import KEPT, MOST, MOST_CHARACTERS
from app.drafts.service import FORGET
from app.kernel.clock import FixedClock
from tests.integration.listings.test_pages import LISTING
from tests.integration.needs.test_form import NEED
from tests.support import people
from tests.support.asking import Region, build

NEW = "/needs/new?kind=tower"
NOTICE = "You did not finish this form"
HALF = {"title": "Half a need", "lon": "west of here", "requirements.mounts": "3", "divisible": "1", "kind": "tower"}


@pytest.fixture
def region(app: Flask, bus: Bus) -> Region:
    return build(app, bus)


def page(client: FlaskClient, path: str = NEW) -> str:
    answer = client.get(path, headers=people.PAGE)
    assert answer.status_code == 200
    return answer.text


def keep(client: FlaskClient, form: str = "need-tower", more: str = "", **values: Any) -> Any:
    return people.post(client, f"/drafts/{form}?next=/needs/new%3Fkind%3Dtower{more}", {**HALF, **values}, page=NEW)


def kept(bus: Bus) -> int:
    with bus.database.read() as session:
        return session.scalar(select(func.count()).select_from(FormDraft)) or 0


def test_the_list_of_unfinished_forms_names_each_and_leads_back_to_it(region: Region, bus: Bus, clock: FixedClock) -> None:
    client = region.carrier
    assert "You have no unfinished form." in page(client, "/drafts/")
    assert "unfinished" not in page(client, "/").lower()
    keep(client)
    sent = {name: value for name, value in NEED.items() if name != "submit"} | {"needs_list": region.list_ref}
    draft = people.post(client, "/needs/new", sent, page=NEW).location.rpartition("/")[2]
    keep(client)
    keep(client, f"need-{draft}", title="")
    keep(client, "listing-room", title="")
    keep(client, "need-" + "0" * 13, title="Of nothing")
    shown = page(client, "/drafts/")
    for words in ("Half a need", "New need: Tower", "Changes of the need “5G macro”", "New listing: Machine room", "Of nothing"):
        assert words in shown, words
    for address in (f"/needs/{draft}/edit", "/needs/new?kind=tower", "/listings/new?kind=room"):
        assert f'href="{address}"' in shown, address
    assert "4 forms that you did not finish" in page(client, "/tasks")
    assert "Forms that you did not finish" in page(client, "/")
    assert "Half a need" not in page(region.drafter, "/drafts/")
    answer = people.post(client, "/drafts/need-tower/discard", {"next": "/drafts/"}, page="/drafts/")
    assert (answer.status_code, answer.location) == (303, "/drafts/")
    assert "Half a need" not in page(client, "/drafts/")
    clock.instant += KEPT + timedelta(days=1)
    assert "You have no unfinished form." in page(client, "/drafts/")


def test_another_language_keeps_a_refused_form(region: Region) -> None:
    refused = people.post(region.carrier, NEW, HALF, page=NEW)
    assert refused.status_code == 422
    assert f'action="{NEW}"' in refused.text  # the page's address has all that shows the form again
    assert "?next=/needs/new%3Fkind%3Dtower" in refused.text


def test_a_need_waits_half_typed_until_it_is_sent(region: Region, bus: Bus) -> None:
    client = region.carrier
    assert NOTICE not in page(client)
    answer = keep(client)
    assert (answer.status_code, answer.location) == (303, NEW)
    shown = page(client)
    assert NOTICE in shown
    assert 'value="west of here"' in shown
    assert keep(client, more="&quiet=1", title="Later half").status_code == 204
    assert 'value="Later half"' in page(client)
    assert NOTICE not in page(region.drafter)  # a colleague
    assert NOTICE not in page(client, "/needs/new?kind=room")
    unfit = NEED | {"needs_list": region.list_ref, "lon": ""}
    assert people.post(client, "/needs/new", unfit, page=NEW).status_code == 422
    assert NOTICE in page(client)
    made = people.post(client, "/needs/new", NEED | {"needs_list": region.list_ref, "submit": ""}, page=NEW)
    assert made.status_code == 303
    assert NOTICE not in page(client)
    assert kept(bus) == 0


def test_a_change_waits_too_and_is_discarded(region: Region, bus: Bus) -> None:
    draft = {**NEED, "needs_list": region.list_ref}
    del draft["submit"]
    where = people.post(region.carrier, "/needs/new", draft, page=NEW).location
    form = f"need-{where.rstrip('/').rsplit('/', 1)[1]}"
    keep(region.carrier, form)
    assert 'value="Half a need"' in page(region.carrier, f"{where}/edit")
    people.post(region.carrier, f"/drafts/{form}/discard", {"next": f"{where}/edit"}, page=NEW)
    again = page(region.carrier, f"{where}/edit")
    assert NOTICE not in again
    assert 'value="5G macro"' in again
    assert kept(bus) == 0


def test_a_listing_waits_and_is_kept_no_longer_than_a_month(region: Region, bus: Bus, clock: FixedClock) -> None:
    keep(region.grid, "listing-tower", **{"asset.name": "Half a tower"})
    new = "/listings/new?kind=tower"
    assert 'value="Half a tower"' in page(region.grid, new)
    assert people.post(region.grid, "/listings/new", LISTING, page=new).status_code == 303
    assert kept(bus) == 0
    keep(region.grid, "listing-tower")
    clock.instant += KEPT + timedelta(minutes=1)
    assert NOTICE not in page(region.grid, new)
    assert kept(bus) == 1
    job_handlers(bus)[FORGET](None, {})  # type: ignore[arg-type]
    assert kept(bus) == 0


def test_what_is_no_form_and_what_is_too_much_is_refused(region: Region, bus: Bus) -> None:
    assert keep(region.carrier, "diary-tower").status_code == 404
    assert keep(region.carrier, note="x" * MOST_CHARACTERS).status_code == 303
    assert "too long" in page(region.carrier)
    assert kept(bus) == 0
    for number in range(MOST + 1):
        keep(region.carrier, f"need-{number}")
    assert kept(bus) == MOST
