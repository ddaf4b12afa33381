"""What listings bring to every page: their word in the top bar."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, url_for

from app.assets import asset_detail
from app.catalogue.kinds import KINDS
from app.db.work import Reader
from app.drafts import NamedForm, forms_named
from app.kernel.errors import DomainError
from app.kernel.text import Text
from app.listings.queries import listing_detail
from app.web.execute import current_actor
from app.web.shell import NavLink, add_links


def init(app: Flask) -> None:
    def signed_in() -> bool:
        return not current_actor().is_anonymous

    forms_named("listing", _unfinished)
    add_links(app, NavLink("listings.index", Text("Listings", "资源"), "listings", order=20, visible=signed_in))


def _unfinished(reader: Reader, of: str, _values: Mapping[str, str]) -> NamedForm | None:
    """A new listing with an asset of a kind, one on an asset of the register, or the changes of a listing."""
    if of in KINDS:
        what = Text("New listing: {kind}", "新建资源：{kind}").format(kind=KINDS[of].label)
        return NamedForm(what, url_for("listings.new", kind=of))
    try:
        listing = listing_detail(reader, of)
    except DomainError:
        return _on_asset(reader, of)
    if not listing.is_own or listing.status == "withdrawn":
        return None
    return NamedForm(
        Text("Changes of the listing “{title}”", "修改资源“{title}”").format(title=listing.title),
        url_for("listings.edit", ref=of),
    )


def _on_asset(reader: Reader, of: str) -> NamedForm | None:
    try:
        name = asset_detail(reader, of).face.name or ""
    except DomainError:
        return None
    return NamedForm(Text("New listing on “{name}”", "为“{name}”新建资源").format(name=name), url_for("listings.new", asset=of))
