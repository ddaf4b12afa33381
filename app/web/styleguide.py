"""/styleguide: every component in every state, and skeleton pages to copy. In development, demo and tests only.

Its data is made up here and nowhere else; it reads no database.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from app.catalogue.declaration import Choice, Field
from app.catalogue.kinds import KINDS
from app.kernel.errors import CATALOGUE, DomainError
from app.kernel.text import Text
from app.web.errors import problem_document
from app.web.formatting import current_locale
from app.web.policy import policy
from app.web.shell import Inbox, OrganisationChoice, Viewer

blueprint = Blueprint("styleguide", __name__, url_prefix="/styleguide")
SECTORS = ("telecom", "power", "transport", "municipal", "public_security", "other")
EVERY_TYPE = (
    Field(
        "sample_height_m",
        Text("Top of antenna at least", "天线顶端高度不低于"),
        unit="m",
        minimum=0,
        maximum=500,
        required=True,
        help=Text("Above ground, not its centre.", "离地高度，不是天线中心高度。"),
    ),
    Field("sample_mounts", Text("Mounts", "挂载数量"), "integer", unit="position", minimum=1, maximum=50, required=True),
    Field(
        "sample_power",
        Text("Power", "供电方式"),
        "choice",
        choices=(Choice("ac", Text("AC", "交流")), Choice("dc48", Text("−48 V DC", "−48 V 直流"))),
    ),
    Field("sample_built_up", Text("Built-up area", "建成区"), "boolean"),
    Field("sample_from", Text("Needed from", "需用日期"), "date", required=True),
    Field("sample_line", Text("Line reference", "线路名称"), "text"),
)


@blueprint.get("/")
@policy("site.view")
def components() -> str:
    return render_template("styleguide.html", **samples())


@blueprint.get("/<any(list, detail, form, inbox):page>")
@policy("site.view")
def skeleton(page: str) -> str:
    """The four kinds of page that others copy."""
    return render_template(f"styleguide/{page}.html", **samples())


@blueprint.get("/error/<code>")
@policy("site.view")
def error(code: str) -> tuple[str, int]:
    """The error page of a code, as a person sees it."""
    if code not in CATALOGUE:
        raise DomainError("not_found")
    shown = DomainError(code)
    status = int(shown.type.status)
    return render_template("errors/page.html", error=shown, status=status, problem=problem_document(shown)), status


def samples() -> dict[str, Any]:
    """What the macros are shown with, in the language of the request."""
    chinese = current_locale().startswith("zh")
    names = ("深圳移动通信公司", "广东省电力公司") if chinese else ("Carrier A · Shenzhen", "Guangdong Power Company")
    return {
        "shown_viewer": Viewer(
            name="陈立" if chinese else "Li Chen",
            organisation=names[0],
            organisations=(OrganisationChoice("a", names[0], True), OrganisationChoice("b", names[1])),
            account_url="#",
            sign_out_url="#",
            switch_url="#",
        ),
        "shown_inbox": Inbox("/styleguide/inbox", 4),
        "kinds": KINDS.all(),
        "sectors": SECTORS,
        "fields": EVERY_TYPE,
        "matches": matches(),
        "rows": rows(),
        "life": life(),
        "events": events(),
        "features": features(),
        "need": {"lon": 114.0213, "lat": 22.6541, "radius_m": 500},
        "today": date(2026, 8, 5),
        "start": date(2027, 1, 1),
        "end": date(2032, 1, 1),
        "at": datetime(2026, 8, 5, 6, 30, tzinfo=UTC),
        "waiting": waiting(),
        "sort": request.args.get("sort", "-score"),
        "query": request.args,
    }


def life() -> list[dict[str, str]]:
    return [
        {"label": _("Published"), "at": _("3 Aug"), "state": "done"},
        {"label": _("Matched"), "state": "done"},
        {"label": _("Request access"), "state": "current"},
        {"label": _("Owner answers"), "state": "todo"},
        {"label": _("Agreement"), "state": "todo"},
        {"label": _("2 regulators"), "state": "todo"},
        {"label": _("In force"), "state": "todo"},
    ]


def matches() -> list[dict[str, Any]]:
    tower = KINDS["tower"]
    return [
        {
            "title": _("Power tower 110 kV, Longhua line 14"),
            "href": "/styleguide/detail",
            "kind": tower,
            "sector": _("Power"),
            "feature": "m1",
            "facts": [_("City power company"), _("312 m north-east"), _("operational"), _("surveyed 2025, ± 0.5 m")],
            "score": 86,
            "selected": True,
            "terms": [
                {"label": _("Distance"), "points": 18, "weight": 25},
                {"label": _("Height"), "points": 19, "weight": 20},
                {"label": _("Load"), "points": 17, "weight": 20},
                {"label": _("Price"), "points": 18, "weight": 20},
                {"label": _("Window"), "points": 14, "weight": 15},
            ],
            "reasons": [
                {"verdict": "pass", "text": _("Top of antenna allowed to 33.4 m: 3.4 m to spare under the lowest conductor.")},
                {"verdict": "pass", "text": _("Utilisation rises from 71% to 83% with what is held and asked.")},
                {"verdict": "warn", "text": _("Access by outage permit or escort, 5 working days' notice.")},
            ],
        },
        {
            "title": _("Multi-function lamp pole, Renmin Road 208"),
            "href": "/styleguide/detail",
            "kind": tower,
            "sector": _("Municipal"),
            "feature": "m2",
            "facts": [_("City lighting office"), _("95 m"), _("2 platforms"), _("as-built 2024")],
            "score": 79,
            "reasons": [
                {"verdict": "pass", "text": _("Nearest of all; power 3.5 kW at the pole.")},
                {
                    "verdict": "warn",
                    "text": _("24 m: serves only with the second platform 6 m lower. Counter-offer: 2 mounts at 24 m."),
                },
            ],
        },
        {
            "title": _("Tower GD-88321"),
            "href": "/styleguide/detail",
            "kind": tower,
            "chip": (_("near miss"), "bad"),
            "feature": "m3",
            "facts": [_("Tower company"), _("540 m")],
            "reasons": [
                {
                    "verdict": "fail",
                    "text": _("40 m outside the radius."),
                    "change": _("radius 540 m, or move the centre 45 m east."),
                }
            ],
        },
    ]


def features() -> list[dict[str, Any]]:
    return [
        {
            "id": "m1",
            "lon": 114.0235,
            "lat": 22.6559,
            "label": _("Power tower 110 kV, Longhua line 14"),
            "state": "fits",
            "score": 86,
        },
        {
            "id": "m2",
            "lon": 114.0219,
            "lat": 22.6536,
            "label": _("Multi-function lamp pole, Renmin Road 208"),
            "state": "fits",
            "score": 79,
        },
        {"id": "m3", "lon": 114.0262, "lat": 22.6541, "label": _("Tower GD-88321"), "state": "near"},
    ]


def rows() -> list[dict[str, Any]]:
    names = ("LH-14", "LH-15", "RM-208", "FT-031", "NS-77")
    states = (("published", "ok"), ("published", "ok"), ("suspended", "warn"), ("draft", "out"), ("withdrawn", "bad"))
    kinds = (KINDS["tower"], KINDS["tower"], KINDS["room"], KINDS["duct"], KINDS["cable"])
    words = {"published": _("published"), "suspended": _("suspended"), "draft": _("draft"), "withdrawn": _("withdrawn")}
    return [
        {
            "name": name,
            "kind": kind,
            "state": words[state],
            "tone": tone,
            "height": 33.4 - place,
            "price": 2140000 + 130000 * place,
            "free": place + 1,
        }
        for place, (name, kind, (state, tone)) in enumerate(zip(names, kinds, states, strict=True))
    ]


def events() -> list[dict[str, str]]:
    return [
        {"at": "2026-08-05 14:30", "title": _("Access requested"), "who": _("Carrier A · Shenzhen"), "tone": "brand"},
        {"at": "2026-08-03 09:12", "title": _("Matched: 7 listings, 12 near misses"), "who": _("engine 1.4"), "tone": "ok"},
        {"at": "2026-08-03 09:10", "title": _("Published"), "who": _("Guangdong Communications Administration"), "tone": "ok"},
        {
            "at": "2026-07-30 16:02",
            "title": _("Returned"),
            "who": _("Guangdong Communications Administration"),
            "tone": "warn",
            "text": _("The term was missing. Added on 31 July."),
        },
    ]


def waiting() -> list[dict[str, Any]]:
    return [
        {
            "title": _("Answer the request for LH-14"),
            "href": "#",
            "what": _("Carrier A asks for 1 mount at 30 m"),
            "due": _("due in 2 working days"),
            "chip": _("due soon"),
            "tone": "warn",
            "kind": KINDS["tower"],
            "unread": True,
        },
        {
            "title": _("Sign agreement 2026-118, version 3"),
            "href": "#",
            "what": _("Both regulators agreed without conditions"),
            "due": _("due in 9 days"),
            "kind": KINDS["duct"],
            "unread": True,
        },
        {
            "title": _("Three rows of the import need a height"),
            "href": "#",
            "what": _("poles-2026.xlsx, 1,204 of 1,207 rows are valid"),
            "kind": KINDS["room"],
        },
    ]
