"""The board of an owner: how much of its capacity is in use, how it answers, what it earns, why it refuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from app.access import AccessRequest
from app.agreements import Agreement, CapacityLine
from app.assets import Asset
from app.catalogue.kinds import KINDS
from app.db.containment import region_within_any
from app.db.work import Reader
from app.kernel.text import Text
from app.ledger import Capacity, Claim
from app.listings import Listing
from app.monitoring.asked import MONTH, Asked, asked, clock_chart, grounds_chart, standing_chart, time_chart
from app.monitoring.charts import Board, Chart, Figure, Series
from app.monitoring.periods import Period
from app.monitoring.rents import rent_series
from app.monitoring.saved import unbuilt_chart
from app.monitoring.wanted import Wanted, in_region
from app.rent import RentStatement
from app.savings import Saving

IN_USE = ("baseline", "committed")
RETIRED = "retired"


def owner_board(reader: Reader, wanted: Wanted) -> Board:
    """What the reader's organisations own, within the regions of the reader's role. Raises `invalid`."""
    reader.permit("board.view")
    span, mine = wanted.period(reader), _mine(reader, wanted)
    found = asked(
        reader, span, and_(AccessRequest.owner_id.in_(reader.actor.subtree), _here(reader, AccessRequest.region, wanted))
    )
    use = _utilisation(reader, span, mine)
    return Board(
        "owner",
        Text("what your organisation owns", "本单位权属设施"),
        _figures(reader, wanted, found, use),
        [
            use,
            standing_chart(span, found),
            time_chart(span, found),
            clock_chart(span, found, reader.now),
            _income(reader, span, wanted),
            unbuilt_chart(reader, span, and_(Saving.owner_id.in_(reader.actor.subtree), _here(reader, Saving.region, wanted))),
            grounds_chart(span, found, Text("The owner's own answers", "本单位的答复记录")),
        ],
    )


def _here(reader: Reader, column: object, wanted: Wanted) -> ColumnElement[bool]:
    within = region_within_any(column, reader.actor.regions) if reader.actor.regions else None
    chosen = in_region(column, wanted)
    return chosen if within is None else and_(within, chosen)


def _mine(reader: Reader, wanted: Wanted) -> ColumnElement[bool]:
    return and_(Asset.owner_id.in_(reader.actor.subtree), Asset.status != RETIRED, _here(reader, Asset.region, wanted))


def _counted() -> ColumnElement[bool]:
    """The dimension that each kind is counted by: the first that it declares."""
    return tuple_(Asset.kind, Capacity.dimension).in_([(kind.name, kind.dimensions[0].name) for kind in KINDS.all()])


def _utilisation(reader: Reader, span: Period, mine: ColumnElement[bool]) -> Chart:
    """Linear in the owner's assets and claims, summed by the database; months are laid over the sums."""
    totals: dict[str, int] = dict(
        reader.session.execute(
            select(Asset.kind, func.sum(Capacity.total_milli))
            .join(Capacity, Capacity.asset_id == Asset.id)
            .where(mine, _counted())
            .group_by(Asset.kind)
        ).all()
    )
    taken = _taken(reader, span, mine)
    ends = [window.last for window in span.windows]
    series = []
    for kind in KINDS.all():
        total = int(totals.get(kind.name, 0) or 0)
        if total:
            shares = tuple(
                round(100 * sum(amount for start, end, amount in taken[kind.name] if start <= day < end) / total, 1)
                for day in ends
            )
            label, counted = kind.plural, kind.dimensions[0].label
            series.append(
                Series(Text(f"{label.en}, {counted.en.lower()}", f"{label.zh}（{counted.zh}）"), shares, "percent", hue=kind.hue)
            )
    return Chart(
        "utilisation",
        Text("Capacity in use", "容量利用率"),
        Text(
            "Of the capacity of all assets that are not retired, the part that tenants from before and agreements in "
            "force take on the last day of "
            "the month; today for the present month. Each kind by the dimension that it is counted by. The register "
            "is taken as it is today.",
            "按各类设施的计数维度，既有占用与生效协议在当月末日（本月为今日）所占全部未退役设施容量的比例；设施登记以今日为准。",
        ),
        Text("Register of assets and capacity ledger", "设施登记与容量台账"),
        "lines",
        MONTH,
        span.names,
        tuple(series),
        Text("Nothing of yours is registered here with its capacity.", "此范围内没有登记容量的设施。"),
    )


