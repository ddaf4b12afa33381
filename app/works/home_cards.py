"""Home: requests to join that wait for the sponsor, announced works that an organisation may still join, works without their
mandatory reservation for who oversees them."""

from __future__ import annotations

from sqlalchemy import exists, func, select

from app.db.work import Reader
from app.kernel.permission import WRITERS
from app.kernel.text import Text
from app.web.cards import SHOWN, HomeCard, HomeRow, page_url
from app.web.subjects import subject_url
from app.works.models import WorksJoin, WorksProject
from app.works.queries import overseen


def to_answer(reader: Reader) -> HomeCard | None:
    """Requests to join the reader's own works."""
    if not reader.actor.roles & WRITERS:
        return None
    base = (
        select(WorksProject.name, WorksProject.ref, WorksJoin.what)
        .join(WorksJoin, WorksJoin.project_id == WorksProject.id)
        .where(WorksProject.sponsor_id.in_(reader.actor.subtree), WorksJoin.status.in_(("waiting", "late")))
    )
    count = reader.session.scalar(select(func.count()).select_from(base.subquery())) or 0
    if not count:
        return None
    rows = reader.session.execute(base.order_by(WorksJoin.id).limit(SHOWN))
    shown = tuple(HomeRow(name, subject_url("works", ref), what[:80]) for name, ref, what in rows)
    title, empty = Text("Requests to join your works", "待答复的工程加入申请"), Text("Nobody asks to join.", "暂无加入申请。")
    return HomeCard(title, count, empty, shown, page_url("works.index", mine="1"), 18)


def to_join(reader: Reader) -> HomeCard | None:
    """Announced works of others whose window is open and to which the reader's organisation has not answered."""
    actor = reader.actor
    if not actor.roles & WRITERS or actor.competences:
        return None
    answered = exists(
        select(WorksJoin.id).where(WorksJoin.project_id == WorksProject.id, WorksJoin.organisation_id == actor.organisation_id)
    )
    wanted = (
        WorksProject.status == "announced",
        WorksProject.join_until >= reader.today,
        WorksProject.sponsor_id.not_in(actor.subtree),
        ~answered,
    )
    count = reader.session.scalar(select(func.count()).select_from(WorksProject).where(*wanted)) or 0
    if not count:
        return None
    rows = reader.session.scalars(select(WorksProject).where(*wanted).order_by(WorksProject.join_until).limit(SHOWN))
    shown = tuple(HomeRow(row.name, subject_url("works", row.ref), "", row.join_until) for row in rows)
    title, empty = Text("Works that you may join", "可加入的在建工程"), Text("No works are open to join.", "暂无可加入的工程。")
    return HomeCard(title, count, empty, shown, page_url("works.index"), 35)


def lacking(reader: Reader) -> HomeCard | None:
    """Announced works without their mandatory reservation, where the reader is competent."""
    if not reader.actor.competences:
        return None
    found = overseen(reader, lacking=True, limit=SHOWN)
    shown = tuple(
        HomeRow(row.name, subject_url("works", row.ref), row.sponsor.in_(reader.actor.locale), row.permit_on)
        for row in found.results
    )
    title = Text("Works without their reservation for communications", "未落实通信预留的工程")
    empty = Text("Every announced works project has its reservation.", "已公布工程均已落实通信预留。")
    return HomeCard(title, found.count, empty, shown, page_url("works.oversee"), 30)


CARDS = [to_answer, to_join, lacking]
