"""The API's shapes of closer looks, grants and exemptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.accounts import OrganisationName
from app.assets.disclosing.queries import ExemptionView, GrantView, LookView, What
from app.assets.disclosing.rules import DUTIES, EXEMPTION, GRANT_STATES, LOOK, SOURCES, TIERS
from app.assets.disclosing.service import Terms
from app.disclosure import PURPOSES
from app.web.inputs import code_field, id_field, text_field
from app.web.query import Paged
from app.web.shapes import DAY, FLAG, MOMENT, PARTY, REF, TEXT, choice, maybe, named, record


class Strict(Schema):
    class Meta:
        unknown = RAISE


class LookTermsIn(Strict):
    tier = fields.String(required=True, validate=validate.OneOf(TIERS))
    purpose_code = fields.String(required=True, validate=validate.OneOf(tuple(PURPOSES)))
    purpose = text_field(200, required=True)
    starts_on = fields.Date(load_default=None, allow_none=True, metadata={"description": "Today when left out."})
    ends_on = fields.Date(required=True, metadata={"description": "The last day. It ends by itself."})


class LookIn(LookTermsIn):
    """One `asset`, or what stands in `region`; without an owner the administration of the region answers."""

    asset = id_field(load_default=None, allow_none=True)
    owner = id_field(load_default=None, allow_none=True)
    region = code_field(load_default=None, allow_none=True)
    kind = code_field(load_default=None, allow_none=True)


class GrantIn(LookIn):
    """To whom what is opened. With `ground` it is the order of a competent regulator."""

    organisation = id_field(required=True)
    ground = text_field(4000, load_default=None, allow_none=True)


class DisclosureReasonIn(Strict):
    reason = text_field(4000, required=True)


class ExemptionCaseIn(DisclosureReasonIn):
    asset = id_field(required=True)
    duty = fields.String(required=True, validate=validate.OneOf(tuple(DUTIES)))


class ExemptionDecisionIn(Strict):
    decision = text_field(4000, required=True)
    ends_on = fields.Date(load_default=None, allow_none=True, metadata={"description": "Needed to grant: its last day."})


class StatusQuery(Paged):
    status = code_field()


class GrantQuery(Paged):
    side = fields.String(validate=validate.OneOf(("given", "held", "ordered")), load_default="given")
    state = fields.String(validate=validate.OneOf(tuple(GRANT_STATES)))
    asset = id_field()


WHAT = record(asset=maybe(record(id=REF, name=maybe(TEXT))), kind=maybe(TEXT), region=maybe(TEXT), area=FLAG)
LOOK_SHAPE = named(
    "CloserLook",
    record(
        id=REF,
        status=choice(*LOOK.states),
        what=WHAT,
        requester=PARTY,
        owner=maybe(PARTY),
        tier=choice(*TIERS),
        purpose_code=TEXT,
        purpose=TEXT,
        starts_on=maybe(DAY),
        ends_on=DAY,
        asked_at=MOMENT,
        answer=maybe(TEXT),
        answered_at=maybe(MOMENT),
        grant=maybe(REF),
    ),
)
GRANT = named(
    "Grant",
    record(
        id=REF,
        state=choice(*GRANT_STATES),
        source=choice(*SOURCES),
        what=WHAT,
        owner=PARTY,
        holder=PARTY,
        given_by=maybe(PARTY),
        tier=choice(*TIERS),
        purpose_code=maybe(TEXT),
        purpose=TEXT,
        ground=maybe(TEXT),
        starts_at=MOMENT,
        expires_at=maybe(MOMENT),
        revoked_at=maybe(MOMENT),
        revoke_reason=maybe(TEXT),
    ),
)
EXEMPTION_SHAPE = named(
    "Exemption",
    record(
        id=REF,
        status=choice(*EXEMPTION.states),
        duty=choice(*DUTIES),
        what=WHAT,
        owner=PARTY,
        authority=maybe(PARTY),
        reason=TEXT,
        asked_at=MOMENT,
        decision=maybe(TEXT),
        decided_at=maybe(MOMENT),
        expires_at=maybe(MOMENT),
    ),
)


def terms_from(body: Mapping[str, Any]) -> Terms:
    return Terms(body["tier"], body["purpose_code"], body["purpose"], body["ends_on"], body["starts_on"])


def _party(organisation: OrganisationName) -> dict[str, str]:
    return {"id": organisation.ref, "name": organisation.name}


def _maybe(organisation: OrganisationName | None) -> dict[str, str] | None:
    return None if organisation is None else _party(organisation)


def _at(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat()


def _what(what: What) -> dict[str, Any]:
    asset = {"id": what.face.ref, "name": what.face.name} if what.face is not None else None
    return {"asset": asset, "kind": what.kind.name if what.kind else None, "region": what.region or None, "area": what.is_area}


def look_json(view: LookView) -> dict[str, Any]:
    return {
        "id": view.ref,
        "status": view.status,
        "what": _what(view.what),
        "requester": _party(view.requester),
        "owner": _maybe(view.owner),
        "tier": view.tier,
        "purpose_code": view.purpose_code,
        "purpose": view.purpose,
        "starts_on": _at(view.starts_on),
        "ends_on": _at(view.ends_on),
        "asked_at": _at(view.asked_at),
        "answer": view.answer,
        "answered_at": _at(view.answered_at),
        "grant": view.grant_ref,
    }


def grant_json(view: GrantView) -> dict[str, Any]:
    return {
        "id": view.ref,
        "state": view.state,
        "source": view.source,
        "what": _what(view.what),
        "owner": _party(view.owner),
        "holder": _party(view.holder),
        "given_by": _maybe(view.giver),
        "tier": view.tier,
        "purpose_code": view.purpose_code,
        "purpose": view.purpose,
        "ground": view.ground,
        "starts_at": _at(view.starts_at),
        "expires_at": _at(view.expires_at),
        "revoked_at": _at(view.revoked_at),
        "revoke_reason": view.revoke_reason,
    }


def exemption_json(view: ExemptionView) -> dict[str, Any]:
    return {
        "id": view.ref,
        "status": view.status,
        "duty": view.duty,
        "what": _what(view.what),
        "owner": _party(view.owner),
        "authority": _maybe(view.authority),
        "reason": view.reason,
        "asked_at": _at(view.asked_at),
        "decision": view.decision,
        "decided_at": _at(view.decided_at),
        "expires_at": _at(view.expires_at),
    }