def _taken(reader: Reader, span: Period, mine: ColumnElement[bool]) -> dict[str, list[tuple[date, date, int]]]:
    """What was taken of each kind, from when until when; a claim that was ended early counts until that day."""
    counted = tuple_(Asset.kind, Claim.dimension).in_([(kind.name, kind.dimensions[0].name) for kind in KINDS.all()])
    base = (Claim.kind.in_(IN_USE), Claim.starts <= span.today, Claim.ends > span.start, mine, counted)
    joined = select(Asset.kind, Claim.starts, Claim.ends, func.sum(Claim.amount_milli)).join(Asset, Asset.id == Claim.asset_id)
    found: dict[str, list[tuple[date, date, int]]] = defaultdict(list)
    standing = joined.where(Claim.state == "active", *base).group_by(Asset.kind, Claim.starts, Claim.ends)
    for kind, starts, ends, amount in reader.session.execute(standing):
        found[kind].append((starts, ends, int(amount)))
    ended = (
        select(Asset.kind, Claim.starts, Claim.ends, Claim.updated_at, Claim.amount_milli)
        .join(Asset, Asset.id == Claim.asset_id)
        .where(Claim.state == "ended", *base)
    )
    for kind, starts, ends, ended_at, amount in reader.session.execute(ended):
        last = min(ends, ended_at.astimezone(span.zone).date()) if ended_at else ends
        found[kind].append((starts, last, int(amount)))
    return found


def _income(reader: Reader, span: Period, wanted: Wanted) -> Chart:
    tree = reader.actor.subtree
    series = rent_series(
        reader,
        span,
        and_(CapacityLine.supplier_id.in_(tree), CapacityLine.beneficiary_id.not_in(tree)),
        and_(RentStatement.supplier_id.in_(tree), RentStatement.beneficiary_id.not_in(tree)),
        and_(or_(Agreement.owner_id.in_(tree), Agreement.requester_id.in_(tree)), _here(reader, Agreement.region, wanted)),
    )
    return Chart(
        "income",
        Text("Income", "租费收入"),
        Text(
            "Agreed: the yearly prices of the lines that you supply, by the days of the month on which their "
            "agreement was in force, before "
            "discounts and index. Billed: statements by the month in which they were issued, without tax.",
            "约定：本单位作为供方的条款年价，按当月生效天数折算，未计折扣与指数；已出账：按出具月份统计的账单金额（不含税）。",
        ),
        Text("Agreements in force and rent statements", "生效协议与租费账单"),
        "columns",
        MONTH,
        span.names,
        series,
        Text("No agreement brought income in this period.", "本期内没有产生收入的协议。"),
    )


def _figures(reader: Reader, wanted: Wanted, found: Sequence[Asked], use: Chart) -> list[Figure]:
    open_ = reader.session.scalar(
        select(func.count())
        .select_from(Listing)
        .where(Listing.owner_id.in_(reader.actor.subtree), Listing.status == "published", _here(reader, Listing.region, wanted))
    )
    waiting = [one for one in found if one.status in ("submitted", "complete")]
    late = [one for one in waiting if one.due_at is not None and one.due_at <= reader.now and one.met_at is None]
    return [
        Figure(
            Text("Listings open", "开放的资源"),
            open_ or 0,
            about=Text("Listings that others can find and ask for today.", "其他单位今日可以查到并提出申请的资源。"),
        ),
        Figure(
            Text("Requests waiting for you", "待本单位答复"),
            len(waiting),
            about=Text(
                "Requests sent to you that you have neither accepted, countered nor refused.",
                "已提交本单位、尚未接受、反要约或拒绝的申请。",
            ),
        ),
        Figure(
            Text("Of these over their clock", "其中已逾期"),
            len(late),
            about=Text(
                "The time to answer is over. What silence leads to is shown on the request and on your record.",
                "答复时限已届满。逾期后果见申请页面，并记入本单位记录。",
            ),
        ),
        Figure(
            Text("Refused in this period", "本期拒绝"),
            _refused(found, wanted, reader),
            about=Text(
                "Requests that you refused on a ground of the closed list, by the day of the answer.",
                "本单位按封闭清单所列理由拒绝的申请，按答复日期统计。",
            ),
        ),
    ]


def _refused(found: Sequence[Asked], wanted: Wanted, reader: Reader) -> int:
    span = wanted.period(reader)
    return sum(one.ground is not None and span.place(one.answered_at) is not None for one in found)
