"""/api/v1/searches: the searches of the person who asks, in the organisation acted for."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from flask_smorest import Blueprint

from app.searches.queries import SearchView, own_searches, search_by_link
from app.searches.schemas import SEARCH, SearchChange, SearchIn, search_json
from app.searches.service import ChangeSearch, SaveSearch, change_search, delete_search, save_search
from app.web.etag import expected_version, tagged
from app.web.execute import ask, execute
from app.web.idempotency import execute_once
from app.web.pagination import Page, listed
from app.web.policy import policy
from app.web.shapes import answers, page

blueprint = Blueprint("searches_api", __name__, url_prefix="/api/v1", description="Searches that are kept, with their alerts")


@blueprint.get("/searches")
@policy("search.list")
@answers(page(SEARCH))
def searches() -> Response:
    """Your own, by name."""
    found = ask(own_searches)
    return listed(Page(found, len(found)), search_json)


@blueprint.post("/searches")
@policy("search.save")
@answers(SEARCH, 201)
@blueprint.arguments(SearchIn)
def add_search(body: dict[str, Any]) -> Response:
    """Keep a search of listings; with an alert, you are told of what is opened from now on."""

    def created(view: SearchView) -> Response:
        response = _shown(view)
        response.status_code = 201
        response.headers["Location"] = url_for("searches_api.show_search", ref=view.ref)
        return response

    return execute_once(save_search, SaveSearch(body["name"], body["query"], body["alert"], body["shared"]), created)


@blueprint.get("/searches/<ref>")
@policy("search.view")
@answers(SEARCH)
def show_search(ref: str) -> Response:
    """One of yours, or one that is shared."""
    return _shown(ask(search_by_link, ref))


@blueprint.patch("/searches/<ref>")
@policy("search.edit")
@answers(SEARCH)
@blueprint.arguments(SearchChange)
def edit_search(body: dict[str, Any], ref: str) -> Response:
    """Change it; needs If-Match."""
    changes = {("is_shared" if name == "shared" else name): value for name, value in body.items()}
    return _shown(execute(change_search, ChangeSearch(ref, expected_version(), changes)))


@blueprint.delete("/searches/<ref>")
@policy("search.delete")
@answers(None, 204)
def remove_search(ref: str) -> tuple[str, int]:
    execute(delete_search, ref)
    return "", 204


def _shown(view: SearchView) -> Response:
    return tagged(jsonify(search_json(view)), view.version)
