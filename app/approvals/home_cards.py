"""Home: approval tasks that wait for the reader's regulator, the most urgent first."""

from __future__ import annotations

from sqlalchemy import func, select

from app.agreements import Agreement
from app.approvals.decisions import OPEN
from app.approvals.models import Approval
from app.db.work import Reader
from app.deadlines import due_dates_of
from app.kernel.text import Text
from app.web.cards import SHOWN, HomeCard, HomeRow, page_url
from app.web.subjects import subject_url

MODES = {
    "decide": Text("to decide", "待决定"),
    "consult": Text("to give an opinion", "待反馈意见"),
    "file": Text("to take on file", "待备案"),
}
SCANNED = 200  # the most urgent are among the oldest


def waiting(reader: Reader) -> HomeCard | None:
    """Tasks of the organisation acted for. Only a regulator has any."""
    if not reader.actor.competences:
        return None
    mine = (Approval.regulator_id == reader.actor.organisation_id, Approval.status.in_(OPEN))
    count = reader.session.scalar(select(func.count()).select_from(Approval).where(*mine)) or 0
    tasks = list(
        reader.session.execute(
            select(Approval.ref, Approval.mode, Agreement.title)
            .join(Agreement, Agreement.id == Approval.agreement_id)
            .where(*mine)
            .order_by(Approval.id)
            .limit(SCANNED)
        )
    )
    due = due_dates_of(reader.session, "approval", [ref for ref, _, _ in tasks])
    tasks.sort(key=lambda task: (due.get(task[0]) is None, due.get(task[0]) or reader.today))
    rows = tuple(HomeRow(title, subject_url("approval", ref), MODES[mode], due.get(ref)) for ref, mode, title in tasks[:SHOWN])
    return HomeCard(
        Text("Approvals waiting for you", "待您审批的协议"),
        count,
        Text("No agreement waits for your decision.", "暂无待您审批的协议。"),
        rows,
        page_url("approvals.index"),
        5,
    )


CARDS = [waiting]
