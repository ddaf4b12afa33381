"""Who plays in the demo: invented organisations of every sector in and around Shenzhen, and one person per role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.accounts import Organisation
from app.accounts.agencies import GrantAgency, grant_agency
from app.accounts.models import User
from app.accounts.service import add_membership, create_organisation, create_person, grant_competence
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import SYSTEM
from app.kernel.text import Text

PASSWORD = "Shared-Towers-2026"  # noqa: S105 - of every demo account, and they exist on loopback only
PROVINCE, CITY = "440000", "440300"
SOUTH = ("440000", "450000", "460000")


@dataclass(frozen=True, slots=True)
class Company:
    key: str
    name: Text
    sector: str
    kind: str = "company"
    parent: str | None = None
    region: str = CITY


@dataclass(frozen=True, slots=True)
class Person:
    """`what`: the line that tells a newcomer what this person comes for."""

    key: str
    name: str
    email: str
    role: str
    what: Text
    regions: tuple[str, ...] = ()


COMPANIES = (
    Company("platform", Text("Infrashare platform", "共享平台运营中心"), "other", "platform"),
    Company("evaluator", Text("Southern Policy Institute", "南方政策研究院"), "other"),
    Company(
        "mca",
        Text("Guangdong Communications Administration (demo)", "广东省通信管理局（演示）"),
        "telecom",
        "authority",
        region=PROVINCE,
    ),
    Company(
        "energy", Text("South China Energy Regulator (demo)", "南方能源监管局（演示）"), "power", "authority", region=PROVINCE
    ),
    Company(
        "traffic",
        Text("Guangdong Transport Department (demo)", "广东省交通运输厅（演示）"),
        "transport",
        "authority",
        region=PROVINCE,
    ),
    Company(
        "housing",
        Text("Guangdong Housing and Urban Works (demo)", "广东省住房城乡建设厅（演示）"),
        "municipal",
        "authority",
        region=PROVINCE,
    ),
    Company(
        "security",
        Text("Guangdong Public Security (demo)", "广东省公安厅（演示）"),
        "public_security",
        "authority",
        region=PROVINCE,
    ),
    Company("grid", Text("Pengcheng Power", "鹏城供电公司"), "power", region=PROVINCE),
    Company("grid_north", Text("Pengcheng Power, Longhua branch", "鹏城供电公司龙华分局"), "power", parent="grid"),
    Company("metro", Text("Pengcheng Metro", "鹏城地铁集团"), "transport"),
    Company("lighting", Text("Pengcheng City Lighting", "鹏城照明管理中心"), "municipal"),
    Company("towerco", Text("Lingnan Towers", "岭南铁塔公司"), "telecom"),
    Company("carrier_a", Text("Carrier A", "运营商甲"), "telecom"),
    Company("carrier_b", Text("Carrier B", "运营商乙"), "telecom"),
    Company("carrier_c", Text("Carrier C", "运营商丙"), "telecom"),
    Company("police", Text("Pengcheng Public Security Bureau", "鹏城市公安局"), "public_security"),
    Company("agency", Text("SiteWorks agency", "站址通代理公司"), "other"),
)
PEOPLE = (
    Person(
        "grid",
        "Lin Wei 林伟",
        "owner@demo.infrashare.invalid",
        "admin",
        Text("asset owner: towers, cables and rooms of a power company", "权属单位：电力公司"),
    ),
    Person(
        "carrier_a",
        "Chen Yu 陈瑜",
        "requester@demo.infrashare.invalid",
        "admin",
        Text("requester: a carrier that plans sites", "申请方：运营商"),
    ),
    Person(
        "mca",
        "Zhou Min 周敏",
        "administration@demo.infrashare.invalid",
        "officer",
        Text("communications administration: needs lists, decisions", "通信管理局：需求清单、审批"),
    ),
    Person(
        "energy",
        "He Jun 何军",
        "regulator@demo.infrashare.invalid",
        "officer",
        Text("sector regulator: decides for the power sector", "行业主管部门：电力审批"),
    ),
    Person(
        "mca",
        "Ma Li 马丽",
        "administration-2@demo.infrashare.invalid",
        "officer",
        Text("communications administration: confirms what a colleague proposed", "通信管理局：核签同事拟办的决定"),
    ),
    Person(
        "energy",
        "Wu Hao 吴昊",
        "regulator-2@demo.infrashare.invalid",
        "officer",
        Text("sector regulator: confirms what a colleague proposed", "行业主管部门：核签同事拟办的决定"),
    ),
    Person(
        "metro",
        "Xu Lan 许岚",
        "metro@demo.infrashare.invalid",
        "admin",
        Text("works sponsor and owner: a metro", "工程单位及权属单位：地铁"),
    ),
    Person(
        "evaluator",
        "Tang Ning 唐宁",
        "evaluator@demo.infrashare.invalid",
        "evaluator",
        Text("evaluator: reads, decides nothing", "评估机构：只读"),
    ),
    Person(
        "platform",
        "Administrator 管理员",
        "admin@demo.infrashare.invalid",
        "administrator",
        Text("administrator: accounts, profiles, health", "平台管理员"),
    ),
    Person(
        "lighting",
        "Guo Tao 郭涛",
        "lighting@demo.infrashare.invalid",
        "manager",
        Text("owner: lamp poles of the city", "权属单位：城市照明"),
    ),
    Person(
        "towerco",
        "Peng Fei 彭飞",
        "towers@demo.infrashare.invalid",
        "manager",
        Text("owner: a tower company", "权属单位：铁塔公司"),
    ),
    Person(
        "carrier_b",
        "Luo Dan 罗丹",
        "carrier-b@demo.infrashare.invalid",
        "manager",
        Text("requester: a rival carrier", "申请方：竞争运营商"),
    ),
    Person(
        "police", "Song Kai 宋凯", "police@demo.infrashare.invalid", "manager", Text("requester: public security", "申请方：公安")
    ),
    Person(
        "carrier_c",
        "Deng Li 邓丽",
        "carrier-c@demo.infrashare.invalid",
        "manager",
        Text("requester: a third carrier", "申请方：运营商丙"),
    ),
    Person(
        "housing",
        "Fan Rui 范睿",
        "housing@demo.infrashare.invalid",
        "officer",
        Text("sector regulator: municipal works", "行业主管部门：市政"),
    ),
    Person(
        "traffic",
        "Yao Jing 姚静",
        "transport@demo.infrashare.invalid",
        "officer",
        Text("sector regulator: transport", "行业主管部门：交通"),
    ),
    Person(
        "housing",
        "Jin Mei 金梅",
        "housing-2@demo.infrashare.invalid",
        "officer",
        Text("sector regulator: municipal works, confirms", "行业主管部门：市政，核签"),
    ),
    Person(
        "traffic",
        "Qin Yu 秦宇",
        "transport-2@demo.infrashare.invalid",
        "officer",
        Text("sector regulator: transport, confirms", "行业主管部门：交通，核签"),
    ),
    Person(
        "agency",
        "Qiu Bo 邱波",
        "agent@demo.infrashare.invalid",
        "manager",
        Text("agent: acts for Carrier B", "代理：代运营商乙办理"),
    ),
)
SECTORS_OF = {"energy": "power", "traffic": "transport", "housing": "municipal", "security": "public_security"}


def engage(bus: Bus, password_hash: str) -> dict[str, int]:
    """Create organisations, people, competences and an agency, each as the act of its own that it is. Returns the ids of the
    organisations by key."""
    made: dict[str, Organisation] = {}
    for company in COMPANIES:
        made[company.key] = bus.execute(_found, SYSTEM, (company, made[company.parent] if company.parent else None))
    held = Competence(made["mca"], "communications", "telecom", (PROVINCE,))
    others = (
        Competence(made[key], "sector", sector, SOUTH if key == "energy" else (PROVINCE,)) for key, sector in SECTORS_OF.items()
    )
    for competence in (held, *others):
        bus.execute(_empower, SYSTEM, competence)
    for person in PEOPLE:
        user = bus.execute(_introduce, SYSTEM, (person, password_hash))
        bus.execute(_join, SYSTEM, (user, made[person.key], person))
    agency = GrantAgency(made["carrier_b"].ref, made["agency"].ref, date(bus.today().year, 1, 1))
    bus.execute(grant_agency, SYSTEM, agency)
    return {key: organisation.id for key, organisation in made.items()}


@dataclass(frozen=True, slots=True)
class Competence:
    organisation: Organisation
    authority: str
    sector: str
    regions: tuple[str, ...]


def _found(work: UnitOfWork, command: tuple[Company, Organisation | None]) -> Organisation:
    company, parent = command
    return create_organisation(
        work,
        name=company.name.en,
        name_zh=company.name.zh,
        sector=company.sector,
        kind=company.kind,
        home_region=company.region,
        parent=parent,
        is_demo=True,
    )


def _empower(work: UnitOfWork, of: Competence) -> None:
    grant_competence(
        work, of.organisation, authority=of.authority, level="province", sectors=[of.sector], regions=list(of.regions)
    )


def _introduce(work: UnitOfWork, command: tuple[Person, str]) -> User:
    person, password_hash = command
    return create_person(work, email=person.email, name=person.name, password_hash=password_hash, locale="zh_CN", is_demo=True)


def _join(work: UnitOfWork, command: tuple[User, Organisation, Person]) -> None:
    user, organisation, person = command
    add_membership(work, user, organisation, person.role, person.regions)
