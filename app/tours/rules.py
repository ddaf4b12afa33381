"""The tours and who they are for. Pure: a step names a page by its endpoint and says in two sentences what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.kernel.actor import Actor, Role
from app.kernel.permission import DRAFTERS
from app.kernel.text import Text

BUILDERS = frozenset({"transport", "municipal", "power"})  # sectors whose works others can join


@dataclass(frozen=True, slots=True)
class Step:
    """`endpoint` with `query`: the page on which it stands. `drafts`: the page is for who may draft."""

    title: Text
    text: Text
    endpoint: str
    query: Mapping[str, str] = field(default_factory=dict)
    drafts: bool = False


@dataclass(frozen=True, slots=True)
class Tour:
    name: str
    title: Text
    steps: tuple[Step, ...]


HOME = Step(
    Text("What waits for you", "待办事项"),
    Text(
        "This page lists what you are expected to act on, the most urgent first, each with the day by which. Come "
        "back here every morning.",
        "本页按紧急程度列出需要您处理的事项及其期限。建议每天从这里开始。",
    ),
    "home.start",
)
REQUESTS = Step(
    Text("Requests and their clocks", "接入申请与时限"),
    Text(
        "A request is answered against a legal clock: accept, make a counter-offer, or refuse on a listed ground "
        "with its evidence. Silence has a "
        "consequence, and every clock says how it is counted.",
        "申请须在法定时限内答复：同意、反要约，或依所列理由并附证据拒绝。逾期有法律后果，每个时限都说明如何计算。",
    ),
    "access.index",
)
AGREEMENTS = Step(
    Text("Agreements", "协议"),
    Text(
        "An offer that is taken becomes an agreement with exact capacity lines. Both sides sign the same version, "
        "then every competent regulator "
        "decides on it. Each version and decision can be had as a PDF that anybody can verify.",
        "接受要约后形成载明容量条款的协议。双方签署同一版本后，由各主管部门审批。各版本与决定均可下载 PDF，任何人可查验真伪。",
    ),
    "agreements.index",
)
OWNER = Tour(
    "owner",
    Text("For owners of infrastructure", "权属单位导览"),
    (
        HOME,
        Step(
            Text("Bring your register", "导入设施"),
            Text(
                "Upload a spreadsheet or a GIS file as it is. The dry run lists every error by sheet, row and column "
                "before anything is stored; "
                "an import can be undone.",
                "直接上传现有表格或 GIS 文件。试运行会按工作表、行、列列出全部问题，确认前不写入；导入后可撤销。",
            ),
            "imports.new",
            {"subject": "listings"},
            drafts=True,
        ),
        Step(
            Text("The register", "设施台账"),
            Text(
                "Every physical thing that you own, listed or not, with its capacity over time and everything that is on "
                "it. What others see of it "
                "follows its grade and your grants.",
                "本单位全部设施，无论是否开放，均列明容量及占用情况。他人可见程度取决于设施分级与您的授权。",
            ),
            "assets.index",
        ),
        Step(
            Text("What you open", "开放资源"),
            Text(
                "A listing opens spare capacity on one asset: what, when, at which price, how visible. Publish it and "
                "matching finds the needs that it "
                "serves.",
                "资源是对某一设施富余容量的开放：开放什么、何时、价格与可见程度。发布后即与需求匹配。",
            ),
            "listings.index",
            {"owner": "mine"},
        ),
        REQUESTS,
        AGREEMENTS,
        Step(
            Text("Your figures", "数据看板"),
            Text(
                "How much of your capacity is in use, how fast you answer, what it earns, what need not be built again. Each "
                "chart says what it counts and has its table and files.",
                "容量利用率、答复用时、收入与避免的重复建设。每张图均注明统计口径，并附数据表与下载文件。",
            ),
            "boards.owner",
        ),
    ),
)
REQUESTER = Tour(
    "requester",
    Text("For who needs a place", "申请方导览"),
    (
        HOME,
        Step(
            Text("Your needs", "本单位需求"),
            Text(
                "A need says what you want, where, when, and what you would build alone. Rivals do not see it before you "
                "agree. Post one, or import "
                "many from a file.",
                "需求写明要什么、在哪里、何时，以及独立建设方案。未经您同意，竞争单位无法看到。可逐条填写或批量导入。",
            ),
            "needs.index",
            {"mine": "1"},
        ),
        Step(
            Text("What is open", "开放的资源"),
            Text(
                "All listings that you may see, as a list and on the map. Open a need to see those that satisfy it, "
                "ranked, each with its reasons; what "
                "fails says why, and the smallest change that would help.",
                "您可见的全部资源，列表与地图联动。打开某项需求，可查看符合条件的资源排序及理由；不符合的说明原因与最小调整。",
            ),
            "listings.index",
        ),
        Step(
            Text("Searches that keep looking", "持续搜索"),
            Text(
                "Set filters among the listings, or draw a line, and save the search: you are told at once, every day or every week "
                "of what is new. From a need, tick up to five of its matches to compare them side by side.",
                "在资源列表设置条件或在地图上画线后保存搜索，有新资源时按即时、每日或每周提醒。在需求页可勾选至多五项匹配并列比较。",
            ),
            "searches.index",
        ),
        REQUESTS,
        AGREEMENTS,
        Step(
            Text("Building together", "共建"),
            Text(
                "Where nothing serves several needs, they are grouped: who could build what together, at whose cost. You "
                "stay unnamed until all "
                "consent.",
                "对多项无资源可满足的需求，系统给出共建分组及费用分摊建议。各方同意前不显示单位名称。",
            ),
            "cobuilding.index",
        ),
        Step(
            Text("Your figures", "数据看板"),
            Text(
                "Needs served and not, what sharing saved you against building alone, the time from need to agreement in force, "
                "what you spend.",
                "需求满足情况、相对自建的节约、从需求到协议生效的用时与支出。",
            ),
            "boards.requester",
        ),
    ),
)
SPONSOR = Tour(
    "sponsor",
    Text("For sponsors of works", "工程建设单位导览"),
    (
        HOME,
        Step(
            Text("Works, announced in time", "及时公布工程"),
            Text(
                "Announce a line, tunnel, bridge, road or pipeline before you apply for the permit, so that others can "
                "join and space and power are "
                "reserved for communications.",
                "在申请许可前公布地铁、隧道、桥梁、道路或管线工程，便于其他单位加入，并为通信预留空间与电力。",
            ),
            "works.index",
        ),
        Step(
            Text("A new project", "新建工程"),
            Text(
                "Say what is built along the chainage and what is reserved. What is reserved stands in the capacity "
                "ledger from the announcement on.",
                "按里程填写建设内容与预留容量。自公布之日起，预留容量记入容量台账。",
            ),
            "works.new",
            drafts=True,
        ),
        REQUESTS,
        AGREEMENTS,
    ),
)
_OVERSEEN = Step(
    Text("Works without their reservation", "未落实预留的工程"),
    Text(
        "Announced works where you are competent, and which of them still lack the space and power that they must reserve.",
        "您监管范围内已公布的工程，以及尚未落实空间与电力预留的工程。",
    ),
    "works.oversee",
)
_DECIDE = Step(
    Text("Agreements to decide", "待审批的协议"),
    Text(
        "Each task shows exactly the version that you decide on, the capacity it takes and what the other "
        "regulators do. One officer proposes, another "
        "confirms; the decision is a letter that can be verified.",
        "每项任务列明所审版本、占用容量与其他机关的进展。一人拟办、一人核签；决定书可下载并查验。",
    ),
    "approvals.index",
)
_FIGURES = Step(
    Text("Figures", "监管看板"),
    Text(
        "Decisions against their clocks, what sharing saved, what silence led to, refusals by ground and owner, who opens to whom, and "
        "what nothing serves.",
        "审批时限、共建共享节约、逾期后果、拒绝理由与单位、行业间双向开放，以及尚无资源满足的需求。",
    ),
    "boards.oversight",
)
ADMINISTRATION = Tour(
    "administration",
    Text("For communications administrations", "通信管理局导览"),
    (
        HOME,
        Step(
            Text("Needs lists", "需求清单"),
            Text(
                "Open a round for your region, watch what comes in, publish it: the entries are matched at once. The list "
                "prints as an official paper.",
                "为本地区开启一轮征集，查看填报情况并发布；发布后即行匹配。清单可打印为正式文件。",
            ),
            "needs.lists",
        ),
        Step(
            Text("Gaps", "缺口分布"),
            Text(
                "Where needs have no listing that serves them, and which organisations should build together.",
                "哪些地区的需求没有可用资源，哪些单位宜共同建设。",
            ),
            "cobuilding.gaps",
        ),
        _DECIDE,
        _OVERSEEN,
        _FIGURES,
    ),
)
REGULATOR = Tour(
    "regulator",
    Text("For sector regulators", "行业主管部门导览"),
    (
        HOME,
        _DECIDE,
        Step(
            Text("Who stands in for whom", "代理与缺席"),
            Text(
                "Delegate your cases while you are away, so that no clock passes for want of an officer.",
                "外出期间可委托同事办理，避免因人员缺席而逾期。",
            ),
            "approvals.delegations",
        ),
        _OVERSEEN,
        _FIGURES,
    ),
)
EVALUATOR = Tour(
    "evaluator",
    Text("For evaluators", "评估机构导览"),
    (
        HOME,
        _FIGURES,
        Step(
            Text("Needs lists", "需求清单"),
            Text("The published rounds of every region and what became of their entries.", "各地区已发布的需求清单及办理结果。"),
            "needs.lists",
        ),
        Step(
            Text("Verify a document", "查验文件"),
            Text(
                "Whether a hash or a file is of the register, without a word of its content.",
                "查验哈希值或文件是否出自登记系统，不显示内容。",
            ),
            "verifying.verify",
        ),
    ),
)
ADMINISTRATOR = Tour(
    "administrator",
    Text("For administrators", "平台管理员导览"),
    (
        HOME,
        Step(
            Text("Organisations", "单位管理"),
            Text(
                "Enter an organisation and invite its first administrator; that person invites the rest.",
                "登记单位并邀请其首位管理员，其余成员由该管理员邀请。",
            ),
            "accounts.organisations",
        ),
        Step(
            Text("Calendars", "工作日历"),
            Text(
                "The days that legal clocks are counted by. Load a year once it is published; provisional dates are counted anew.",
                "法定时限所依据的工作日历。年度安排公布后载入，暂定日期随即重新计算。",
            ),
            "calendars.index",
        ),
    ),
)
TOURS = {tour.name: tour for tour in (OWNER, REQUESTER, SPONSOR, ADMINISTRATION, REGULATOR, EVALUATOR, ADMINISTRATOR)}


def tours_for(actor: Actor) -> tuple[Tour, ...]:
    """The tours of an actor's role, the one that it comes for first."""
    return tuple(_open_to(actor, tour) for tour in _of_role(actor))


def _open_to(actor: Actor, tour: Tour) -> Tour:
    """Without the steps on pages that the actor's role does not open."""
    return tour if actor.roles & DRAFTERS else replace(tour, steps=tuple(step for step in tour.steps if not step.drafts))


def _of_role(actor: Actor) -> tuple[Tour, ...]:
    if actor.is_administrator:
        return (ADMINISTRATOR,)
    if actor.is_evaluator:
        return (EVALUATOR,)
    if actor.competences:
        communications = any(held.authority == "communications" for held in actor.competences)
        return (ADMINISTRATION if communications else REGULATOR,)
    if actor.organisation_id is None or Role.OFFICER in actor.roles:
        return ()
    if actor.sector == "telecom":
        return (REQUESTER, OWNER)
    return (OWNER, REQUESTER, *((SPONSOR,) if actor.sector in BUILDERS else ()))
