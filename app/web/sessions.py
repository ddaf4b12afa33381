"""When an answer sets the session's cookie: where the session changed, and where a page is opened after a while, to keep it alive.

Flask sends a permanent session's cookie with every answer, those of files included. An answer still on its way then brings back a
session that its person has just left, and a file's answer, which a cache on the way may keep, hands one person's session to another."""

from __future__ import annotations

from time import time

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

KEPT_AT = "kept_at"  # of the session: when its cookie was last set, seconds since 1970
EVERY_S = 600


class Sessions(SecureCookieSessionInterface):
    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint == "static":
            return
        if session and session.permanent and (session.modified or _is_due(session, response)):
            session[KEPT_AT] = int(time())
        super().save_session(app, session, response)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return session.modified


def _is_due(session: SessionMixin, response: Response) -> bool:
    return response.mimetype == "text/html" and abs(int(time()) - int(session.get(KEPT_AT, 0))) >= EVERY_S


def init(app: Flask) -> None:
    app.session_interface = Sessions()
