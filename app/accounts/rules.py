"""What makes a person, an organisation and a membership valid: pure. Owns the words of these refusals."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from http import HTTPStatus

from app.catalogue.sectors import SECTORS
from app.kernel.actor import Role
from app.kernel.errors import Problem, declare, fail
from app.kernel.permission import contains
from app.kernel.text import LOCALES, Text

PASSWORD_MIN, PASSWORD_MAX = 12, 200
EMAIL_MAX, NAME_MAX, ORGANISATION_NAME_MAX = 254, 120, 200
INVITATION_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(hours=1)
TOKEN_LIFE_MAX_DAYS = 365
SCOPES = ("read", "write")
KINDS = ("company", "authority", "platform")
AUTHORITIES = ("communications", "sector")
COMPETENCE_LEVELS = ("national", "province", "prefecture")
EMAIL = re.compile(r"[^\s@<>\",;:()\[\]\\]{1,64}@[^\s@<>\",;:()\[\]\\]+\.[^\s@<>\",;:()\[\]\\]{2,}")
CODE = re.compile(r"[a-z][a-z_]{1,23}")
REGION = re.compile(r"\*|\d{6}|[A-Z]{2}(-[A-Z0-9]{1,3})*")

COMPANY_ROLES = frozenset({Role.ADMIN, Role.MANAGER, Role.EDITOR, Role.VIEWER})
ROLES_OF_KIND = {
    "company": COMPANY_ROLES | {Role.EVALUATOR},
    "authority": COMPANY_ROLES | {Role.OFFICER, Role.EVALUATOR},
    "platform": frozenset({Role.ADMINISTRATOR, Role.EVALUATOR, Role.VIEWER}),
}
GRANTED_BY_PLATFORM = frozenset({Role.ADMINISTRATOR, Role.EVALUATOR})
LEADING = frozenset({Role.ADMIN, Role.ADMINISTRATOR})  # an organisation keeps at least one of them
LENT = {Role.ADMIN: Role.MANAGER, Role.MANAGER: Role.MANAGER, Role.EDITOR: Role.EDITOR, Role.VIEWER: Role.VIEWER}

ROLE_NAMES: dict[Role, Text] = {
    Role.ADMIN: Text("Organisation administrator", "单位管理员"),
    Role.MANAGER: Text("Manager", "业务经理"),
    Role.EDITOR: Text("Editor", "编辑"),
    Role.VIEWER: Text("Viewer", "查看者"),
    Role.OFFICER: Text("Officer", "审批人员"),
    Role.EVALUATOR: Text("Evaluator", "评估人员"),
    Role.ADMINISTRATOR: Text("Platform administrator", "平台管理员"),
}
ROLE_HELP: dict[Role, Text] = {
    Role.ADMIN: Text("members, agents and tokens, and all that a manager may", "管理成员、代理与令牌，并拥有业务经理的全部权限"),
    Role.MANAGER: Text("lists, asks, answers and signs", "发布、申请、答复、签署"),
    Role.EDITOR: Text("prepares drafts; publishes and signs nothing", "编写草稿，不能发布或签署"),
    Role.VIEWER: Text("reads", "只读"),
    Role.OFFICER: Text("decides for the regulator", "代表主管部门作出决定"),
    Role.EVALUATOR: Text("reads indicators and evidence", "查阅指标与证据"),
    Role.ADMINISTRATOR: Text("accounts, profiles and health of the platform", "管理平台账号、配置与运行"),
}
KIND_NAMES = {
    "company": Text("Company", "企业"),
    "authority": Text("Authority", "主管部门"),
    "platform": Text("Platform operator", "平台运营方"),
}
AUTHORITY_NAMES = {
    "communications": Text("Communications administration", "通信管理局"),
    "sector": Text("Sector regulator", "行业主管部门"),
}
SCOPE_NAMES = {"read": Text("Read", "读取"), "write": Text("Read and write", "读写")}

declare(
    "wrong_credentials", HTTPStatus.UNPROCESSABLE_ENTITY, "This e-mail and password do not go together.", "邮箱与密码不匹配。"
)
declare("wrong_password", HTTPStatus.UNPROCESSABLE_ENTITY, "That is not your present password.", "当前密码不正确。")
declare(
    "last_admin",
    HTTPStatus.CONFLICT,
    "This is the last administrator of {organisation}. Name another one first.",
    "这是“{organisation}”最后一位管理员，请先指定另一位管理员。",
)
declare(
    "link_unusable",
    HTTPStatus.GONE,
    "This link was used already, or its time is over. Ask for a new one.",
    "该链接已使用或已过期，请重新申请。",
)
declare(
    "role_not_granted",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "This role cannot be given in that organisation.",
    "该单位不能授予此角色。",
)
declare(
    "already_member", HTTPStatus.CONFLICT, "{name} is a member of {organisation} already.", "{name}已是“{organisation}”的成员。"
)
declare("email_taken", HTTPStatus.CONFLICT, "There is an account with this e-mail already.", "该邮箱已有账号。")
declare(
    "parent_loop", HTTPStatus.UNPROCESSABLE_ENTITY, "An organisation cannot stand below itself.", "单位不能隶属于自身或其下级。"
)
declare("agency_exists", HTTPStatus.CONFLICT, "{agent} acts for {principal} already.", "“{agent}”已是“{principal}”的代理人。")


def problem(pointer: str, en: str, zh: str, code: str = "invalid") -> Problem:
    return Problem(code, Text(en, zh), pointer=pointer)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise `invalid` with all that is wrong, or return."""
    found = tuple(problems)
    if found:
        raise fail("invalid", found)


