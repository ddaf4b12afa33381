"""/api/v1/attachments: documents of any subject."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from flask_smorest import Blueprint
from marshmallow import Schema

from app.attachments.edge import download, receive
from app.attachments.queries import AttachmentView, attachment, attachments_of
from app.attachments.service import remove_attachment
from app.web.execute import ask, execute
from app.web.inputs import code_field, id_field, text_field
from app.web.pagination import Page, listed
from app.web.policy import policy
from app.web.shapes import BYTES, HASH, LINK, MOMENT, REF, TEXT, WHOLE, answers, named, page, record

blueprint = Blueprint("attachments_api", __name__, url_prefix="/api/v1", description="Documents attached to anything")


class AttachmentQuery(Schema):
    subject_type = code_field(required=True, metadata={"description": "such as access_request"})
    subject = id_field(required=True, metadata={"description": "id of the subject"})


class AttachmentForm(AttachmentQuery):
    purpose = text_field(40, load_default="document", metadata={"description": "a code such as site_photo"})


ATTACHMENT = named(
    "Attachment",
    record(
        id=REF,
        subject_type=TEXT,
        subject=REF,
        filename=TEXT,
        media_type=TEXT,
        size_bytes=WHOLE,
        sha256=HASH,
        purpose=TEXT,
        organisation_name=TEXT,
        created_at=MOMENT,
        content=LINK,
    ),
)


def attachment_json(view: AttachmentView) -> dict[str, Any]:
    return {
        "id": view.ref,
        "subject_type": view.subject_type,
        "subject": view.subject_ref,
        "filename": view.filename,
        "media_type": view.media_type,
        "size_bytes": view.size_bytes,
        "sha256": view.sha256,
        "purpose": view.purpose,
        "organisation_name": view.organisation,
        "created_at": view.created_at.isoformat(),
        "content": url_for("attachments_api.content", ref=view.ref),
    }


@blueprint.get("/attachments")
@policy("attachment.view")
@answers(page(ATTACHMENT))
@blueprint.arguments(AttachmentQuery, location="query")
def attachments(query: dict[str, Any]) -> Response:
    """The documents of one subject, oldest first."""
    found = ask(attachments_of, query["subject_type"], query["subject"]).results
    return listed(Page(found, len(found)), attachment_json)


@blueprint.post("/attachments")
@policy("attachment.add")
@answers(ATTACHMENT, 201)
@blueprint.arguments(AttachmentForm, location="form")
def attachment_add(form: dict[str, Any]) -> Response:
    """Attach a document: multipart/form-data with `file`. The same bytes sent twice are kept once and listed twice."""
    ref = receive(form["subject_type"], form["subject"], form["purpose"])
    response = jsonify(attachment_json(ask(attachment, ref)))
    response.status_code = 201
    response.headers["Location"] = url_for("attachments_api.show", ref=ref)
    return response


@blueprint.get("/attachments/<ref>")
@policy("attachment.view")
@answers(ATTACHMENT)
def show(ref: str) -> Response:
    return jsonify(attachment_json(ask(attachment, ref)))


@blueprint.get("/attachments/<ref>/content")
@policy("attachment.view")
@answers(BYTES, media="application/octet-stream")
def content(ref: str) -> Response:
    """The bytes, as a file."""
    return download(ask(attachment, ref))


@blueprint.delete("/attachments/<ref>")
@policy("attachment.remove")
@answers(None, 204)
def attachment_remove(ref: str) -> tuple[str, int]:
    """Take a document away that one's own organisation brought; the record of it stays."""
    execute(remove_attachment, ref)
    return "", 204
