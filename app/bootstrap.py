"""Composition root: the one place that knows every feature. Blueprints, subscribers, adapters, in the order of the story."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from zoneinfo import ZoneInfo

from flask import Flask
from flask_smorest import Api
from werkzeug.middleware.proxy_fix import ProxyFix

from app.catalogue.profiles import get_profile
from app.config import Settings
from app.db.carrier import Carrier, TableAlone
from app.db.jobs import Handler
from app.db.session import Database
from app.db.work import Bus
from app.kernel.clock import Clock, SystemClock
from app.web import assets, auth, errors, formatting, health, i18n, inputs, openapi, policy, security, sessions
from app.web.limits import limiter

FEATURES = (
    "accounts",
    "regions",
    "disclosure",
    "assets",
    "assets.disclosing",
    "ledger",
    "listings",
    "listings.changing",
    "needs",
    "needs.keeping",
    "works",
    "matching",
    "matching.cobuilding",
    "matching.routing",
    "matching.allocating",
    "access",
    "access.routes",
    "agreements",
    "agreements.verifying",
    "approvals",
    "approvals.evidence",
    "fulfilment",
    "rent",
    "savings",
    "deadlines",
    "attachments",
    "drafts",
    "audit",
    "notices",
    "exchange",
    "exchange.corridors",
    "maps",
    "searches",
    "home",
    "tasks",
    "monitoring",
    "tours",
    "admin",
    "demo",
)


def modules(name: str) -> dict[str, ModuleType]:
    """The modules of that name in every feature that has one: `modules("models")`."""
    return {f: import_module(f"app.{f}.{name}") for f in FEATURES if find_spec(f"app.{f}") and find_spec(f"app.{f}.{name}")}


def load_models() -> None:
    """Import every table, so that the metadata is whole."""
    modules("models")
    import_module("app.web.idempotency")


def carrier(settings: Settings) -> Carrier:
    """How workers hear of jobs. The broker's packages are loaded only where it is asked for."""
    if not settings.amqp_url:
        return TableAlone()
    made: Carrier = import_module("app.db.rabbit").Rabbit(settings.amqp_url)
    return made


def make_bus(settings: Settings, clock: Clock | None = None) -> Bus:
    """The bus without Flask: for jobs, commands and tests. Every feature's `subscribers.py` is attached."""
    load_models()
    modules("policy")
    zone = ZoneInfo(get_profile(settings.profile).time_zone)
    bus = Bus(Database(settings.database_url, carrier=carrier(settings)), clock or SystemClock(), zone)
    bus.recorder = import_module("app.disclosure").Witness(bus.database, lingers=not settings.testing)
    for module in modules("subscribers").values():
        bus.subscribers.extend(module.SUBSCRIBERS)
    return bus


def job_handlers(bus: Bus) -> dict[str, Handler]:
    """Every feature's job handlers: its `jobs.py` has `handlers(bus)`."""
    found: dict[str, Handler] = {}
    for module in modules("jobs").values():
        found.update(module.handlers(bus))
    return found


def wire(app: Flask, settings: Settings) -> None:
    """Attach everything to the application, then refuse to go on if a route has no policy."""
    app.extensions["infrashare_bus"] = make_bus(settings)
    app.config["TIMEZONE"] = get_profile(settings.profile).time_zone
    if settings.proxies:  # else anybody could claim any address, and be counted as somebody else
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    security.init(app)
    sessions.init(app)
    i18n.init(app)
    formatting.init(app)
    assets.init(app)
    auth.csrf.init_app(app)
    limiter.init_app(app)
    auth.init(app, import_module("app.accounts.identity").LOADERS)
    app.before_request(policy.guard)
    inputs.init(app)
    app.jinja_env.globals["may"] = policy.may
    app.jinja_env.globals["may_for_own"] = policy.may_for_own
    app.register_blueprint(health.blueprint)
    if settings.development or settings.testing or settings.demo:
        app.register_blueprint(import_module("app.web.styleguide").blueprint)
    for module in modules("pages").values():
        app.register_blueprint(module.blueprint)
    api = Api(app)
    errors.init(app)  # after the API, which brings a handler of its own for every HTTP error
    for module in modules("api").values():
        api.register_blueprint(module.blueprint)
    openapi.init(api, app)

    import_module("app.cli").init(app)
    for module in modules("commands").values():
        for group in module.GROUPS:
            app.cli.add_command(group)
    for module in modules("context").values():
        module.init(app)
    policy.verify(app)
