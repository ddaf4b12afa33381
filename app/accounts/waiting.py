"""Tasks of the platform's administrator: organisations that nobody administers."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from app.accounts.home_cards import UNATTENDED
from app.accounts.models import Organisation
from app.db.work import Reader
from app.kernel.actor import Role
from app.kernel.text import Text
from app.web.waiting import Waiting, task_kind

ATTEND = task_kind(
    "organisation.attend", Text("Find an administrator for an organisation", "为单位指定管理员"), frozenset({Role.ADMINISTRATOR})
)


def unattended(reader: Reader) -> Iterator[Waiting]:
    own = reader.actor.organisation_id
    if not reader.actor.is_administrator or own is None:
        return
    for row in reader.session.scalars(select(Organisation).where(*UNATTENDED)):
        since = row.updated_at or row.created_at
        yield Waiting(ATTEND, "organisation", row.ref, row.in_(reader.actor.locale), own, since, row.home_region)


WAITING = [unattended]
