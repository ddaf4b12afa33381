"""Home: requests by route that wait for the requester: broken ones to take another way, standing ones to take."""

from __future__ import annotations

from app.access.routes.queries import list_routes
from app.access.routes.rules import ROUTE
from app.db.work import Reader
from app.kernel.permission import WRITERS
from app.kernel.text import Text
from app.web.cards import SHOWN, HomeCard, HomeRow, page_url
from app.web.subjects import subject_url

TITLE = Text("Routes to settle", "待处理的整条路由申请")
EMPTY = Text("No route waits for you.", "暂无待处理的整条路由申请。")


def to_settle(reader: Reader) -> HomeCard | None:
    """Those of which a leg failed, then those of which every leg stands."""
    if not reader.actor.roles & WRITERS:
        return None
    found = [list_routes(reader, status, None, SHOWN) for status in ("broken", "standing")]
    rows = [row for part in found for row in part.results][:SHOWN]
    if not rows:
        return None
    shown = tuple(
        HomeRow(row.title, subject_url("route_request", row.ref), ROUTE.states[row.status].in_(reader.actor.locale), None)
        for row in rows
    )
    return HomeCard(TITLE, sum(part.count for part in found), EMPTY, shown, page_url("route_requests.index"), 21)


CARDS = [to_settle]
