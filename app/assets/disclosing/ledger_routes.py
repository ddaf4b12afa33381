"""Routes of the ledger of disclosure, of marked exports and of their tracing, for pages and programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import fields as fields_of
from typing import Any

from flask import Response, jsonify, render_template, request
from marshmallow import fields, validate

from app.assets.disclosing.case_api import blueprint as api
from app.assets.disclosing.case_pages import blueprint as pages
from app.assets.disclosing.exporting import Export, export_assets
from app.assets.disclosing.ledger import SightFilter, SightRow, sights
from app.assets.disclosing.queries import organisation_choices
from app.assets.disclosing.rules import TIERS
from app.assets.disclosing.schemas import Strict
from app.assets.disclosing.tracing import Trace, trace
from app.assets.schemas import AssetQuery, filter_of
from app.kernel.text import Text
from app.web.execute import ask, execute
from app.web.formatting import text
from app.web.i18n import current_locale
from app.web.inputs import id_field
from app.web.pagination import Page, asked, links, listed
from app.web.policy import policy
from app.web.query import Paged, without_paging
from app.web.shapes import BYTES, FLAG, MOMENT, PARTY, REF, TEXT, WHOLE, answers, choice, many, maybe, named, page, record

BASES: Mapping[str, Text] = {
    "public": Text("everybody sees as much", "公开可见"),
    "grant": Text("a grant", "依授权"),
    "competence": Text("competence of a regulator", "依监管职权"),
}


class SightQuery(Paged):
    asset = id_field()
    organisation = id_field()
    tier = fields.String(validate=validate.OneOf(TIERS))
    basis = fields.String(validate=validate.OneOf(tuple(BASES)))
    since = fields.Date()
    until = fields.Date()


class ExportIn(Strict):
    form = fields.String(load_default="csv", validate=validate.OneOf(("csv", "geojson")))


SIGHT = named(
    "Sight",
    record(
        asset=maybe(REF),
        asset_name=TEXT,
        organisation=PARTY,
        person=TEXT,
        tier=choice(*TIERS),
        basis=choice(*BASES),
        grant=maybe(REF),
        purpose_code=maybe(TEXT),
        purpose=maybe(TEXT),
        via=TEXT,
        first_at=MOMENT,
        last_at=MOMENT,
        times=WHOLE,
    ),
)
TRACES = record(
    results=many(
        record(
            mark=REF,
            organisation=PARTY,
            person=TEXT,
            made_at=MOMENT,
            grade=TEXT,
            grants=many(REF),
            by_mark=FLAG,
            places=WHOLE,
            agreeing=WHOLE,
        )
    )
)


def sight_json(row: SightRow) -> dict[str, Any]:
    return {
        "asset": row.asset_ref,
        "asset_name": row.asset_name,
        "organisation": {"id": row.organisation.ref, "name": row.organisation.name},
        "person": row.person,
        "tier": row.tier,
        "basis": row.basis,
        "grant": row.grant_ref,
        "purpose_code": row.purpose_code,
        "purpose": row.purpose,
        "via": row.via,
        "first_at": row.first_at.isoformat(),
        "last_at": row.last_at.isoformat(),
        "times": row.times,
    }


def trace_json(one: Trace) -> dict[str, Any]:
    return {
        "mark": one.mark,
        "organisation": {"id": one.organisation.ref, "name": one.organisation.name},
        "person": one.person,
        "made_at": one.made_at.isoformat(),
        "grade": one.grade,
        "grants": list(one.grants),
        "by_mark": one.by_mark,
        "places": one.canary.places,
        "agreeing": one.canary.agreeing,
    }


@api.get("/disclosure-ledger")
@policy("disclosure.ledger")
@answers(page(SIGHT))
@api.arguments(SightQuery, location="query")
def api_ledger(query: dict[str, Any]) -> Response:
    """Who of others saw which asset of yours, how precisely, when, on what basis and for what purpose."""
    paging = asked()
    found = ask(sights, SightFilter(**without_paging(query)), paging.after, paging.before, paging.limit)
    return listed(Page(found.rows, found.count, found.after, found.before), sight_json)


@api.post("/assets/export")
@policy("asset.export")
@answers(BYTES, 200, media="application/octet-stream")
@api.arguments(AssetQuery, location="query")
@api.arguments(ExportIn)
def api_export(query: dict[str, Any], body: dict[str, Any]) -> Response:
    """The assets that you see exactly, as CSV or GeoJSON. The file carries its highest grade and whose copy it is."""
    return _file(Export(filter_of(query), body["form"]))


@api.post("/disclosure-ledger/trace")
@policy("disclosure.trace")
@answers(TRACES)
def api_trace() -> Response:
    """Whose copy a file of yours is. Send the file's text as the body."""
    return jsonify({"results": [trace_json(one) for one in ask(trace, request.get_data())]})


@pages.get("/ledger")
@policy("disclosure.ledger")
def ledger() -> str | Response:
    """Who saw what of ours; `?f=csv` downloads what the filters leave."""
    given = {name: value for name, value in request.args.items() if value and name != "f"}
    wanted, paging = SightFilter(**without_paging(SightQuery().load(given))), asked(50)
    if request.args.get("f") == "csv":
        return _ledger_file(wanted)
    found = ask(sights, wanted, paging.after, paging.before, paging.limit)
    following, previous = links(Page(found.rows, found.count, found.after, found.before))
    organisations = [(one.ref, one.in_(current_locale())) for one in ask(organisation_choices)]
    kept = {one.name: getattr(wanted, one.name) for one in fields_of(wanted) if getattr(wanted, one.name)}
    return render_template(
        "disclosure/ledger.html",
        found=found,
        wanted=wanted,
        kept=kept,
        following=following,
        previous=previous,
        organisations=organisations,
        bases=BASES,
        basis_options=[(code, text(label)) for code, label in BASES.items()],
    )


def _ledger_file(wanted: SightFilter) -> Response:
    out, after = io.StringIO(), None
    writer = csv.DictWriter(out, [*(one for one in SIGHT_COLUMNS)])
    writer.writeheader()
    while True:
        found = ask(sights, wanted, after, None, 1000)
        for row in found.rows:
            writer.writerow({**sight_json(row), "organisation": row.organisation.in_(current_locale())})
        after = found.after
        if after is None:
            break
    headers = {"Content-Disposition": 'attachment; filename="disclosure-ledger.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), mimetype="text/csv", headers=headers)


SIGHT_COLUMNS = (
    "asset",
    "asset_name",
    "organisation",
    "person",
    "tier",
    "basis",
    "grant",
    "purpose_code",
    "purpose",
    "via",
    "first_at",
    "last_at",
    "times",
)


@pages.post("/export")
@policy("asset.export")
def export() -> Response:
    """The assets of the register's filters, as a marked file."""
    given = {name: value for name, value in request.form.items() if value and name in AssetQuery().fields}
    return _file(Export(filter_of(AssetQuery().load(given)), request.form.get("form", "csv")))


@pages.get("/trace")
@policy("disclosure.trace")
def trace_form() -> str:
    return render_template("disclosure/trace.html", found=None)


@pages.post("/trace")
@policy("disclosure.trace")
def trace_upload() -> str:
    """Whose copy an uploaded file is."""
    given = request.files.get("file")
    return render_template("disclosure/trace.html", found=ask(trace, given.read() if given else b""))


def _file(command: Export) -> Response:
    made = execute(export_assets, command)
    headers = {
        "Content-Disposition": f'attachment; filename="{made.filename}"',
        "X-Export-Mark": made.mark,
        "X-Export-Grade": made.grade,
    }
    return Response(made.content, content_type=made.media, headers=headers)
