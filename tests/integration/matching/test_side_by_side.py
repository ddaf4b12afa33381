"""Listings beside one another: the page that its address makes, what differs, and nothing that the viewer may not see."""

from __future__ import annotations

from flask.testing import FlaskClient

from app.db.work import Bus
from app.matching.side_by_side import side_by_side
from tests.support import people
from tests.support.asking import HERE, Region, asked, listed, published


def read(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers=people.PAGE)
    assert answer.status_code == status, answer.text
    return str(answer.text)


def test_conditions_stand_beside_one_another_and_what_differs_is_said(region: Region, bus: Bus) -> None:
    need = asked(region)
    published(region)
    near, high, low = listed(region), listed(region, height=60, price_minor=900_000), listed(region, height=20)
    found = bus.ask(side_by_side, region.actors["carrier"], need, [near, high, low])
    assert [column.pair.matches for column in found.columns] == [True, True, False]
    heights = next(row for row in found.reasons if row.label.en == "Height")
    assert heights.differs
    assert [reason.passed for reason in heights.reasons if reason] == [True, True, False]
    assert "5 m short" in heights.reasons[2].sentence.en if heights.reasons[2] else False
    same = next(row for row in found.reasons if row.label.en == "Mounts")
    assert not same.differs
    price = next(row for row in found.terms if row.label.en == "Price")
    assert price.best == {1}
    text = read(region.carrier, f"/needs/{need}/compare?listing={near}&listing={high}&listing={low}")
    assert text.count("Leave out") == 3
    assert "differs" in text
    assert f"listing={near}&amp;listing={low}" in text  # without the second


def test_the_list_of_matches_offers_the_comparison_without_script(region: Region) -> None:
    need = asked(region)
    published(region)
    one, other = listed(region), listed(region, height=40)
    text = read(region.carrier, f"/needs/{need}")
    assert f'action="/needs/{need}/compare"' in text
    for ref in (one, other):
        assert f'name="listing" value="{ref}" form="compare"' in text


def test_at_most_five_and_only_what_may_be_seen(region: Region, bus: Bus) -> None:
    need = asked(region)
    published(region)
    refs = [listed(region, at=[HERE[0] + step / 5000, HERE[1]]) for step in range(6)]
    many = "&".join(f"listing={ref}" for ref in refs)
    answer = region.carrier.get(f"/needs/{need}/compare?{many}", headers=people.PAGE)
    assert answer.status_code == 303
    assert "Leave out" in read(region.carrier, answer.headers["Location"])
    hidden = listed(region, tier="T0", title="Secret")
    text = read(region.carrier, f"/needs/{need}/compare?listing={hidden}&listing={refs[0]}&listing=nothing")
    assert "Secret" not in text
    assert f"{hidden}, nothing" in text
    rough = listed(region, tier="T1", at=[HERE[0] + 0.0001, HERE[1]])
    found = bus.ask(side_by_side, region.actors["carrier"], need, [rough])
    assert found.columns[0].pair.uncertain
    assert region.rival.get(f"/needs/{need}/compare?{many}", headers=people.PAGE).status_code == 404
    assert "Nothing is chosen" in read(region.carrier, f"/needs/{need}/compare")


def test_the_changed_question_is_answered_alone_and_says_what_is_wrong(region: Region) -> None:
    need = asked(region)
    published(region)
    listed(region, height=24)
    text = read(region.carrier, f"/needs/{need}/what-if?req.height_m=20")
    assert 'id="answer"' in text
    assert "Won by this change" in text
    assert 'href="#f-radius_m"' in read(region.carrier, f"/needs/{need}/what-if?radius_m=-4")
