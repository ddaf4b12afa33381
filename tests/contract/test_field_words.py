"""What is wrong with a field is said in the language that was asked for, whoever words it: marshmallow or we."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from marshmallow import Schema, ValidationError, fields, validate

from app.config import ROOT
from app.db.work import Bus
from app.kernel.invalid import REASONS, invalid_reason
from app.web.fieldwords import SENTENCES, both
from app.web.openapi import PREFIX
from tests.contract.test_limits import bodies, concrete
from tests.support import programs as by

UNUSED = {"format", "invalid_awareness", "invalid_utf8"}  # said when something is written out, and by fields of bytes
APP = sorted((ROOT / "app").rglob("*.py"))


def used(name: str) -> bool:
    return any(f"fields.{name}(" in text or f"validate.{name}(" in text or f"(fields.{name})" in text for text in SOURCES)


SOURCES = [path.read_text(encoding="utf-8") for path in APP]


def of_marshmallow() -> Iterator[str]:
    """Everything that the fields and validators in use can say, filled with something."""
    yield from Schema().error_messages.values()
    for name, made in vars(fields).items():
        if inspect.isclass(made) and issubclass(made, fields.Field) and used(name):
            for base in made.__mro__:
                for key, words in getattr(base, "default_error_messages", {}).items():
                    if key not in UNUSED:
                        yield str(words).format(obj_type="datetime", choices="a, b", input="x")
    checks = (validate.Range(1, 2), validate.Range(1), validate.Range(None, 2), validate.Length(1, 2), validate.Length(3))
    values: tuple[Any, ...] = (5, 0, 5, "xyz", "x")
    more = ((validate.Range(0, 2, min_inclusive=False), -1), (validate.OneOf(("a", "b")), "c"), (validate.Regexp("a"), "b"))
    for check, value in (*zip(checks, values, strict=True), *more, (validate.Length(equal=2), "x"), (validate.Email(), "x")):
        with pytest.raises(ValidationError) as refused:
            check(value)
        yield refused.value.messages[0]


def of_ours() -> Iterator[str]:
    """Every sentence that our own schemas raise or declare; what is filled in stands as 7."""
    for path in APP:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ValidationError":
                yield from sentences(node.args[0])
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "default_error_messages":
                yield from sentences(node.value)


def sentences(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)  # type: ignore[misc]
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from sentences(value)
    elif isinstance(node, ast.List):
        for item in node.elts:
            yield from sentences(item)


def test_every_sentence_has_its_chinese() -> None:
    said = {*of_marshmallow(), *of_ours()}
    assert len(said) > 35
    assert {sentence for sentence in said if both(sentence).zh == sentence} == set()


def test_the_numbers_are_those_of_the_sentence() -> None:
    assert both("Must be greater than or equal to 1 and less than or equal to 90.").zh == "应在 1 至 90 之间。"
    assert both("Must be greater than or equal to 1.").zh == "不小于 1。"
    assert both("Must be one of: tower, duct.").zh == "应为下列之一：tower, duct。"
    assert both("Nobody wrote this.").zh == "Nobody wrote this."
    for known in SENTENCES:
        assert both(known.en).zh == known.zh


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_refused_body_is_answered_in_the_language_asked_for(app: Flask, bus: Bus, language: str) -> None:
    """Nothing, another type and something unknown, in every body of the API."""
    programs, wrong, asked = by.shenzhen(app, bus), [], 0
    document = app.test_client().get(f"{PREFIX}/openapi.json").get_json()
    for path, method, schema, plain in bodies(document):
        names = schema["properties"]
        sent = ({}, {**plain, "unheard-of": 1}, dict.fromkeys(names), {key: [7] for key in names}, dict.fromkeys(names, -1))
        for body in sent:
            answer = programs.owner.client.open(
                concrete(path), method=method.upper(), json=body, headers={"If-Match": '"1"', "Accept-Language": language}
            )
            for place in (answer.json or {}).get("errors", ()):
                asked += 1
                chinese = any("\u4e00" <= sign <= "\u9fff" for sign in place["detail"])
                if chinese is not language.startswith("zh"):
                    wrong.append(f"{method} {path} {place}")
    assert wrong == []
    assert asked > 200


@pytest.mark.parametrize("words", [*REASONS, "Self-intersection[121.4 31.2]"])
def test_what_is_wrong_with_a_geometry_is_said_in_chinese_too(words: str) -> None:
    reason = invalid_reason(words)
    assert both(f"The geometry is not valid: {reason.en}.").zh == f"几何无效：{reason.zh}。".replace(" (", "（").replace(
        ")", "）"
    )
