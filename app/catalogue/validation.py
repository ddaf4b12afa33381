"""Values of declared fields, checked by the declaration alone: what a form, a program or a row gave becomes what is stored.

Every fault is found in one pass and says where it is (a JSON pointer) and why, in both languages. Nothing is assumed: stated
defaults are filled by `assume_defaults`, which says which.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.catalogue.declaration import Dimension, Field, Sort
from app.kernel.errors import DomainError, Problem
from app.kernel.quantity import decimal_of, format_number, to_milli, written_quantity
from app.kernel.text import Text

TEXT_LIMIT = 500
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")  # 1,200.5; "1,5" may be a decimal comma and is refused
YES = frozenset(("true", "yes", "y", "1", "是", "有", "on"))
NO = frozenset(("false", "no", "n", "0", "否", "无", "off"))
Values = dict[str, Any]
Checked = tuple[Values, tuple[Problem, ...]]


class Refused(ValueError):
    """One value cannot be taken: the code and the sentence of its problem."""

    def __init__(self, code: str, detail: Text) -> None:
        super().__init__(detail.en)
        self.code, self.detail = code, detail


def validate_values(fields: Iterable[Field], raw: Mapping[str, Any], pointer: str = "", *, need_all: bool = True) -> Checked:
    """The values of `fields` as they are stored, and every problem found. Absent, None and "" mean not stated.

    `need_all`: a required field must be stated (False: for a change of some fields)."""
    declared = {field.name: field for field in fields}
    values: Values = {}
    problems = [_unknown(name, pointer) for name in raw if name not in declared]
    for field in declared.values():
        given = raw.get(field.name)
        if is_empty(given):
            if field.required and need_all:
                problems.append(
                    Problem(
                        "required",
                        Text(f"{field.label.en} is missing.", f"缺少{field.label.zh}。"),
                        pointer=f"{pointer}/{field.name}",
                    )
                )
            continue
        try:
            values[field.name] = parse_value(field, given)
        except Refused as refused:
            problems.append(Problem(refused.code, refused.detail, pointer=f"{pointer}/{field.name}"))
    return values, tuple(problems)


def validate_amounts(
    dimensions: Iterable[Dimension], raw: Mapping[str, Any], pointer: str = ""
) -> tuple[dict[str, float], tuple[Problem, ...]]:
    """Amounts by dimension, in its unit: never negative, whole where the dimension is numbered slots, exact to thousandths."""
    declared = {dimension.name: dimension for dimension in dimensions}
    stand_ins = [
        Field(d.name, d.label, "integer" if d.sort is Sort.SLOTS else "number", d.unit, minimum=0, maximum=d.limit)
        for d in declared.values()
    ]
    values, problems = validate_values(stand_ins, raw, pointer)
    fine = [
        Problem("too_fine", Text("At most three decimals.", "最多三位小数。"), pointer=f"{pointer}/{name}")
        for name, value in values.items()
        if Decimal(str(value)) * 1000 != to_milli(value)
    ]
    return {name: float(value) for name, value in values.items()}, (*problems, *fine)


def assume_defaults(fields: Iterable[Field], values: Mapping[str, Any]) -> tuple[Values, tuple[str, ...]]:
    """`values` completed by the stated defaults, and the names of the fields that were assumed."""
    assumed = {f.name: f.default for f in fields if f.default is not None and f.name not in values}
    return {**values, **assumed}, tuple(assumed)


def _unknown(name: str, pointer: str) -> Problem:
    return Problem(
        "unknown_field", Text(f"“{name}” is not a field here.", f"此处没有字段“{name}”。"), pointer=f"{pointer}/{name}"
    )


def is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def parse_value(field: Field, given: object) -> float | int | str | bool:
    """One stated value as it is stored. Raises `Refused`."""
    if field.type == "text":
        return _text(field, given)
    if field.type == "choice":
        return _choice(field, given)
    if field.type == "boolean":
        return _boolean(field, given)
    if field.type == "date":
        return _date(field, given)
    return _number(field, given)


def plain(given: object) -> str:
    """Text with full-width digits and letters made ordinary, without spaces around it."""
    return unicodedata.normalize("NFKC", str(given)).strip()


def _text(field: Field, given: object) -> str:
    if not isinstance(given, str):
        raise Refused("not_text", Text(f"{field.label.en}: give text.", f"{field.label.zh}：应为文字。"))
    words = given.strip()
    if len(words) > TEXT_LIMIT:
        raise Refused(
            "text_long",
            Text(f"{field.label.en}: at most {TEXT_LIMIT} characters.", f"{field.label.zh}：最多 {TEXT_LIMIT} 个字符。"),
        )
    if any(unicodedata.category(character) == "Cc" for character in words):
        raise Refused(
            "text_control",
            Text(f"{field.label.en} holds a character that cannot be printed.", f"{field.label.zh}含有不可打印字符。"),
        )
    return words


def _choice(field: Field, given: object) -> str:
    wanted = plain(given).casefold()
    for choice in field.choices:
        if wanted in {plain(word).casefold() for word in (choice.value, choice.label.en, choice.label.zh, *choice.aliases)}:
            return choice.value
    known = Text(", ".join(c.label.en for c in field.choices), "、".join(c.label.zh for c in field.choices))
    raise Refused(
        "not_choice",
        Text("{field}: “{value}” is not known. Known are: {known}.", "{field}：无法识别“{value}”。可选：{known}。").format(
            field=field.label, value=given, known=known
        ),
    )


def _boolean(field: Field, given: object) -> bool:
    if isinstance(given, bool):
        return given
    word = plain(given).casefold()
    if word not in YES | NO:
        raise Refused("not_boolean", Text(f"{field.label.en}: answer yes or no.", f"{field.label.zh}：请填写是或否。"))
    return word in YES


def _date(field: Field, given: object) -> str:
    words = plain(given)
    try:
        if not _DAY.fullmatch(words):  # fromisoformat reads more than a person would call a date
            raise ValueError(words)
        return date.fromisoformat(words).isoformat()
    except ValueError:
        raise Refused(
            "not_date", Text(f"{field.label.en}: give a day as year-month-day.", f"{field.label.zh}：请按“年-月-日”填写日期。")
        ) from None


def _number(field: Field, given: object) -> float | int:
    if isinstance(given, bool) or not isinstance(given, int | float | str | Decimal):
        raise Refused("not_number", Text(f"{field.label.en}: give a number.", f"{field.label.zh}：应为数字。"))
    try:
        number = decimal_of(_written_number(given) if isinstance(given, str) else given)
    except DomainError:
        raise Refused(
            "not_number",
            Text("{field}: “{value}” is not a number.", "{field}：“{value}”不是数字。").format(field=field.label, value=given),
        ) from None
    if field.type == "integer" and number != number.to_integral_value():
        raise Refused(
            "not_whole",
            Text("{field}: {value} is not a whole number.", "{field}：{value} 不是整数。").format(
                field=field.label, value=format_number(number)
            ),
        )
    _check_limits(field, number)
    return int(number) if field.type == "integer" else float(number)


def _written_number(given: str) -> str:
    words = plain(given).replace("−", "-")
    return words.replace(",", "") if _GROUPED.fullmatch(words) else words


def _check_limits(field: Field, number: Decimal) -> None:
    if field.minimum is not None and number < Decimal(str(field.minimum)):
        raise Refused(
            "too_low",
            Text("{field}: at least {limit}.", "{field}：不小于 {limit}。").format(
                field=field.label, limit=written_quantity(field.minimum, field.unit)
            ),
        )
    if field.maximum is not None and number > Decimal(str(field.maximum)):
        raise Refused(
            "too_high",
            Text("{field}: at most {limit}.", "{field}：不大于 {limit}。").format(
                field=field.label, limit=written_quantity(field.maximum, field.unit)
            ),
        )
