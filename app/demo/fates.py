"""What became of the requests of the demo's year: a life for each fate, from the request to today or to its end."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from openpyxl import Workbook
from sqlalchemy import select

from app.access import answers
from app.access.completeness import FindComplete, find_complete
from app.access.disputes import DecideDispute, OpenDispute, decide_dispute, open_dispute
from app.access.service import CreateRequest, MoveRequest, create_request, withdraw_request
from app.attachments.service import AddAttachment, add_attachment
from app.attachments.storage import save
from app.demo import afterwards
from app.demo.dealing import Deal
from app.demo.history import Row, begins
from app.demo.stage import Stage
from app.demo.telling import Life
from app.fulfilment.ending import AnswerEnd, ProposeEnd, Removal, answer_end, confirm_removal, declare_removal, propose_end
from app.kernel.actor import Actor
from app.listings import Listing
from app.matching import Match
from app.needs import Need
from app.rent.service import IssueStatement, issue_statement

GROUNDS = (  # ground, its evidence by code and title, the owner's words
    ("no_space", {"capacity_record": "现有占用记录", "future_need": "扩容计划"}, "剩余容量已列入本单位明年扩容计划。"),
    ("technical_unsuitability", {"technical_report": "结构复核报告"}, "复核后主材利用率超限，不宜新增挂载。"),
    ("safety", {"safety_assessment": "安全评估"}, "设施位于带电作业区，挂载施工存在触电风险。"),
)
QUARTER = 91


class Fates:
    """The lives of the past. `number`: of a life, which varies how long its steps take."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.bus = stage, stage.bus
        self.refused = 0
        self.differed: Counter[str] = Counter()

    def life(self, number: int, row: Row, need: str) -> Life | None:
        """None where matching found nothing of that owner."""
        listing = self._match(need, row.owner)
        if listing is None:
            return None
        fate: Callable[[Row, Deal, str, int], Life] = getattr(self, f"_{row.fate}")
        requester, owner = self.stage.actors[row.asker], self.stage.of(listing[1])
        return self._from_request(row, Deal(self.stage, requester, owner), need, listing[0], number, fate)

    def _match(self, need: str, owner: str) -> tuple[str, int] | None:
        owners = [id_ for key, id_ in self.stage.organisations.items() if key.startswith(owner)]
        with self.bus.database.read() as session:
            row = session.execute(
                select(Listing.ref, Listing.owner_id)
                .join(Match, Match.listing_id == Listing.id)
                .join(Need, Need.id == Match.need_id)
                .where(Need.ref == need, Listing.owner_id.in_(owners))
                .order_by(Match.need_rank, Listing.id)
            ).first()
        return (row[0], row[1]) if row else None

    def _from_request(
        self, row: Row, deal: Deal, need: str, listing: str, number: int, fate: Callable[[Row, Deal, str, int], Life]
    ) -> Life:
        start = begins(self.stage.telling.today, row)
        words = f"计划于{start.year}年{start.month}月开通。"
        request = self.bus.execute(create_request, deal.requester, CreateRequest(need, listing, words, submit=True))
        if fate != self._silent:
            yield row.asked - 2 - number % 2
            self.bus.execute(find_complete, deal.owner, FindComplete(request))
        yield row.asked - 7 - number * 5 % 12
        yield from fate(row, deal, request, row.asked - 7 - number * 5 % 12)

    # what the owner and the requester do with a request

    def _refused(self, row: Row, deal: Deal, request: str, day: int) -> Life:
        self._refuse(deal.owner, request)
        yield from ()

    def _appealed(self, row: Row, deal: Deal, request: str, day: int) -> Life:
        """The refusal goes to the administration, which orders access."""
        self._refuse(deal.owner, request)
        yield day - 9
        claim = "相邻同型杆塔已有同类挂载，复核报告未计入拟减配的天线，请求裁决开放。"
        self.bus.execute(open_dispute, deal.requester, OpenDispute(request, claim))
        yield day - 30
        officer = self.stage.officers(self.stage.organisations["mca"])[0]
        reasons = "现场勘察表明减配后结构余量满足要求，责令按申请内容开放。"
        self.bus.execute(decide_dispute, officer, DecideDispute(request, "order", reasons))
        yield from self._closed(deal, request, day - 33)

    def _disputed(self, row: Row, deal: Deal, request: str, day: int) -> Life:
        self._refuse(deal.owner, request)
        yield day - 12
        self.bus.execute(open_dispute, deal.requester, OpenDispute(request, "拒绝理由所附资料未注明日期，请求裁决。"))

    def _silent(self, row: Row, deal: Deal, request: str, day: int) -> Life:
        """The owner says nothing: the clocks pass, and a late answer comes at last."""
        yield row.asked - 41
        self._accept(deal, request)
        yield from self._closed(deal, request, row.asked - 44)

    def _lapsed(self, row: Row, deal: Deal, request: str, day: int) -> Life:
        """An offer that nobody takes."""
        self._accept(deal, request)
        yield from ()

    def _withdrawn(self, row: Row, deal: Deal, request: str, day: int) -> Life:
        self.bus.execute(withdraw_request, deal.requester, MoveRequest(request))
        yield from ()

    # what the regulators do with an agreement

    def _turned_down(self, row: Row, deal: Deal, request: str, day: int) -> Life:
        yield from self._agreed(row, deal, request, day, action="refuse")

    def _agreed(self, row: Row, deal: Deal, request: str, day: int, action: str = "approve") -> Life:
        """To the regulators' decision, and no further."""
        self._accept(deal, request)
        yield day - 3
        agreement = deal.draft(request)
        yield day - 6
        deal.sign(agreement)
        deal.submit(agreement)
        yield from self._decided(deal, agreement, day - 6, action)

    def _built(self, row: Row, deal: Deal, request: str, day: int) -> Life:
        self._accept(deal, request)
        yield from self._closed(deal, request, day - 3)

    _billed = _built

    def _with_conditions(self, row: Row, deal: Deal, request: str, day: int) -> Life:
        self._accept(deal, request)
        yield from self._closed(deal, request, day - 3, action="approve_with_conditions")

    def _given_back(self, row: Row, deal: Deal, request: str, day: int) -> Life:
        """Returned by a regulator, changed, signed again, and approved."""
        self._accept(deal, request)
        yield from self._closed(deal, request, day - 3, action="return")

    def _ended(self, row: Row, deal: Deal, request: str, day: int) -> Life:
        """Built and used, then ended by agreement and taken away."""
        self._accept(deal, request)
        yield from self._closed(deal, request, day - 3, ends=62)

    def _closed(self, deal: Deal, request: str, day: int, action: str = "approve", ends: int | None = None) -> Life:
        """From an offer to the rent of an accepted building. `ends`: days before today of the end."""
        yield day
        agreement = deal.draft(request)
        afterwards.with_ladder(self.bus, deal.owner, agreement)
        yield day - 3
        deal.sign(agreement)
        deal.submit(agreement)
        yield from self._decided(deal, agreement, day - 3, action)
        if action == "return":
            yield day - 18
            afterwards.with_ladder(self.bus, deal.owner, agreement, "按退回意见订正附图")
            deal.sign(agreement)
            deal.submit(agreement)
            yield from deal.decide(agreement, day - 18)
            day -= 15
        yield day - 20
        afterwards.prepared(self.bus, deal.owner, agreement)
        yield day - 34
        afterwards.finished(self.bus, deal.owner, agreement)
        yield day - 37
        afterwards.installed(self.bus, deal.requester, agreement)
        yield day - 41
        afterwards.accepted(self.bus, deal.owner, agreement)
        if action == "approve_with_conditions":
            yield day - 43
            deal.fulfil(agreement)
        yield from self._rent(deal, agreement, day - 41, ends)

    def _decided(self, deal: Deal, agreement: str, day: int, action: str) -> Life:
        """Sometimes the sector's regulator differs, sometimes the administration."""
        self.differed[action] += 1
        yield from deal.decide(agreement, day, action, by_last=self.differed[action] % 2 == 1)

    def _rent(self, deal: Deal, agreement: str, day: int, ends: int | None) -> Life:
        """A statement every quarter, until today or to the end."""
        first = day - QUARTER
        for quarter in range(first, (ends or 1), -QUARTER):
            yield quarter
            self.bus.execute(issue_statement, deal.owner, IssueStatement(agreement))
        if ends is None:
            return
        yield ends + 20
        until = self.bus.today() + timedelta(days=20)
        ended = ProposeEnd(agreement, "agreed", "业务迁至自有机房，双方同意提前终止。", until)
        self.bus.execute(propose_end, deal.requester, ended)
        yield ends + 16
        self.bus.execute(answer_end, deal.owner, AnswerEnd(agreement, True, "同意。"))
        yield ends - 6
        self.bus.execute(declare_removal, deal.requester, Removal(agreement, self.bus.today()))
        yield ends - 9
        self.bus.execute(confirm_removal, deal.owner, Removal(agreement))

    def _accept(self, deal: Deal, request: str) -> None:
        self.bus.execute(answers.accept_request, deal.owner, answers.AcceptRequest(request, message="同意接入。"))

    def _refuse(self, owner: Actor, request: str) -> None:
        ground, evidence, reason = GROUNDS[self.refused % len(GROUNDS)]
        self.refused += 1
        attached = {code: self._document(owner, request, title, reason) for code, title in evidence.items()}
        self.bus.execute(answers.refuse_request, owner, answers.RefuseRequest(request, ground, reason, attached))

    def _document(self, owner: Actor, request: str, title: str, words: str) -> str:
        book = Workbook(write_only=True)
        sheet = book.create_sheet(title)
        for row in (("演示数据（demo data）", ""), ("材料", title), ("日期", self.bus.today()), ("结论", words)):
            sheet.append(row)
        written = io.BytesIO()
        book.save(written)
        written.seek(0)
        kept = save(self.stage.files, f"{title}.xlsx", written)
        return self.bus.execute(add_attachment, owner, AddAttachment("access_request", request, kept, "evidence"))
