"""The page of the background's work."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.admin.queries import background
from app.admin.service import retry_job
from app.web.execute import ask, execute
from app.web.policy import policy

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")


@blueprint.get("/")
@policy("job.list")
def index() -> str:
    return render_template("admin/jobs.html", view=ask(background))


@blueprint.post("/<ref>/retry")
@policy("job.retry")
def retry(ref: str) -> Response:
    execute(retry_job, ref)
    flash(_("The job waits for a worker again."), "ok")
    return redirect(url_for("jobs.index"), 303)
