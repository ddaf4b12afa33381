"""What agreements bring to every page: their word in the top bar, `agreement_of(request ref)`, the page of an agreement for
links."""

from __future__ import annotations

from flask import Flask

from app.agreements.queries import agreement_of_request, documented
from app.agreements.rules import AGREEMENT
from app.agreements.showing import TONES
from app.attachments import register_subject
from app.kernel.text import Text
from app.web.execute import ask, current_actor
from app.web.shell import NavLink, add_links
from app.web.subjects import subject_page


def agreement_of(request_ref: str) -> str | None:
    return ask(agreement_of_request, request_ref)


def init(app: Flask) -> None:
    def signed_in() -> bool:
        return not current_actor().is_anonymous

    app.jinja_env.globals.update(agreement_of=agreement_of, agreement_states=AGREEMENT.states, agreement_tones=TONES)
    register_subject("agreement", documented, view="agreement.view", attach="agreement.attach")
    subject_page("agreement", "agreements.show")
    add_links(app, NavLink("agreements.index", Text("Agreements", "协议"), "agreements", order=45, visible=signed_in))
