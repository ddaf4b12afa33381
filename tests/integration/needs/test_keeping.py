"""An administration keeps a list: who is invited and answers, what is covered, duplicates merged with consent, the workbook."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from app.accounts.models import Organisation
from app.audit.models import AuditRecord
from app.bootstrap import job_handlers
from app.db.jobs import Worker
from app.disclosure import ExportMark
from app.needs.models import Need
from app.notices.models import Notice
from tests.support.asking import HERE, Region, asked, need_body, published

NEAR = [HERE[0] + 0.0002, HERE[1]]
FAR = [HERE[0] + 0.2, HERE[1] + 0.2]
ROOM = {"type": "Point", "coordinates": NEAR}


def org(region: Region, name: str) -> str:
    with region.bus.database.read() as session:
        return session.scalars(select(Organisation.ref).where(Organisation.id == region.ids[name])).one()


def space(region: Region) -> dict[str, Any]:
    answer = region.administration.get(f"/api/v1/needs-lists/{region.list_ref}/workspace")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def post(who: FlaskClient, path: str, **body: Any) -> Any:
    return who.post(f"/api/v1/{path}", json=body)


def rivals(region: Region, **more: Any) -> str:
    body = need_body(region.list_ref, title="Roof of the market", geometry=ROOM, submit=True, **more)
    answer = region.rival.post("/api/v1/needs", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def invite(region: Region, *names: str) -> Any:
    return post(
        region.administration, f"needs-lists/{region.list_ref}/invitations", organisations=[org(region, n) for n in names]
    )


def do_jobs(region: Region) -> None:
    worker = Worker(region.bus.database, region.bus.clock, job_handlers(region.bus))
    while worker.run_one():
        pass


def told(region: Region, code: str) -> list[int]:
    with region.bus.database.read() as session:
        return list(session.scalars(select(Notice.organisation_id).where(Notice.code == code).order_by(Notice.id)))


def test_who_is_invited_is_told_and_answers(region: Region) -> None:
    assert invite(region, "carrier", "rival", "grid").json == {"count": 3}
    assert invite(region, "carrier").json == {"count": 0}
    assert sorted(told(region, "needs_list.invited")) == sorted(region.ids[n] for n in ("carrier", "rival", "grid"))
    asked(region)
    assert post(region.grid, f"needs-lists/{region.list_ref}/decline", note="No site this year").status_code == 204
    answers = {row["organisation"]["name"]: row["answer"] for row in space(region)["invited"]}
    assert answers == {"Bay Mobile": "entered", "Rival Mobile": "silent", "Southern Grid": "nothing"}
    assert told(region, "needs_list.answered") == [region.ids["administration"]]
    assert post(region.administration, f"needs-lists/{region.list_ref}/reminders").json == {"count": 1}
    assert told(region, "needs_list.reminded") == [region.ids["rival"]]
    rivals(region)
    assert post(region.administration, f"needs-lists/{region.list_ref}/reminders").json["code"] == "nobody_to_tell"


def test_the_invitation_is_a_task_until_it_is_answered(region: Region) -> None:
    invite(region, "carrier", "rival")
    tasks = region.carrier.get("/api/v1/tasks").json["results"]
    assert [(one["kind"], one["id"], one["due_on"]) for one in tasks] == [("needs_list.answer", region.list_ref, "2026-09-01")]
    asked(region)
    assert region.carrier.get("/api/v1/tasks").json["count"] == 0
    post(region.rival, f"needs-lists/{region.list_ref}/decline")
    assert region.rival.get("/api/v1/tasks").json["count"] == 0


def test_only_who_keeps_the_list_invites_companies(region: Region) -> None:
    for who in ("carrier", "regulator", "evaluator", "far"):
        answer = post(getattr(region, who), f"needs-lists/{region.list_ref}/invitations", organisations=[org(region, "rival")])
        assert answer.status_code == 403, who
        assert getattr(region, who).get(f"/api/v1/needs-lists/{region.list_ref}/workspace").status_code == 403, who
    assert invite(region, "administration").status_code == 422  # an authority enters nothing
    assert post(region.carrier, f"needs-lists/{region.list_ref}/decline").json["code"] == "not_invited"
    published(region)
    assert invite(region, "rival").json["code"] == "round_not_collecting"


def test_coverage_counts_each_region_below_the_lists(region: Region) -> None:
    asked(region)
    rivals(region)
    published(region)
    rows = {row["region"]: row for row in space(region)["coverage"]}
    assert (rows["440300"]["entries"], rows["440300"]["organisations"], rows["440300"]["unserved"]) == (2, 2, 2)
    assert rows["440100"]["entries"] == 0


def test_duplicates_are_near_alike_and_at_the_same_time(region: Region) -> None:
    kept = asked(region)
    copy = asked(region, geometry=ROOM)
    asked(region, geometry={"type": "Point", "coordinates": FAR})
    asked(region, window_start="2031-01-01", window_end="2033-01-01")
    pairs = space(region)["duplicates"]
    assert [(pair["leaves"]["id"], pair["kept"]["id"]) for pair in pairs] == [(copy, kept)]
    assert pairs[0]["same_name"]
    assert pairs[0]["distance_m"] < 30


def test_entries_of_one_organisation_are_merged_at_once_and_put_back(region: Region) -> None:
    kept, copy = asked(region), asked(region, geometry=ROOM)
    assert post(region.administration, f"needs/{copy}/merges", into=kept, reason="").status_code == 422
    assert post(region.administration, f"needs/{copy}/merges", into=kept, reason="One mast").json == {"status": "merged"}
    seen = region.carrier.get(f"/api/v1/needs/{copy}").json
    assert (seen["status"], seen["merged_into"]) == ("left", kept)
    merge = space(region)["merges"][0]["id"]
    assert space(region)["duplicates"] == []
    published(region)
    assert post(region.administration, f"need-merges/{merge}/undo", reason="").status_code == 422
    assert post(region.administration, f"need-merges/{merge}/undo", reason="Two masts").json == {"status": "undone"}
    seen = region.carrier.get(f"/api/v1/needs/{copy}").json
    assert (seen["status"], seen["outcome"], seen["merged_into"]) == ("published", None, None)
    assert post(region.administration, f"need-merges/{merge}/undo", reason="Again").json["code"] == "illegal_transition"
    assert told(region, "need.merge_undone") == [region.ids["carrier"]]


@pytest.mark.parametrize(("accept", "state", "status"), [(True, "merged", "left"), (False, "declined", "submitted")])
def test_between_two_organisations_the_one_that_leaves_consents(region: Region, accept: bool, state: str, status: str) -> None:
    kept, copy = asked(region), rivals(region)
    direct = region.administration.post(f"/api/v1/needs/{copy}/merge", json={"into": kept}, headers={"If-Match": '"1"'})
    assert direct.json["code"] == "merge_needs_consent"
    assert post(region.administration, f"needs/{copy}/merges", into=kept, reason="One roof").json == {"status": "proposed"}
    assert post(region.administration, f"needs/{copy}/merges", into=kept, reason="Again").json["code"] == "merge_standing"
    task = region.rival.get("/api/v1/tasks").json["results"][0]
    assert task["kind"] == "need_merge.answer"
    view = region.rival.get(f"/api/v1/need-merges/{task['id']}").json
    assert (view["distance_m"], "Bay Mobile" in str(view), kept in str(view)) == (100, False, False)
    assert region.carrier.get(f"/api/v1/need-merges/{task['id']}").status_code == 404
    assert post(region.carrier, f"need-merges/{task['id']}/answer", accept=True).status_code == 404
    assert post(region.administration, f"need-merges/{task['id']}/answer", accept=True).status_code == 403
    assert post(region.rival, f"need-merges/{task['id']}/answer", accept=accept).json == {"status": state}
    with region.bus.database.read() as session:
        assert session.scalars(select(Need.status).where(Need.ref == copy)).one() == status
    assert post(region.rival, f"need-merges/{task['id']}/answer", accept=True).json["code"] == "illegal_transition"
    do_jobs(region)
    assert told(region, "need.joined") == ([region.ids["carrier"]] if accept else [])
    assert "Rival" not in str(region.carrier.get("/api/v1/notices").json)
    assert "Rival" not in region.carrier.get(f"/needs/{kept}", headers={"Accept": "text/html"}).text


def test_a_proposal_is_withdrawn_before_it_is_answered(region: Region) -> None:
    kept, copy = asked(region), rivals(region)
    post(region.administration, f"needs/{copy}/merges", into=kept, reason="One roof")
    merge = space(region)["merges"][0]["id"]
    assert post(region.administration, f"need-merges/{merge}/undo").json == {"status": "withdrawn"}
    assert region.rival.get("/api/v1/tasks").json["count"] == 0
    assert post(region.administration, f"needs/{copy}/merges", into=kept, reason="One roof").json == {"status": "proposed"}


def test_the_workbook_has_both_languages_units_and_whose_copy_it_is(region: Region) -> None:
    asked(region, title="=1+1")
    rivals(region)
    published(region)
    assert region.carrier.post(f"/api/v1/needs-lists/{region.list_ref}/workbook").status_code == 403
    answer = region.administration.post(f"/api/v1/needs-lists/{region.list_ref}/workbook")
    assert answer.status_code == 200, answer.text
    book = load_workbook(io.BytesIO(answer.data))
    assert [sheet.title[:2] for sheet in book] == ["汇总", "塔桅"]
    towers = book.worksheets[1]
    assert (towers["A1"].value, towers.freeze_panes) == ("2026年秋季　塔桅", "D7")
    assert towers.print_title_rows == "$6:$6"
    assert towers.page_setup.orientation == "landscape"
    assert towers.sheet_properties.pageSetUpPr.fitToPage
    head = [cell.value for cell in towers[6]]
    assert "挂高\nHeight\n(m)" in head or any("\n(m)" in text for text in head)
    assert all("\n" in text for text in head)
    names = [row[2].value for row in towers.iter_rows(min_row=7)]
    assert sorted(names) == ["=1+1", "Roof of the market"]
    assert {towers.cell(row, 3).data_type for row in (7, 8)} == {"s"}
    with region.bus.database.read() as session:
        mark = session.scalars(select(ExportMark)).one()
        assert session.scalars(select(AuditRecord.action).order_by(AuditRecord.id.desc())).first() == "export.made"
    assert mark.ref.upper() in towers["A4"].value
    summary = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in summary.iter_rows(min_row=7)]
    assert rows[0][1:] == [2, 2, rows[0][3], 0, 2]
    assert rows[1][0] == "合计 Total"
    assert any(row[0] and "深圳" in row[0] and row[1] == 2 for row in rows)


def test_the_pages(region: Region) -> None:
    asked(region)
    asked(region, geometry=ROOM)
    invite(region, "grid")
    page = f"/needs/lists/{region.list_ref}/workspace"
    for part, words in (
        ("coverage", "What is covered where"),
        ("organisations", "has not answered"),
        ("duplicates", "of 100 alike"),
    ):
        answer = region.administration.get(f"{page}?show={part}", headers={"Accept": "text/html"})
        assert (answer.status_code, words in answer.text) == (200, True), part
    assert "You are invited to this list" in region.grid.get(f"/needs/lists/{region.list_ref}").text
    assert "You are invited" not in region.city.get(f"/needs/lists/{region.list_ref}").text


LINE = [[113.90, 22.55], [113.95, 22.56], [114.00, 22.55]]


def route(region: Region, points: list[list[float]], **more: Any) -> str:
    body = {"kind": "cable", "shape": "route", "geometry": {"type": "LineString", "coordinates": points}, "radius_m": 50}
    return asked(region, **body, requirements={"pairs": 2}, **more)


def shifted(points: list[list[float]], metres: float) -> list[list[float]]:
    return [[lon, lat + metres / 111_000] for lon, lat in points]


def test_lines_that_cover_the_same_ground_are_duplicates_and_merge(region: Region) -> None:
    kept = route(region, LINE)
    copy = route(region, shifted(LINE, 30)[::-1], title="The other way round")
    route(region, shifted(LINE, 400), title="The next street")
    route(region, LINE[:2], title="Half of the way")
    route(region, [[113.95, 22.50], [113.95, 22.62]], title="Across it")
    route(region, LINE, title="Later", window_start="2031-01-01", window_end="2033-01-01")
    pairs = space(region)["duplicates"]
    assert [(pair["leaves"]["id"], pair["kept"]["id"]) for pair in pairs] == [(copy, kept)]
    assert 0.6 <= pairs[0]["covered"] < 0.95
    page = region.administration.get(f"/needs/lists/{region.list_ref}/workspace?show=duplicates", headers={"Accept": "text/html"})
    assert "Both cover" in page.text
    assert post(region.administration, f"needs/{copy}/merges", into=kept, reason="One route").json == {"status": "merged"}
    assert space(region)["duplicates"] == []


def test_areas_are_duplicates_by_the_ground_they_share(region: Region) -> None:
    def area(west: float, title: str) -> str:
        ring = [[west, 22.50], [west + 0.02, 22.50], [west + 0.02, 22.52], [west, 22.52], [west, 22.50]]
        return asked(region, shape="area", geometry={"type": "Polygon", "coordinates": [ring]}, radius_m=0, title=title)

    kept, copy = area(113.9, "Park"), area(113.902, "The park")
    area(113.912, "Beside the park")
    pairs = space(region)["duplicates"]
    assert [(pair["leaves"]["id"], pair["kept"]["id"]) for pair in pairs] == [(copy, kept)]
    assert pairs[0]["covered"] == pytest.approx(0.9 * 2.0 / 2.0, abs=0.03)
