"""Which entries look like duplicates, and the life of a merge. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from app.kernel.errors import declare
from app.kernel.statemachine import Machine
from app.kernel.text import Text
from app.kernel.timewindow import Window

declare(
    "merge_needs_consent",
    HTTPStatus.CONFLICT,
    "The entries belong to different organisations: propose the merge, and the one whose entry leaves consents.",
    "两条需求分属不同单位：请先提出合并，由被合并需求的提出单位同意。",
)
declare(
    "merge_standing",
    HTTPStatus.CONFLICT,
    "This entry has been merged already, or a merge of it waits for an answer.",
    "该需求已合并，或其合并提议尚待答复。",
)
declare(
    "not_invited",
    HTTPStatus.CONFLICT,
    "Your organisation is not invited to this list, or has entries in it.",
    "贵单位未受邀参加该清单，或已提交需求。",
)
declare("nobody_to_tell", HTTPStatus.CONFLICT, "Everybody who is invited has answered.", "受邀单位均已答复。")

MERGE = Machine(
    name="need_merge",
    subject=Text("The merge", "合并"),
    states={
        "proposed": Text("waits for consent", "待同意"),
        "merged": Text("merged", "已合并"),
        "declined": Text("declined", "未同意"),
        "withdrawn": Text("withdrawn", "已撤回"),
        "undone": Text("undone", "已撤销"),
    },
    transitions={
        "consent": (frozenset({"proposed"}), "merged"),
        "decline": (frozenset({"proposed"}), "declined"),
        "withdraw": (frozenset({"proposed"}), "withdrawn"),
        "undo": (frozenset({"merged"}), "undone"),
    },
    labels={
        "consent": Text("consent to", "同意"),
        "decline": Text("decline", "不同意"),
        "withdraw": Text("withdraw", "撤回"),
        "undo": Text("undo", "撤销"),
    },
    initial="proposed",
    final=frozenset({"declined", "withdrawn", "undone"}),
)
ANSWERS = {
    "entered": Text("has entries", "已提交需求"),
    "drafting": Text("has drafts only", "仅有草稿"),
    "nothing": Text("has nothing to enter", "无需求"),
    "silent": Text("has not answered", "尚未答复"),
}
NEAR_M = 500.0  # entries farther apart than this and than both their radii are no duplicates
NARROW_M = 100.0  # a line or an area covers what is nearer to it than this, or than the width it searches
LEAST_COVER = 0.6  # of the larger of two places that both must cover, where one is a line or an area
LEAST_SHARE = 0.5  # of the shorter period that both must ask for
LEAST_POINTS = 40
NEARNESS, PERIOD, QUANTITY, SAME_NAME = 45, 25, 20, 10  # points of 100
TWIN_POINTS = {
    "near": NEARNESS,
    "period": PERIOD,
    "quantity": QUANTITY,
    "name": SAME_NAME,
    "least": LEAST_POINTS,
}  # as pages tell them


@dataclass(frozen=True, slots=True)
class Entry:
    """What decides whether an entry is like another. `reach_m`: its radius."""

    ref: str
    kind: str
    title: str
    reach_m: float
    starts: date
    ends: date
    quantity: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """`shared`: of the shorter period; `ratio`: the smaller quantity by the larger. `covered`: of the larger place by both, where one
    is a line or an area. `points`: of 100."""

    distance_m: float
    shared: float
    ratio: float
    same_name: bool
    points: int
    covered: float | None = None


def likeness(a: Entry, b: Entry, distance_m: float, covered: float | None = None) -> Likeness | None:
    """How alike two entries are; None when they are no duplicates. Of one kind, at the same time, and near each other: circles by the
    distance of their middles, lines and areas by how much of the ground that either covers both do."""
    near = 1 - distance_m / max(NEAR_M, min(a.reach_m, b.reach_m)) if covered is None else covered
    if a.kind != b.kind or near < (0 if covered is None else LEAST_COVER):
        return None
    both = Window(a.starts, a.ends).intersection(Window(b.starts, b.ends))
    shorter = min((a.ends - a.starts).days, (b.ends - b.starts).days)
    shared = both.length_days / shorter if both is not None else 0.0
    if shared < LEAST_SHARE:
        return None
    ratio = min(a.quantity, b.quantity) / max(a.quantity, b.quantity)
    same = a.title.strip().casefold() == b.title.strip().casefold()
    points = NEARNESS * near + PERIOD * shared + QUANTITY * ratio + (SAME_NAME if same else 0)
    found = Likeness(distance_m, shared, ratio, same, round(points), covered)
    return found if found.points >= LEAST_POINTS else None
