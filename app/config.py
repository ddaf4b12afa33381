"""Typed settings from the environment; refused at start when wrong."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_SENDER = "Infrashare <no-reply@infrashare.invalid>"


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it and says what would do."""


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: str
    secret_key: str
    var: Path
    port: int = 8080
    host: str = "127.0.0.1"
    demo: bool = True
    development: bool = False
    base_url: str = "http://127.0.0.1:8080"
    profile: str = "cn-default"
    mail_url: str = ""  # empty: every mail is a file under var/mail
    mail_sender: str = DEFAULT_SENDER
    upload_limit_mb: int = 200
    session_hours: int = 12
    testing: bool = False
    audit_heads: str = ""  # empty: var/audit-heads.jsonl
    audit_key: str = ""  # empty: var/audit_key.pem, made at the first use
    proxies: int = 0  # of our own before the web workers, each of which adds the address that it was called from
    amqp_url: str = ""  # of the broker that carries job ids; empty: workers look into the job table

    @property
    def mail_folder(self) -> Path:
        return self.var / "mail"

    @property
    def files_folder(self) -> Path:
        return self.var / "files"

    @property
    def heads_file(self) -> Path:
        """Where the signed ends of the record's chains go: best on another machine than the database's."""
        return Path(self.audit_heads) if self.audit_heads else self.var / "audit-heads.jsonl"

    @property
    def signing_key_file(self) -> Path:
        return Path(self.audit_key) if self.audit_key else self.var / "audit_key.pem"

    @property
    def secure_cookies(self) -> bool:
        return self.base_url.startswith("https://")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the environment. Raises `SettingsError` naming the first variable that is wrong."""
        env = os.environ if env is None else env
        var = var_folder(env)
        port = _integer(env, "PORT", 8080, 1, 65535)
        host = env.get("HOST") or "127.0.0.1"
        demo = _switch(env, "DEMO", True)
        if demo and host not in ("127.0.0.1", "localhost", "::1"):
            raise SettingsError(f"HOST={host}: demo accounts exist on loopback only; set DEMO=0 to listen there")
        return cls(
            database_url=_database(env.get("DATABASE_URL") or f"sqlite:///{var / 'infrashare.db'}"),
            secret_key=env.get("SECRET_KEY") or _stored_secret(var),
            var=var,
            port=port,
            host=host,
            demo=demo,
            development=_switch(env, "DEVELOPMENT", False),
            base_url=(env.get("BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
            profile=env.get("PROFILE") or "cn-default",
            mail_url=_mail(env.get("MAIL_URL", "")),
            mail_sender=env.get("MAIL_SENDER") or DEFAULT_SENDER,
            upload_limit_mb=_integer(env, "UPLOAD_LIMIT_MB", 200, 1, 4096),
            audit_heads=env.get("AUDIT_HEADS", ""),
            audit_key=env.get("AUDIT_KEY", ""),
            session_hours=_integer(env, "SESSION_HOURS", 12, 1, 720),
            proxies=_integer(env, "PROXIES", 0, 0, 10),
            amqp_url=_broker(env.get("JOB_TRANSPORT", "")),
        )


def var_folder(env: Mapping[str, str] | None = None) -> Path:
    """Where this installation keeps its variable data: INFRASHARE_VAR, else `var` in the clone."""
    return Path((os.environ if env is None else env).get("INFRASHARE_VAR") or ROOT / "var")


def _integer(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    raw = env.get(name, "").strip()
    if not raw:
        return default
    if not raw.isdigit() or not low <= int(raw) <= high:
        raise SettingsError(f"{name}={raw}: give a whole number from {low} to {high}")
    return int(raw)


def _switch(env: Mapping[str, str], name: str, default: bool) -> bool:
    raw = env.get(name, "").strip().lower()
    if raw in ("", "0", "1", "true", "false", "yes", "no"):
        return default if raw == "" else raw in ("1", "true", "yes")
    raise SettingsError(f"{name}={raw}: give 1 or 0")


def _database(url: str) -> str:
    """The URL with its driver: sqlite and PostgreSQL (psycopg 3) are the two engines."""
    scheme = url.split(":", 1)[0]
    if scheme == "sqlite":
        return url
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return "postgresql+psycopg" + url[len(scheme) :]
    raise SettingsError(f"DATABASE_URL begins with {scheme}: give sqlite:///PATH or postgresql://USER@HOST/NAME")


def _mail(url: str) -> str:
    if url and urlsplit(url).scheme not in ("smtp", "smtps"):
        raise SettingsError("MAIL_URL: give smtp://USER:PASSWORD@HOST:PORT, or leave it empty for files under var/mail")
    return url


def _broker(transport: str) -> str:
    """The broker's URL, or nothing for the job table alone. A refusal does not repeat what may hold a password."""
    if transport in ("", "table"):
        return ""
    carrier, _, url = transport.partition("+")
    wrong = SettingsError(
        "JOB_TRANSPORT: give dramatiq+amqp://USER:PASSWORD@HOST:PORT/VHOST, or leave it empty for the job table"
    )
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0  # a port that is no number raises
    except ValueError:
        raise wrong from None
    if carrier != "dramatiq" or parts.scheme not in ("amqp", "amqps") or not named:
        raise wrong
    return url


def _stored_secret(var: Path) -> str:
    """The signing key of this installation, made at first start and kept readable by its owner only."""
    path = var / "secret_key"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().strip()
