"""How an agreement's state is shown: the tone of its chip, and its life as steps."""

from __future__ import annotations

from app.agreements.rules import AGREEMENT
from app.agreements.views import AgreementView
from app.web.steps import LifeStep, life_steps

TONES = {
    "drafted": "out",
    "signed": "brand",
    "submitted": "warn",
    "returned": "warn",
    "in_force": "ok",
    "make_ready": "warn",
    "installed": "warn",
    "accepted": "ok",
    "ended": "warn",
    "removed": "out",
    "amended": "out",
    "refused": "bad",
    "withdrawn": "out",
}
STEPS = ("drafted", "signed", "submitted", "in_force", "installed", "accepted")
PLACE = {
    "returned": 2,
    "refused": 2,
    "withdrawn": 0,
    "make_ready": 3,
    "ended": 5,
    "removed": 5,
    "amended": 5,
} | {name: place for place, name in enumerate(STEPS)}
STOPPED = ("refused", "withdrawn", "returned", "ended", "removed", "amended")


def life_of(view: AgreementView) -> list[LifeStep]:
    """The life of an agreement as steps; where it stopped or is in between, that state's own word stands there."""
    place = PLACE[view.status]
    labels = [AGREEMENT.states[name] for name in STEPS]
    labels[place] = AGREEMENT.states[view.status]
    return life_steps(labels, len(STEPS) if view.status == "accepted" else place, failed=view.status in STOPPED)
