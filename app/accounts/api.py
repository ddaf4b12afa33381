"""/api/v1/me, /api/v1/organisations and /api/v1/tokens. A token is made by a person in a session, never by another token."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from flask_smorest import Blueprint

from app.accounts.access_tokens import CreatedToken, CreateToken, RevokeToken, create_token, revoke_token
from app.accounts.again import make_proof
from app.accounts.organisation_queries import Filter, organisation_list, organisation_view
from app.accounts.organisations import CreateOrganisation, EditOrganisation, Governed, create, edit
from app.accounts.queries import acting_choices, own_token, own_tokens
from app.accounts.schemas import (
    ME,
    NEW_TOKEN,
    ORGANISATION,
    ORGANISATION_ROW,
    PROOF,
    TOKEN,
    OrganisationFilter,
    OrganisationIn,
    PasswordIn,
    TokenIn,
    me_json,
    organisation_detail_json,
    organisation_json,
    token_json,
)
from app.web.etag import expected_version, tagged
from app.web.execute import ask, current_actor, execute
from app.web.idempotency import execute_once
from app.web.pagination import Page, asked, listed
from app.web.policy import may, policy
from app.web.shapes import MADE, answers, page

blueprint = Blueprint("accounts_api", __name__, url_prefix="/api/v1", description="Who one is, organisations, tokens")


@blueprint.get("/me")
@policy("account.view")
@answers(ME)
def me() -> Response:
    """Who sends this request, and for which organisations they may act."""
    return jsonify(me_json(current_actor(), ask(acting_choices)))


@blueprint.post("/me/reauthentication")
@policy("account.prove")
@answers(PROOF, 201)
@blueprint.arguments(PasswordIn)
def reauthentication(body: dict[str, Any]) -> tuple[Response, int]:
    """Give the password again. The proof goes into the header `Reauthentication` of a decision, for five minutes."""
    proof, until = make_proof(body["password"])
    return jsonify({"proof": proof, "expires_at": until.isoformat()}), 201


@blueprint.get("/organisations")
@policy("organisation.list")
@answers(page(ORGANISATION_ROW))
@blueprint.arguments(OrganisationFilter, location="query")
def organisations(query: dict[str, Any]) -> Response:
    """The directory, by name."""
    wanted = Filter(query["q"].strip(), query["sector"], query["kind"], query["status"])
    return listed(ask(organisation_list, wanted, asked()), organisation_json)


@blueprint.post("/organisations")
@policy("organisation.create")
@answers(MADE, 201)
@blueprint.arguments(OrganisationIn)
def organisation_create(body: dict[str, Any]) -> Response:
    """Add an organisation. The platform's administrator."""

    def created(ref: str) -> Response:
        response = jsonify({"id": ref})
        response.status_code = 201
        response.headers["Location"] = url_for("accounts_api.organisation", ref=ref)
        return tagged(response, 1)

    command = CreateOrganisation(body["name"], _governed(body), body["name_zh"], body["short_name"], body["home_region"])
    return execute_once(create, command, created)


@blueprint.get("/organisations/<ref>")
@policy("organisation.view")
@answers(ORGANISATION)
def organisation(ref: str) -> Response:
    """One organisation with its place in the tree and its competences."""
    return _detail(ref)


def _detail(ref: str) -> Response:
    view = ask(organisation_view, ref)
    return tagged(jsonify(organisation_detail_json(view)), view.version)


@blueprint.put("/organisations/<ref>")
@policy("organisation.edit")
@answers(ORGANISATION)
@blueprint.arguments(OrganisationIn)
def organisation_edit(body: dict[str, Any], ref: str) -> Response:
    """Change an organisation (If-Match). Its own administrator changes the names and the seat; the rest of the body is then
    ignored."""
    governed = _governed(body) if may("organisation.manage") else None
    execute(
        edit,
        EditOrganisation(
            ref,
            expected_version(),
            body["name"],
            body["name_zh"],
            body["short_name"],
            body["home_region"],
            governed,
        ),
    )
    return _detail(ref)


def _governed(body: dict[str, Any]) -> Governed:
    return Governed(body["sector"], body["kind"], body["profile"], body["parent"])


@blueprint.get("/tokens")
@policy("token.list")
@answers(page(TOKEN))
def tokens() -> Response:
    """One's own tokens, newest first, without their secrets."""
    found = ask(own_tokens)
    return listed(Page(found, len(found)), token_json)


@blueprint.post("/tokens")
@policy("token.create")
@answers(NEW_TOKEN, 201)
@blueprint.arguments(TokenIn)
def token_create(body: dict[str, Any]) -> Response:
    """Make a token. Its secret is in this answer and nowhere else, so an Idempotency-Key is not kept for it."""
    made: CreatedToken = execute(create_token, CreateToken(body["name"], frozenset(body["scopes"]), body["days"]))
    response = jsonify({**token_json(ask(own_token, made.ref)), "token": made.text})
    response.status_code = 201
    response.headers["Location"] = url_for("accounts_api.token", ref=made.ref)
    return response


@blueprint.get("/tokens/<ref>")
@policy("token.list")
@answers(TOKEN)
def token(ref: str) -> Response:
    return jsonify(token_json(ask(own_token, ref)))


@blueprint.delete("/tokens/<ref>")
@policy("token.revoke")
@answers(None, 204)
def token_revoke(ref: str) -> tuple[str, int]:
    """Revoke a token of one's own. A program may so end the token that it uses."""
    execute(revoke_token, RevokeToken(ref))
    return "", 204
