"""The one catalogue of what can go wrong: code, HTTP status, sentence in both languages.

Raise a `DomainError` with a code from `CATALOGUE`; the web layer alone turns it into a response.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class ErrorType:
    code: str
    status: HTTPStatus
    title: Text


CATALOGUE: dict[str, ErrorType] = {}


def declare(code: str, status: HTTPStatus, en: str, zh: str) -> ErrorType:
    """Add a code to the catalogue; a code is declared once."""
    if code in CATALOGUE:
        raise ValueError(f"error code {code} is declared twice")
    CATALOGUE[code] = ErrorType(code, status, Text(en, zh))
    return CATALOGUE[code]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at one place: a JSON pointer, or a sheet, row and column of a file."""

    code: str
    detail: Text
    pointer: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None


@dataclass(eq=False)
class DomainError(Exception):
    """Anything a user can be told about. `values` fill the sentence of the code."""

    code: str
    values: dict[str, object] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        super().__init__(self.text.en)

    @property
    def type(self) -> ErrorType:
        return CATALOGUE[self.code]

    @property
    def text(self) -> Text:
        return self.type.title.format(**self.values) if self.values else self.type.title


def fail(code: str, problems: Iterable[Problem] = (), **values: object) -> DomainError:
    """Build the error of `code`: `raise fail("not_found")`."""
    return DomainError(code, dict(values), tuple(problems))


declare("not_found", HTTPStatus.NOT_FOUND, "There is nothing here that you can see.", "此处没有您可以查看的内容。")
declare("forbidden", HTTPStatus.FORBIDDEN, "Your role does not allow this.", "您的角色不允许此操作。")
declare("sign_in_required", HTTPStatus.UNAUTHORIZED, "Sign in first.", "请先登录。")
declare("invalid", HTTPStatus.UNPROCESSABLE_ENTITY, "Some values need attention.", "部分内容需要修正。")
declare("malformed", HTTPStatus.BAD_REQUEST, "The request could not be read.", "无法读取该请求。")
declare(
    "illegal_transition",
    HTTPStatus.CONFLICT,
    "{subject} is {state}: it cannot be changed by “{action}” now.",
    "{subject}当前状态为“{state}”，不能执行“{action}”。",
)
declare(
    "version_required",
    HTTPStatus.PRECONDITION_REQUIRED,
    "Send If-Match with the version you saw.",
    "请用 If-Match 注明您看到的版本。",
)
declare(
    "stale_version",
    HTTPStatus.PRECONDITION_FAILED,
    "Somebody changed this since you opened it. Reload, then make your change again.",
    "您打开之后此内容已被他人修改。请刷新后重新修改。",
)
declare("conflict", HTTPStatus.CONFLICT, "This conflicts with what is already there.", "与现有内容冲突。")
declare(
    "too_many_requests",
    HTTPStatus.TOO_MANY_REQUESTS,
    "Too many attempts. Wait a minute, then try again.",
    "尝试次数过多，请一分钟后再试。",
)
declare(
    "idempotency_mismatch",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "This Idempotency-Key was used with another request.",
    "该 Idempotency-Key 已用于另一请求。",
)
declare(
    "idempotency_running",
    HTTPStatus.CONFLICT,
    "The first request with this key is still running.",
    "使用该键的首次请求仍在处理中。",
)
declare("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The file is larger than {limit_mb} MB.", "文件超过 {limit_mb} MB。")
declare("unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "This is not available just now. Try again.", "暂时不可用，请稍后再试。")
declare(
    "internal", HTTPStatus.INTERNAL_SERVER_ERROR, "Something failed on our side. It has been recorded.", "系统出现故障，已记录。"
)
