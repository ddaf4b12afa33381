"""What needs bring to every page: their word in the top bar, whether the reader may ask, documents on an entry, the page of a
subject."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, url_for

from app.catalogue.kinds import KINDS
from app.db.work import Reader
from app.drafts import NamedForm, forms_named
from app.kernel.errors import DomainError
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.needs import documents
from app.needs.queries import need_detail
from app.web.execute import current_actor
from app.web.policy import may
from app.web.shell import NavLink, add_links
from app.web.subjects import subject_page


def init(app: Flask) -> None:
    def signed_in() -> bool:
        return not current_actor().is_anonymous

    def may_ask() -> bool:
        return may("need.create", Subject(requester_id=current_actor().organisation_id))

    documents.init()
    forms_named("need", _unfinished)
    app.jinja_env.globals["may_ask"] = may_ask
    subject_page("need", "matching.need")
    subject_page("needs_list", "needs.show_list")
    add_links(app, NavLink("needs.index", Text("Needs", "需求"), "needs", order=30, visible=signed_in))


def _unfinished(reader: Reader, of: str, values: Mapping[str, str]) -> NamedForm | None:
    """A new need of a kind, or the changes of a draft."""
    if of in KINDS:
        what = Text("New need: {kind}", "新建需求：{kind}").format(kind=KINDS[of].label)
        return NamedForm(what, url_for("needs.new", kind=of, needs_list=values.get("needs_list") or None))
    try:
        need = need_detail(reader, of)
    except DomainError:
        return None
    if need.status != "draft":
        return None
    return NamedForm(
        Text("Changes of the need “{title}”", "修改需求“{title}”").format(title=need.title), url_for("needs.edit", ref=of)
    )
