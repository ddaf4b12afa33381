"""/api/v1/listings."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from flask_smorest import Blueprint

from app.listings.queries import ListingDetail, list_listings, listing_detail
from app.listings.schemas import (
    LISTING,
    LISTING_ROW,
    ListingIn,
    ListingQuery,
    TermsIn,
    command_from,
    filter_of,
    listing_json,
    row_json,
)
from app.listings.service import EditListing, MoveListing, create_listing, edit_listing, move_listing
from app.web.etag import expected_version, tagged
from app.web.execute import ask, execute
from app.web.idempotency import execute_once
from app.web.pagination import Page, asked, listed
from app.web.policy import policy
from app.web.shapes import answers, page

blueprint = Blueprint("listings_api", __name__, url_prefix="/api/v1", description="What owners open to others")


@blueprint.get("/listings")
@policy("listing.list")
@answers(page(LISTING_ROW))
@blueprint.arguments(ListingQuery, location="query")
def list_open(query: dict[str, Any]) -> Response:
    """The listings that you may see one by one, as precisely as you may see them."""
    paging = asked()
    found = ask(list_listings, filter_of(query), after=paging.after, before=paging.before, limit=paging.limit)
    return listed(Page(found.rows, found.count, found.after, found.before), row_json)


@blueprint.post("/listings")
@policy("listing.create")
@answers(LISTING, 201)
@blueprint.arguments(ListingIn)
def add_listing(body: dict[str, Any]) -> Response:
    """Open part of an asset, or an asset and part of it at once."""
    return execute_once(create_listing, command_from(body), _created)


@blueprint.get("/listings/<ref>")
@policy("listing.view")
@answers(LISTING)
def show_listing(ref: str) -> Response:
    return _shown(ask(listing_detail, ref))


@blueprint.patch("/listings/<ref>")
@policy("listing.edit")
@answers(LISTING)
@blueprint.arguments(TermsIn)
def change_listing(body: dict[str, Any], ref: str) -> Response:
    """Change the terms; needs If-Match."""
    return _shown(execute(edit_listing, EditListing(ref, expected_version(), body)))


@blueprint.post("/listings/<ref>/publish")
@policy("listing.publish")
@answers(LISTING)
def publish(ref: str) -> Response:
    """Open a draft to others; needs If-Match."""
    return _moved(ref, "publish")


@blueprint.post("/listings/<ref>/suspend")
@policy("listing.suspend")
@answers(LISTING)
def suspend(ref: str) -> Response:
    """Close an open listing for a while; needs If-Match."""
    return _moved(ref, "suspend")


@blueprint.post("/listings/<ref>/resume")
@policy("listing.resume")
@answers(LISTING)
def resume(ref: str) -> Response:
    """Open a suspended listing again; needs If-Match."""
    return _moved(ref, "resume")


@blueprint.post("/listings/<ref>/withdraw")
@policy("listing.withdraw")
@answers(LISTING)
def withdraw(ref: str) -> Response:
    """Close a listing for good; needs If-Match."""
    return _moved(ref, "withdraw")


def _moved(ref: str, action: str) -> Response:
    return execute_once(move_listing, MoveListing(ref, expected_version(), action), _shown)


def _shown(detail: ListingDetail) -> Response:
    return tagged(jsonify(listing_json(detail)), detail.version)


def _created(detail: ListingDetail) -> Response:
    response = _shown(detail)
    response.status_code = 201
    response.headers["Location"] = url_for("listings_api.show_listing", ref=detail.ref)
    return response
