"""`fulfilment_of(agreement ref)`: what stands after the entry into force, for the agreement's page."""

from __future__ import annotations

from flask import Flask

from app.fulfilment.queries import FulfilmentView, fulfilment
from app.web.execute import ask
from app.web.subjects import subject_page


def fulfilment_of(ref: str) -> FulfilmentView:
    return ask(fulfilment, ref)


def init(app: Flask) -> None:
    app.jinja_env.globals["fulfilment_of"] = fulfilment_of
    subject_page("fulfilment", "fulfilment.show")
