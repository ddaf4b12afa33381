"""Infrashare: `create_app` is the whole product as a WSGI application."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from app.config import ROOT, Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application. Raises `SettingsError` or `UndeclaredPolicy` rather than start half right."""
    from app.bootstrap import wire

    settings = settings or Settings.from_env()
    app = Flask(
        "app", root_path=str(ROOT / "app"), template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "app" / "static")
    )
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        MAX_CONTENT_LENGTH=settings.upload_limit_mb * 2**20,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_ENABLED=True,
        API_TITLE="Infrashare",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    wire(app, settings)
    return app
