"""The JSON of accounts, in and out."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from app.accounts.organisation_queries import OrganisationRow, OrganisationView
from app.accounts.queries import ActingView, TokenView
from app.accounts.rules import KINDS, ORGANISATION_NAME_MAX, SCOPES, TOKEN_LIFE_MAX_DAYS
from app.catalogue.sectors import SECTORS
from app.kernel.actor import Actor
from app.web.inputs import code_field, id_field, text_field
from app.web.query import Paged
from app.web.shapes import MOMENT, REF, TEXT, WHOLE, choice, extended, many, maybe, named, record


class OrganisationFilter(Paged):
    q = text_field(200, load_default="", metadata={"description": "part of a name, in either language"})
    sector = fields.String(load_default="", validate=validate.OneOf(["", *SECTORS]))
    kind = fields.String(load_default="", validate=validate.OneOf(["", *KINDS]))
    status = fields.String(load_default="", validate=validate.OneOf(["", "active", "deactivated"]))


class OrganisationIn(Schema):
    name = text_field(ORGANISATION_NAME_MAX, required=True)
    name_zh = text_field(ORGANISATION_NAME_MAX, load_default=None, allow_none=True)
    short_name = text_field(80, load_default=None, allow_none=True)
    home_region = code_field(load_default=None, allow_none=True, metadata={"description": "region code of its seat"})
    sector = fields.String(required=True, validate=validate.OneOf(list(SECTORS)))
    kind = fields.String(load_default="company", validate=validate.OneOf(KINDS))
    profile = code_field(load_default="cn-default")
    parent = id_field(load_default=None, allow_none=True, metadata={"description": "id of the organisation above"})


class PasswordIn(Schema):
    password = fields.String(required=True, load_only=True, validate=validate.Length(1, 200))


class TokenIn(Schema):
    name = fields.String(required=True, validate=validate.Length(1, 80))
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES)), validate=validate.Length(max=10), load_default=lambda: ["read"]
    )
    days = fields.Integer(load_default=90, validate=validate.Range(1, TOKEN_LIFE_MAX_DAYS))


ORGANISATION_ROW = named(
    "OrganisationRow",
    record(
        id=REF,
        name=TEXT,
        name_zh=maybe(TEXT),
        sector=choice(*SECTORS),
        kind=choice(*KINDS),
        home_region=maybe(TEXT),
        profile=TEXT,
        status=TEXT,
    ),
)
COMPETENCE = record(id=REF, authority=TEXT, level=TEXT, sectors=many(TEXT), regions=many(TEXT), host_kinds=many(TEXT))
ORGANISATION = extended(
    ORGANISATION_ROW,
    "Organisation",
    short_name=maybe(TEXT),
    version=WHOLE,
    parent=maybe(REF),
    children=many(REF),
    competences=many(COMPETENCE),
)
ME = named(
    "Me",
    record(
        id=REF,
        name=TEXT,
        locale=TEXT,
        organisation=maybe(REF),
        organisation_name=maybe(TEXT),
        agent_name=maybe(TEXT),
        roles=many(TEXT),
        regions=many(TEXT),
        scopes=maybe(many(TEXT)),
        may_act_for=many(record(id=REF, name=TEXT, role=TEXT, as_agent_of=maybe(TEXT))),
    ),
)
TOKEN = named(
    "Token",
    record(
        id=REF,
        name=TEXT,
        prefix=TEXT,
        scopes=many(TEXT),
        organisation=REF,
        created_at=MOMENT,
        expires_at=MOMENT,
        last_used_at=maybe(MOMENT),
        status=TEXT,
    ),
)
NEW_TOKEN = extended(TOKEN, "NewToken", token=TEXT)


def organisation_json(row: OrganisationRow) -> dict[str, Any]:
    return {
        "id": row.ref,
        "name": row.name,
        "name_zh": row.name_zh,
        "sector": row.sector_code,
        "kind": row.kind_code,
        "home_region": row.home_region,
        "profile": row.profile,
        "status": row.status,
    }


def organisation_detail_json(view: OrganisationView) -> dict[str, Any]:
    return {
        **organisation_json(view.row),
        "short_name": view.short_name,
        "version": view.version,
        "parent": view.parent.ref if view.parent else None,
        "children": [row.ref for row in view.children],
        "competences": [
            {
                "id": c.ref,
                "authority": c.authority_code,
                "level": c.level,
                "sectors": list(c.sector_codes),
                "regions": list(c.regions),
                "host_kinds": list(c.host_kinds),
            }
            for c in view.competences
        ],
    }


PROOF = named("Reauthentication", record(proof=TEXT, expires_at=MOMENT))


def me_json(actor: Actor, choices: list[ActingView]) -> dict[str, Any]:
    """Who sends this request, for whom, and for whom else they may act."""
    return {
        "id": actor.user_ref,
        "name": actor.name,
        "locale": actor.locale,
        "organisation": actor.organisation_ref,
        "organisation_name": actor.organisation_name,
        "agent_name": actor.agent_name,
        "roles": sorted(role.value for role in actor.roles),
        "regions": sorted(actor.regions),
        "scopes": sorted(actor.scopes) if actor.scopes is not None else None,
        "may_act_for": [{"id": c.ref, "name": c.name, "role": c.role, "as_agent_of": c.agent} for c in choices],
    }


def token_json(token: TokenView) -> dict[str, Any]:
    """A token without its secret."""
    return {
        "id": token.ref,
        "name": token.name,
        "prefix": f"ifs_{token.prefix}",
        "scopes": list(token.scopes),
        "organisation": token.organisation_ref,
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "last_used_at": token.last_used_at.isoformat() if token.last_used_at else None,
        "status": token.state,
    }
