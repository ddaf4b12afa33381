"""An event becomes a notice for each concerned organisation but the one that acted, and a mail where something waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.catalogue.actions import thing_text
from app.db.work import UnitOfWork
from app.kernel.event import Event
from app.kernel.text import Text
from app.notices.models import Notice
from app.notices.outbox import queue_mail
from app.notices.recipients import recipients
from app.notices.sentences import PLATFORM_NAME, SENTENCES, sentence

BODY = Text("{sentence}\n\nOpen Infrashare to see it and to answer.\n", "{sentence}\n\n请登录 Infrashare 查看并办理。\n")
PLAIN = (str, int, float, bool)


def tell(work: UnitOfWork, event: Event) -> None:
    """Save the notices of an event in its own transaction."""
    code = _code(event)
    known = SENTENCES.get(code)
    if known is None:
        return
    told = [number for number in dict.fromkeys(event.organisation_ids) if number != work.actor.organisation_id]
    values = _values(work, event)
    for organisation_id in told:
        work.session.add(
            Notice(
                organisation_id=organisation_id,
                code=code,
                values=values,
                subject_type=event.subject_type,
                subject_ref=event.subject_ref,
                created_at=work.now,
                read_at=None,
            )
        )
        if known.mails:
            _mail(work, organisation_id, event, sentence(code, values))
    work.session.flush()


def _code(event: Event) -> str:
    """The sentence of an event: the decision that brings an agreement into force is told as that."""
    change = event.after.get("agreement_change")
    in_force = isinstance(change, Mapping) and change.get("status") == "in_force"
    return "agreement.in_force" if in_force else event.action


def _values(work: UnitOfWork, event: Event) -> dict[str, Any]:
    """What fills the sentence: plain values and texts in both languages; an agent is named with its principal."""
    actor = work.actor
    if actor.organisation_id is None:
        who: Any = {"en": PLATFORM_NAME.en, "zh": PLATFORM_NAME.zh}
    else:
        who = {"en": actor.on_behalf.en, "zh": actor.on_behalf.zh}
    kept = {
        name: value
        for name, value in event.after.items()
        if isinstance(value, PLAIN) or (isinstance(value, dict) and {"en", "zh"} <= value.keys())
    }
    return {**kept, "who": who}


def _mail(work: UnitOfWork, organisation_id: int, event: Event, said: Text) -> None:
    for one in recipients(work.session, organisation_id):
        subject = f"Infrashare: {thing_text(event.subject_type).in_(one.locale)}"
        queue_mail(work, one.email, subject, BODY.format(sentence=said).in_(one.locale))


SUBSCRIBERS = [tell]
