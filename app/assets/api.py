"""/api/v1/kinds and /api/v1/assets."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for

from app.assets.queries import AssetDetail, asset_detail, list_assets
from app.assets.schemas import (
    ASSET,
    ASSET_ROW,
    AssetEditIn,
    AssetIn,
    AssetQuery,
    asset_json,
    changes_from,
    draft_from,
    filter_of,
    row_json,
)
from app.assets.service import EditAsset, MoveAsset, edit_asset, move_asset, register_asset
from app.catalogue.kinds import KINDS
from app.kernel.errors import fail
from app.web.etag import expected_version, tagged
from app.web.execute import ask, execute
from app.web.idempotency import execute_once
from app.web.kindschema import KIND, KindBlueprint, kind_json
from app.web.pagination import Page, asked, listed
from app.web.policy import policy
from app.web.shapes import answers, page

blueprint = KindBlueprint("assets_api", __name__, url_prefix="/api/v1", description="Kinds of asset, and the register")


@blueprint.get("/kinds")
@policy("kind.list")
@answers(page(KIND))
def list_kinds() -> Response:
    """Every kind in use, as declared."""
    kinds = KINDS.all()
    return listed(Page(kinds, len(kinds)), kind_json)


@blueprint.get("/kinds/<name>")
@policy("kind.list")
@answers(KIND)
def show_kind(name: str) -> Response:
    if name not in KINDS:
        raise fail("not_found")
    return jsonify(kind_json(KINDS[name]))


@blueprint.get("/assets")
@policy("asset.list")
@answers(page(ASSET_ROW))
@blueprint.arguments(AssetQuery, location="query")
def list_register(query: dict[str, Any]) -> Response:
    """The assets that you see exactly: your own, and those of others by your competence, a grant or an open listing."""
    paging = asked()
    rows, count, after, before = ask(list_assets, filter_of(query), after=paging.after, before=paging.before, limit=paging.limit)
    return listed(Page(rows, count, after, before), row_json)


@blueprint.post("/assets")
@policy("asset.register")
@answers(ASSET, 201)
@blueprint.arguments(AssetIn)
def add_asset(body: dict[str, Any]) -> Response:
    """Put an asset on the register."""
    return execute_once(register_asset, draft_from(body), _created)


@blueprint.get("/assets/<ref>")
@policy("asset.view")
@answers(ASSET)
def show_asset(ref: str) -> Response:
    return _shown(ask(asset_detail, ref))


@blueprint.patch("/assets/<ref>")
@policy("asset.edit")
@answers(ASSET)
@blueprint.arguments(AssetEditIn)
def change_asset(body: dict[str, Any], ref: str) -> Response:
    """Change what is stated; needs If-Match."""
    return _shown(execute(edit_asset, EditAsset(ref, expected_version(), changes_from(body))))


@blueprint.post("/assets/<ref>/<any(plan, build, commission, deactivate, reactivate, retire):action>")
@policy("asset.status")
@answers(ASSET)
def act_on_asset(ref: str, action: str) -> Response:
    """Move the asset to its next status; needs If-Match."""
    return execute_once(move_asset, MoveAsset(ref, expected_version(), action), _shown)


def _shown(detail: AssetDetail) -> Response:
    return tagged(jsonify(asset_json(detail)), detail.version)


def _created(detail: AssetDetail) -> Response:
    response = _shown(detail)
    response.status_code = 201
    response.headers["Location"] = url_for("assets_api.show_asset", ref=detail.ref)
    return response
