"""Pages of what is subscribed to: the calendar feed and the digest, and where a mail's reader ends it without signing in."""

from __future__ import annotations

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from app.config import Settings
from app.kernel.errors import DomainError
from app.tasks.blueprint import blueprint
from app.tasks.digest import EVERY, WHOSE, SetDigest, StopDigest, digest_by_link, own_digest, set_digest, stop_digest
from app.tasks.feed import ReadFeed, make_feed, own_feed, read_feed, revoke_feed
from app.web.auth import by_signed_link
from app.web.execute import ask, execute
from app.web.forms import field_errors, typed
from app.web.i18n import current_locale
from app.web.limits import limiter
from app.web.policy import policy

FEED_LIMIT = "120 per hour"
MEDIA = "text/calendar; charset=utf-8"


def settings() -> Settings:
    found = current_app.config["SETTINGS"]
    assert isinstance(found, Settings)
    return found


@blueprint.get("/digest")
@policy("task.digest")
def digest() -> str:
    return _page({}, None)


def _page(errors: dict[str, str], address: str | None) -> str:
    """`address`: of a feed that was just made; it is shown this once."""
    locale = current_locale()
    return render_template(
        "tasks/digest.html",
        digest=ask(own_digest),
        feed=ask(own_feed),
        address=address,
        errors=errors,
        every=[(code, words.in_(locale)) for code, words in EVERY.items()],
        whose=[(code, words.in_(locale)) for code, words in WHOSE.items()],
    )


@blueprint.post("/digest")
@policy("task.digest")
def change_digest() -> Redirect | tuple[str, int]:
    try:
        execute(set_digest, SetDigest(typed("every"), typed("whose")))
    except DomainError as error:
        if error.code != "invalid":
            raise
        return _page(field_errors(error), None), 422
    flash(_("The digest is saved."), "ok")
    return redirect(url_for("tasks.digest"), 303)


@blueprint.post("/feed")
@policy("task.feed")
def new_feed() -> str:
    """Shown once, so the page is the answer itself."""
    secret = execute(make_feed, None)
    return _page({}, f"{settings().base_url}{url_for('tasks.feed', secret=secret)}")


@blueprint.post("/feed/revoke")
@policy("task.feed")
def end_feed() -> Redirect:
    execute(revoke_feed, None)
    flash(_("Nobody reads that calendar any more."), "ok")
    return redirect(url_for("tasks.digest"), 303)


@blueprint.get("/feed/<secret>.ics")
@limiter.limit(FEED_LIMIT)
@policy("task.subscribed")
def feed(secret: str) -> Response:
    text = execute(read_feed, ReadFeed(secret, settings().base_url))
    answer = Response(text, mimetype="text/calendar")
    answer.headers["Content-Type"] = MEDIA
    answer.headers["Cache-Control"] = "private, max-age=300"
    answer.headers["Content-Disposition"] = 'inline; filename="infrashare-tasks.ics"'
    return answer


def by_link(token: str) -> StopDigest:
    return StopDigest(token, settings().secret_key)


@blueprint.get("/digest/stop/<token>")
@policy("task.subscribed")
def stop_form(token: str) -> str:
    return render_template("tasks/stop.html", token=token, every=ask(digest_by_link, by_link(token)))


@blueprint.post("/digest/stop/<token>")
@by_signed_link
@policy("task.subscribed")
def stop(token: str) -> str:
    """What the button does, and what a mail program posts of its own: the answer is no redirect, which it would not follow."""
    execute(stop_digest, by_link(token))
    return render_template("tasks/stop.html", token=token, every="never")