def clean_email(email: str) -> str:
    return email.strip().lower()


def email_problems(email: str) -> list[Problem]:
    if len(email) > EMAIL_MAX or not EMAIL.fullmatch(email):
        return [
            problem("/email", "Give an e-mail address such as li.wei@example.com.", "请填写邮箱地址，例如 li.wei@example.com。")
        ]
    return []


def name_problems(name: str, most: int = NAME_MAX, pointer: str = "/name") -> list[Problem]:
    if not name.strip():
        return [problem(pointer, "Give a name.", "请填写名称。")]
    if len(name) > most or any(ord(character) < 32 for character in name):
        return [problem(pointer, f"Use at most {most} characters, on one line.", f"不超过 {most} 个字符，且不换行。")]
    return []


def password_problems(password: str, email: str = "", pointer: str = "/password") -> list[Problem]:
    """Length is what protects (NIST SP 800-63B 5.1.1.2): no composition rules, no forced changes."""
    if len(password) < PASSWORD_MIN:
        return [
            problem(
                pointer,
                f"Use at least {PASSWORD_MIN} characters; a few words will do.",
                f"密码至少 {PASSWORD_MIN} 个字符，可使用几个词语。",
            )
        ]
    if len(password) > PASSWORD_MAX:
        return [problem(pointer, f"Use at most {PASSWORD_MAX} characters.", f"密码不超过 {PASSWORD_MAX} 个字符。")]
    if len(set(password)) < 4 or (email and password.casefold() in (email, email.split("@")[0])):
        return [problem(pointer, "This password is too easy to guess.", "该密码过于简单。")]
    return []


def region_problems(regions: Iterable[str], pointer: str = "/regions") -> list[Problem]:
    bad = [code for code in regions if not REGION.fullmatch(code)]
    if not bad:
        return []
    return [problem(pointer, f"Not a region code: {', '.join(bad)}.", f"不是区划代码：{'、'.join(bad)}。", "unknown_region")]


def choice_problems(value: str, allowed: Iterable[str], pointer: str) -> list[Problem]:
    return [] if value in allowed else [problem(pointer, "Choose one of the list.", "请从列表中选择。")]


def organisation_problems(name: str, sector: str, kind: str, home_region: str | None) -> list[Problem]:
    return [
        *name_problems(name, ORGANISATION_NAME_MAX),
        *choice_problems(sector, SECTORS, "/sector"),
        *choice_problems(kind, KINDS, "/kind"),
        *(region_problems([home_region], "/home_region") if home_region else ()),
    ]


