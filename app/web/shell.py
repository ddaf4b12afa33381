"""What stands around every page: navigation, the organisation acted for, the inbox badge.

`app.web` knows no feature, so features bring their part: `add_link` at import, and providers that read the actor of the request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from flask import Flask, current_app, has_request_context, request, url_for

from app.kernel.text import Text

EXTENSION = "infrashare.shell"
SPRITE = "images/icons.svg"
MENUS = {  # what is used less often than every hour stands one step further, so that the bar fits on a laptop in both languages
    "together": (Text("Build together", "共建"), 36),
    "register": (Text("Register", "台账"), 55),
    "office": (Text("Administration", "管理"), 80),
}


@dataclass(frozen=True, slots=True)
class NavLink:
    """One word of the top bar. `section`: the first part of the paths at which it is current. `visible` reads the actor
    itself. `menu`: the menu of MENUS that holds it; without one it stands in the bar itself."""

    endpoint: str
    label: Text
    section: str
    order: int = 50
    visible: Callable[[], bool] = lambda: True
    menu: str = ""


@dataclass(frozen=True, slots=True)
class OrganisationChoice:
    """An organisation that the person may act for."""

    ref: str
    name: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is signed in, as the top bar shows it."""

    name: str
    organisation: str = ""
    organisations: tuple[OrganisationChoice, ...] = ()
    account_url: str | None = None
    sign_out_url: str | None = None  # POST
    switch_url: str | None = None  # POST, field `organisation`
    ref: str = ""  # keeps what one person typed on a device apart from what another did


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits for the person, and where."""

    url: str
    count: int = 0


@dataclass
class Shell:
    """The parts that features bring. `viewer` and `inbox` answer None when nobody is signed in."""

    links: dict[str, NavLink] = field(default_factory=dict)
    viewer: Callable[[], Viewer | None] = lambda: None
    inbox: Callable[[], Inbox | None] = lambda: None
    sign_in_endpoint: str | None = None
    addresses: dict[tuple[str | None, str], str] = field(default_factory=dict)


def of(app: Flask) -> Shell:
    shell = app.extensions[EXTENSION]
    if not isinstance(shell, Shell):
        raise TypeError(f"{EXTENSION} is not a Shell")
    return shell


def add_links(app: Flask, *links: NavLink) -> None:
    """Add words to the top bar; an endpoint that is not registered stays out."""
    for link in links:
        of(app).links[link.endpoint] = link


@dataclass(frozen=True, slots=True)
class NavItem:
    label: Text
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class NavMenu:
    """Several links under one word; `current` when one of them is."""

    label: Text
    items: tuple[NavItem, ...]

    @property
    def current(self) -> bool:
        return any(item.current for item in self.items)


def nav_items() -> Sequence[NavItem | NavMenu]:
    """The links that the present actor sees, in order; a menu of one link is that link."""
    links = sorted(of(current_app).links.values(), key=lambda link: (link.order, link.endpoint))
    section = request.path.strip("/").split("/")[0]
    seen = [link for link in links if link.endpoint in current_app.view_functions and link.visible()]
    items = {link.endpoint: NavItem(link.label, url_for(link.endpoint), section == link.section) for link in seen}
    bar: list[tuple[int, NavItem | NavMenu]] = [(link.order, items[link.endpoint]) for link in seen if not link.menu]
    for name, (label, order) in MENUS.items():
        held = tuple(items[link.endpoint] for link in seen if link.menu == name)
        if held:
            bar.append((order, held[0] if len(held) == 1 else NavMenu(label, held)))
    return [entry for _, entry in sorted(bar, key=lambda placed: placed[0])]


def viewer() -> Viewer | None:
    return of(current_app).viewer()


def inbox() -> Inbox | None:
    return of(current_app).inbox()


def sign_in_url() -> str | None:
    endpoint = of(current_app).sign_in_endpoint
    return url_for(endpoint, next=request.full_path.rstrip("?")) if endpoint in current_app.view_functions and endpoint else None


def own_file(filename: str) -> str:
    """The address of one of our own static files, with a digest so that it can be cached for good."""
    known, key = of(current_app).addresses, (request.root_path if has_request_context() else None, filename)
    if key not in known or current_app.debug:
        content = (Path(str(current_app.static_folder)) / filename).read_bytes()
        known[key] = url_for("static", filename=filename, v=sha256(content).hexdigest()[:10])
    return known[key]


def init(app: Flask) -> None:
    app.extensions[EXTENSION] = Shell()
    app.jinja_env.globals.update(
        nav_items=nav_items,
        viewer=viewer,
        inbox=inbox,
        sign_in_url=sign_in_url,
        own_file=own_file,
        icon_sprite=lambda: own_file(SPRITE),
    )
