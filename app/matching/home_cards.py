"""Home: groups that wait for the reader's consent."""

from __future__ import annotations

from app.db.work import Reader
from app.kernel.permission import WRITERS
from app.kernel.text import Text
from app.matching.cobuilding.queries import own_groups
from app.web.cards import SHOWN, HomeCard, HomeRow, page_url
from app.web.subjects import subject_url


def waiting_groups(reader: Reader) -> HomeCard | None:
    """The groups of the reader's needs that it has not consented to; nothing where there is none."""
    if not reader.actor.roles & WRITERS or reader.actor.competences:
        return None
    waiting = [group for group in own_groups(reader) if group.status == "proposed" and not group.consented]
    if not waiting:
        return None
    rows = tuple(
        HomeRow(
            ", ".join(member.title for member in group.own),
            subject_url("cobuild_group", group.ref),
            Text(f"{group.organisations} organisations", f"{group.organisations} 家单位"),
        )
        for group in waiting[:SHOWN]
    )
    return HomeCard(
        Text("Co-construction that waits for your consent", "待您同意的共建组"),
        len(waiting),
        Text("No group waits for your consent.", "没有待您同意的共建组。"),
        rows,
        page_url("cobuilding.index"),
        25,
    )


CARDS = [waiting_groups]