def competence_problems(
    kind: str,
    authority: str,
    level: str,
    sectors: Iterable[str],
    regions: Collection[str],
    host_kinds: Iterable[str],
) -> list[Problem]:
    """Only an authority has a competence; it names at least one region, and sectors and asset kinds that exist."""
    found = [*choice_problems(authority, AUTHORITIES, "/authority"), *choice_problems(level, COMPETENCE_LEVELS, "/level")]
    if kind != "authority":
        found.append(problem("/authority", "Only an authority can have a competence.", "只有主管部门才能拥有职权。"))
    if not regions:
        found.append(problem("/regions", "Name at least one region.", "请至少填写一个区划代码。"))
    found += region_problems(regions)
    found += [wrong for sector in sectors for wrong in choice_problems(sector, SECTORS, "/sectors")]
    if any(not CODE.fullmatch(host) for host in host_kinds):
        found.append(
            problem("/host_kinds", "Give codes such as bridge or utility_tunnel.", "请填写代码，例如 bridge 或 utility_tunnel。")
        )
    return found


def agency_problems(
    principal: int,
    agent: int,
    agent_status: str,
    starts: date,
    ends: date | None,
    regions: Collection[str],
) -> list[Problem]:
    found = region_problems(regions)
    if principal == agent:
        found.append(problem("/agent", "An organisation cannot be its own agent.", "单位不能作为自己的代理人。"))
    if agent_status != "active":
        found.append(problem("/agent", "This organisation is deactivated.", "该单位已停用。"))
    if ends is not None and ends <= starts:
        found.append(problem("/ends", "The end comes after the start.", "结束日期须晚于开始日期。"))
    return found


def token_problems(name: str, scopes: Collection[str], days: int) -> list[Problem]:
    found = name_problems(name, 80)
    if not scopes or any(scope not in SCOPES for scope in scopes):
        found.append(problem("/scopes", "Choose read or write.", "请选择读取或读写。"))
    if not 1 <= days <= TOKEN_LIFE_MAX_DAYS:
        found.append(problem("/days", f"From 1 to {TOKEN_LIFE_MAX_DAYS} days.", f"1 至 {TOKEN_LIFE_MAX_DAYS} 天。"))
    return found


def locale_problems(locale: str) -> list[Problem]:
    return choice_problems(locale, LOCALES, "/locale")


def grantable_roles(kind: str, by_platform: bool) -> list[Role]:
    """The roles that may be given in an organisation of `kind`, strongest first; some only by the platform's administrator."""
    allowed = ROLES_OF_KIND[kind] if by_platform else ROLES_OF_KIND[kind] - GRANTED_BY_PLATFORM
    return [role for role in Role if role in allowed]


def check_role(role: str, kind: str, by_platform: bool) -> Role:
    """The role, or `role_not_granted`."""
    if role not in grantable_roles(kind, by_platform):
        raise fail("role_not_granted")
    return Role(role)


def check_last_admin(leading: int, role: str, regions: Collection[str], organisation: str) -> None:
    """Refuse to take the role from the last of the `leading` administrators; one limited to regions does not lead."""
    if Role(role) in LEADING and not regions and leading <= 1:
        raise fail("last_admin", organisation=organisation)


def meet(ours: frozenset[str], theirs: frozenset[str]) -> frozenset[str] | None:
    """The regions in both sets; empty means everywhere, None means nowhere."""
    if not ours or not theirs:
        return ours or theirs
    inner = {b for a in ours for b in theirs if contains(a, b)} | {a for a in ours for b in theirs if contains(b, a)}
    return frozenset(inner) or None


def depth(region: str) -> int:
    """How far down its tree a region code stands: `*` 0, 000000 0, 440000 1, 440300 2; NZ 0, NZ-AUK 1."""
    if region.isdigit() and len(region) == 6:
        return sum(1 for place in (0, 2, 4) if region[place:] != "0" * (6 - place))
    return 0 if region == "*" else region.count("-")
