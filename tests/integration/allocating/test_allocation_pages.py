"""The pages of allocations: what they show to whom, the form of a scenario, comparison."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.kernel.quantity import number_ranges
from tests.integration.allocating.test_allocations import ONE, allocated, record, work_off
from tests.support.asking import Region, asked, listed, published


def opened(client: FlaskClient, path: str, status: int = 200, language: str = "en") -> str:
    client.set_cookie("language", language)
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:2000]
    return answer.text


def test_numbers_in_few_words() -> None:
    assert [number_ranges(n) for n in ([], [3], [2, 1], [1, 2, 3, 5, 7, 8])] == ["", "3", "1–2", "1–3, 5, 7–8"]


@pytest.fixture
def scarce(region: Region) -> tuple[str, str, str]:
    """One place, two needs: (run, served need, other need)."""
    listed(region, offered={"platform": 1})
    first = asked(region, **ONE, priority="high", title="Harbour macro")
    other = asked(region, region.rival, **ONE, priority="low", title="Hill macro", tier="T0")
    published(region)
    return allocated(region), first, other


def test_a_run_shows_its_bound_and_who_gets_what(region: Region, scarce: tuple[str, str, str]) -> None:
    ref = scarce[0]
    page = opened(region.administration, f"/allocations/{ref}")
    assert "Harbour macro" in page
    assert "Hill macro" not in page
    assert "proven best" in page
    assert f"{record(region, ref)['bound']:,}" in page
    unserved = opened(region.administration, f"/allocations/{ref}?show=unserved")
    assert "Hill macro" in unserved
    assert "others come first" in unserved
    chinese = opened(region.administration, f"/allocations/{ref}", language="zh_CN")
    assert "已证明最优" in chinese
    assert ref in opened(region.administration, "/allocations")


def test_a_scenario_is_asked_from_the_page_and_compared(region: Region, scarce: tuple[str, str, str], clock: FixedClock) -> None:
    ref, _, other = scarce
    sent = region.administration.post(f"/allocations/{ref}/scenario", data={"first": other, "opened": "", "owner": ""})
    assert sent.status_code == 303, sent.text
    new = sent.headers["Location"].rsplit("/", 1)[-1]
    assert "Allocating" in opened(region.administration, f"/allocations/{new}")
    assert "Allocating" in opened(region.administration, f"/allocations/{new}/progress")
    work_off(region, clock)
    assert (record(region, new)["scenario"]["first"], record(region, new)["base"]) == ([other], ref)
    page = opened(region.administration, f"/allocations/{new}/compare?with={ref}")
    assert "served now" in page
    assert "no longer served" in page
    assert "Needs weigh differently" in page
    assert region.administration.get(f"/allocations/{new}/progress").headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("values", [{"opened": "many"}, {"opened": "5000"}, {"reserve": "101"}])
def test_a_wrong_scenario_comes_back_with_what_was_typed(
    region: Region, scarce: tuple[str, str, str], values: dict[str, Any]
) -> None:
    owner = region.grid.get("/api/v1/listings").json["results"][0]["owner"]["id"]
    sent = region.administration.post(f"/allocations/{scarce[0]}/scenario", data={"owner": owner, **values})
    assert sent.status_code == 422
    [typed] = values.values()
    assert f'value="{typed}"' in sent.text


def test_others_see_their_own_rows_only(region: Region, scarce: tuple[str, str, str]) -> None:
    ref = scarce[0]
    for client, own, foreign in ((region.carrier, "Harbour macro", "Hill macro"), (region.rival, "Hill macro", "Harbour macro")):
        page = opened(client, f"/allocations/{ref}")
        assert own in page
        assert foreign not in page
        assert "No allocation is worth more than" not in page
        assert "What if" not in page
        opened(client, f"/allocations/{ref}/compare?with={ref}", 403)
    opened(region.city, f"/allocations/{ref}", 404)
    assert region.carrier.post(f"/allocations/{ref}/scenario", data={}).status_code == 403
    assert "What if" not in opened(region.regulator, f"/allocations/{ref}")
    assert region.regulator.post(f"/allocations/{ref}/stop", data={}).status_code == 403


def test_starting_from_the_page(region: Region, scarce: tuple[str, str, str], clock: FixedClock) -> None:
    assert region.list_ref in opened(region.administration, "/allocations")
    sent = region.administration.post("/allocations", data={"needs_list": region.list_ref})
    assert sent.status_code == 303
    new = sent.headers["Location"].rsplit("/", 1)[-1]
    assert region.administration.post(f"/allocations/{new}/stop").status_code == 303
    work_off(region, clock)
    assert "It was stopped" in opened(region.administration, f"/allocations/{new}")
    assert "Allocate a needs list</h" not in opened(region.carrier, "/allocations")


@pytest.mark.parametrize(
    ("limit", "words", "chinese"),
    [("app.engine.allocation.checks.MOST_VALUE", "smaller weights in the same proportions", "请按相同比例减小权重"),
     ("app.matching.allocating.market.MOST_PAIRS", "one needs list at a time", "每次只分配一份需求清单")],
)  # fmt: skip
def test_what_is_too_much_is_refused_in_words_that_say_what_to_do(
    region: Region, monkeypatch: pytest.MonkeyPatch, limit: str, words: str, chinese: str
) -> None:
    listed(region)
    asked(region, **ONE)
    published(region)
    monkeypatch.setattr(limit, 0)
    with pytest.raises(DomainError):
        allocated(region)
    ref = region.administration.get("/api/v1/allocations").json["results"][0]["id"]
    told = record(region, ref)
    assert told["status"] == "failed"
    assert words in told["message"]
    assert words in opened(region.administration, f"/allocations/{ref}")
    assert chinese in opened(region.administration, f"/allocations/{ref}", language="zh_CN")
