"""A needs list as a paper: what its reader may see of it, and whose copy it is."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.audit.models import AuditRecord
from app.disclosure import ExportMark
from app.needs import paper
from tests.support.asking import Region, asked, published


def printed(region: Region, who: str, monkeypatch: Any) -> dict[str, Any]:
    """What the paper says that this program gets."""
    seen: list[dict[str, Any]] = []

    def typeset(template: str, facts: dict[str, Any]) -> bytes:
        seen.append(facts)
        return b"%PDF-"

    monkeypatch.setattr(paper, "typeset", typeset)
    answer = getattr(region, who).post(f"/api/v1/needs-lists/{region.list_ref}/document?lang=en")
    assert answer.status_code == 200, answer.text
    return seen[0]


def entries(facts: dict[str, Any]) -> list[list[str]]:
    return [entry for group in facts["groups"] for entry in group["entries"]]


def test_everybody_gets_what_they_may_see_and_no_more(region: Region, monkeypatch: Any) -> None:
    asked(region, tier="T1")
    asked(region, tier="T0")
    published(region)
    assert len(entries(printed(region, "administration", monkeypatch))) == 2
    assert "≈" not in str(entries(printed(region, "carrier", monkeypatch)))
    of_grid = entries(printed(region, "grid", monkeypatch))
    assert len(of_grid) == 1
    assert of_grid[0][5].startswith("≈")
    facts = printed(region, "grid", monkeypatch)
    assert facts["address"].endswith(f"/verify/{facts['hash']}")
    assert facts["qr"].startswith("<svg")
    assert entries(facts)[0][3] == "Futian District, Shenzhen"  # below the region of the list


def test_whose_copy_it_is_stands_in_it_and_on_record(region: Region, app: Flask, monkeypatch: Any) -> None:
    asked(region)
    published(region)
    facts = printed(region, "administration", monkeypatch)
    with app.extensions["infrashare_bus"].database.read() as session:
        mark = session.scalars(select(ExportMark)).one()
        recorded = session.scalar(select(func.count()).select_from(AuditRecord).where(AuditRecord.action == "export.made"))
    assert recorded == 1
    assert mark.ref.upper() in facts["copy"]
    assert mark.person_name in facts["copy"]
    assert mark.ref.upper() in facts["foot"]


def test_whoever_holds_it_can_verify_it_and_learns_no_entry(region: Region, app: Flask, monkeypatch: Any) -> None:
    asked(region, title="Mast for the port")
    published(region)
    for lang in ("en", "zh-CN"):
        made = region.administration.post(f"/api/v1/needs-lists/{region.list_ref}/document?lang={lang}")
        assert made.data.startswith(b"%PDF-")
    nobody = app.test_client()
    told = nobody.post("/api/v1/verify", data={"file": (BytesIO(made.data), "list.pdf")}).json
    assert (told["known"], told["file"], told["status"]) == (True, "genuine", None)
    kept = told["needs_list"]
    assert (kept["status"], kept["status_now"], kept["region"]) == ("published", "published", "440000")
    changed = nobody.post("/api/v1/verify", data={"file": (BytesIO(made.data + b" "), "list.pdf")}).json
    assert (changed["file"], changed["hash"]) == ("altered", told["hash"])
    other = nobody.post(
        "/api/v1/verify", data={"file": (BytesIO(made.data.replace(b"infrashare-needs-", b"infrashare-needs-0")), "")}
    )
    assert other.json["known"] is False
    for locale, words in (("en", "A needs list with this hash was printed"), ("zh_CN", "登记系统曾出具")):
        nobody.get(f"/language/{locale}")
        page = nobody.get(f"/verify/{told['hash']}", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert words in page.text
        assert kept["name" if locale == "en" else "name_zh"] in page.text
        assert "Mast for the port" not in page.text
        assert "Carrier" not in page.text
    assert nobody.get(f"/api/v1/verify/{'0' * 64}").json["needs_list"] is None


def test_a_list_that_is_too_long_is_refused(region: Region, monkeypatch: Any) -> None:
    asked(region)
    monkeypatch.setattr(paper, "MOST", 0)
    answer = region.administration.post(f"/api/v1/needs-lists/{region.list_ref}/document")
    assert (answer.status_code, answer.json["code"]) == (422, "list_too_long")
