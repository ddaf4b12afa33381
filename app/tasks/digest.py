"""The digest that a person asks for: what waits, once a day or once a week, by mail; ended with one click from the mail itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select

from app.accounts import actor_again, mailbox_of, organisation_ref, person_ref
from app.db.work import Reader, UnitOfWork
from app.kernel.errors import Problem, fail
from app.kernel.event import Event
from app.kernel.text import Text
from app.notices import queue_mail
from app.tasks.digest_mail import body_of, subject_of
from app.tasks.models import TaskDigest
from app.tasks.queries import all_tasks, fits_whose

EVERY = {"never": Text("Never", "不发送"), "day": Text("Every day", "每日"), "week": Text("Every Monday", "每周一")}
WHOSE = {
    "all": Text("Everything that waits for the organisation", "本单位全部待办"),
    "mine": Text("Only what I have taken", "仅本人认领的事项"),
}
MONDAY = 0
MORNING = 8  # o'clock, where the marketplace is
SEND = "tasks.digests"
SALT = "task-digest"


@dataclass(frozen=True, slots=True)
class SetDigest:
    every: str
    whose: str = "all"


@dataclass(frozen=True, slots=True)
class StopDigest:
    """`secret_key`: of this site, which signed the link."""

    token: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class SendDigest:
    """`base_url`, `secret_key`: of this site, for the links."""

    ref: str
    base_url: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class DigestView:
    """`reaches`: mails go out to this person."""

    every: str
    whose: str
    sent_on: date | None
    reaches: bool


def own_digest(reader: Reader) -> DigestView:
    """Nobody is sent one unasked."""
    row = _own(reader)
    reaches = reader.actor.user_id is not None and mailbox_of(reader.session, reader.actor.user_id) is not None
    return DigestView(row.every, row.whose, row.sent_on, reaches) if row else DigestView("never", "all", None, reaches)


def _own(reader: Reader) -> TaskDigest | None:
    actor = reader.actor
    mine = (TaskDigest.person_id == actor.user_id, TaskDigest.organisation_id == actor.organisation_id)
    return reader.session.scalar(select(TaskDigest).where(*mine))


def set_digest(work: UnitOfWork, command: SetDigest) -> None:
    """Choose how often one is sent what waits for the organisation acted for. Raises `invalid`."""
    work.permit("task.digest")
    actor = work.actor
    if actor.user_id is None or actor.organisation_id is None:
        raise fail("forbidden")
    for name, value, known in (("every", command.every, EVERY), ("whose", command.whose, WHOSE)):
        if value not in known:
            raise fail("invalid", [Problem("invalid", Text("Choose one of these.", "请选择其中一项。"), pointer=f"/{name}")])
    row = _own(work)
    if row is None:
        row = TaskDigest(
            person_id=actor.user_id,
            organisation_id=actor.organisation_id,
            every="never",
            whose="all",
            created_at=work.now,
        )
        work.session.add(row)
        work.session.flush()
    _change(work, row, command.every, command.whose)
    queue_next(work)


def queue_next(work: UnitOfWork, command: None = None) -> None:
    """The next morning's job; one that waits already stands."""
    here = work.now.astimezone(work.zone)
    morning = here.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if morning <= here:
        morning += timedelta(days=1)
    work.enqueue(SEND, {}, key=SEND, delay_s=(morning - here).total_seconds())


def _change(work: UnitOfWork, row: TaskDigest, every: str, whose: str) -> None:
    before = {"every": row.every, "whose": row.whose}
    row.every, row.whose, row.updated_at = every, whose, work.now
    after = {"every": every, "whose": whose}
    work.emit(Event("task_digest.changed", "task_digest", row.ref, (row.organisation_id,), before, after))


def stop_digest(work: UnitOfWork, command: StopDigest) -> None:
    """End a digest by the link of one of its mails, signed in or not; again changes nothing. Raises `not_found`."""
    work.permit("task.subscribed")
    row = _signed(work, command)
    if row.every != "never":
        _change(work, row, "never", row.whose)


def digest_by_link(reader: Reader, command: StopDigest) -> str:
    """How often the digest of a link is sent now. Raises `not_found`."""
    return _signed(reader, command).every


def _signed(reader: Reader, command: StopDigest) -> TaskDigest:
    try:
        ref = URLSafeSerializer(command.secret_key, salt=SALT).loads(command.token)
    except BadSignature:
        raise fail("not_found") from None
    row = reader.session.scalar(select(TaskDigest).where(TaskDigest.ref == str(ref)))
    if row is None:
        raise fail("not_found")
    return row


def link_token(ref: str, secret_key: str) -> str:
    return str(URLSafeSerializer(secret_key, salt=SALT).dumps(ref))


def digests_due(reader: Reader) -> list[str]:
    """The digests to send today: the daily ones, on a Monday the weekly ones too, each once."""
    wanted = ("day", "week") if reader.today.weekday() == MONDAY else ("day",)
    found = select(TaskDigest.ref).where(
        TaskDigest.every.in_(wanted), TaskDigest.sent_on.is_(None) | (TaskDigest.sent_on < reader.today)
    )
    return list(reader.session.scalars(found.order_by(TaskDigest.id)))


def send_digest(work: UnitOfWork, command: SendDigest) -> bool:
    """Queue the mail of one digest for today, with what its person may see now. Nothing that waits: no mail. Once a day, however
    often it is asked. Returns whether a mail goes out."""
    row = work.session.scalar(select(TaskDigest).where(TaskDigest.ref == command.ref))
    if row is None or row.every == "never" or row.sent_on == work.today:
        return False
    row.sent_on = work.today
    person, organisation = person_ref(work.session, row.person_id), organisation_ref(work.session, row.organisation_id)
    actor = actor_again(work.session, person, organisation, work.today) if person and organisation else None
    address = mailbox_of(work.session, row.person_id)
    if actor is None or address is None:
        return False
    reader = Reader(work.session, actor, work.now, work.zone)
    tasks = [task for task in all_tasks(reader) if fits_whose(task, row.whose)]
    if not tasks:
        return False
    stop_url = f"{command.base_url}/tasks/digest/stop/{link_token(row.ref, command.secret_key)}"
    name = actor.on_behalf.in_(actor.locale)
    queue_mail(
        work,
        address,
        subject_of(tasks, name, actor.locale),
        body_of(tasks, name, work.today, actor.locale, command.base_url, stop_url),
        stop_url,
    )
    return True
