"""Documents at the edge: from an upload to a stored file, from a stored file to a download."""

from __future__ import annotations

from pathlib import Path

from flask import Response, current_app, request, send_file

from app.attachments.queries import AttachmentView
from app.attachments.service import AddAttachment, add_attachment, check_addable
from app.attachments.storage import path_of, save
from app.kernel.errors import fail
from app.web.execute import ask, execute


def folder() -> Path:
    found: Path = current_app.config["SETTINGS"].files_folder
    return found


def receive(subject_type: str, subject_ref: str, purpose: str) -> str:
    """Attach the upload `file` of this request; nothing is stored for who may not attach."""
    ask(check_addable, subject_type, subject_ref)
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise fail("attachment_missing")
    stored = save(folder(), upload.filename, upload.stream)
    return execute(add_attachment, AddAttachment(subject_type, subject_ref, stored, purpose or "document"))


def download(view: AttachmentView) -> Response:
    """The bytes, always as a file to keep: never shown as a page of ours. Its date is the attachment's own: that of the file on
    the disk would tell that somebody had attached the same bytes before."""
    response = send_file(
        path_of(folder(), view.sha256),
        mimetype=view.media_type,
        as_attachment=True,
        download_name=view.filename,
        etag=view.sha256,
        last_modified=view.created_at,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers.pop("Expires", None)
    return response
