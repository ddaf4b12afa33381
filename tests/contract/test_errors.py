"""The catalogue of errors: whole, in both languages, documented, and the only source of what the product raises and answers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from flask import Flask

from app.config import ROOT
from app.kernel.errors import CATALOGUE, DomainError, ErrorType, Problem, fail
from app.kernel.text import Text
from app.web.errors import problem_document, respond
from app.web.errortable import table, whole_catalogue
from tests.support.pages import page_app

APP = sorted((ROOT / "app").rglob("*.py"))
MEMBERS = {"type", "code", "title", "status", "detail", "instance", "request_id", "errors", "more_errors"}
RAISES = {"fail", "DomainError"}  # functions whose first argument is a code of the catalogue


@pytest.fixture(scope="module")
def catalogue() -> dict[str, ErrorType]:
    return whole_catalogue()


def codes_used(path: Path) -> Iterator[tuple[str, int]]:
    """Every literal code given to `fail` or `DomainError`, either branch of a conditional too, and its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", getattr(node.func, "attr", "")) not in RAISES:
            continue
        first = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "code"), None)
        options = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
        yield from (
            (option.value, node.lineno)
            for option in options
            if isinstance(option, ast.Constant) and isinstance(option.value, str)
        )


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_code_that_is_raised_is_declared(catalogue: dict[str, ErrorType]) -> None:
    used = [(code, f"{path.relative_to(ROOT)}:{line}") for path in APP for code, line in codes_used(path)]
    assert len(used) > 100, "the search finds what is raised"
    assert [place for code, place in used if code not in catalogue] == []


def test_every_code_that_is_declared_is_raised(catalogue: dict[str, ErrorType]) -> None:
    """A code that nothing can raise promises what does not happen. Declarations and the table of HTTP statuses name it once
    more."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in APP)
    unused = [code for code in catalogue if len(re.findall(rf"""["']{code}["']""", source)) < 2]
    assert unused == []


def test_every_sentence_is_in_both_languages_and_fills_the_same_values(catalogue: dict[str, ErrorType]) -> None:
    for code, error in catalogue.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", code), code
        assert error.code == code
        assert error.title.en.strip()[-1] in ".}", code
        assert re.search(r"[\u4e00-\u9fff]", error.title.zh), code
        assert not re.search(r"[\u4e00-\u9fff]", error.title.en), code
        assert placeholders(error.title.en) == placeholders(error.title.zh), code
        assert 400 <= error.status < 600, code


def test_the_document_lists_the_catalogue() -> None:
    written = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert written == table(), "refresh it: .venv/bin/flask --app wsgi errors table > docs/errors.md"


def test_a_code_is_declared_once() -> None:
    from app.kernel.errors import declare

    with pytest.raises(ValueError, match="twice"):
        declare("not_found", CATALOGUE["not_found"].status, "Again.", "重复。")


@pytest.fixture(scope="module")
def pages() -> Flask:
    return page_app()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_all_errors_have_one_shape(pages: Flask, catalogue: dict[str, ErrorType], language: str) -> None:
    place = Problem("required", Text("Say it.", "请填写。"), pointer="/a")
    for code, error in catalogue.items():
        names = placeholders(error.title.en)
        values: dict[str, object] = dict.fromkeys(names, 1)
        with pages.test_request_context("/api/v1/here", headers={"Accept-Language": language}):
            document = problem_document(fail(code, [place], **values))
        assert document.keys() == MEMBERS, code
        assert (document["type"], document["code"], document["status"]) == (f"/errors/{code}", code, int(error.status))
        wanted = error.title.zh if language == "zh-CN" else error.title.en
        assert document["detail"] == (wanted.format(**values) if values else wanted)
        assert document["errors"] == [
            {"pointer": "/a", "code": "required", "detail": "请填写。" if language == "zh-CN" else "Say it."}
        ]


def test_of_thousands_of_places_a_hundred_are_named_and_the_rest_is_counted(pages: Flask) -> None:
    error = fail("invalid", [Problem("invalid", Text("Not this.", "不可。"), pointer=f"/rows/{n}") for n in range(2000)])
    with pages.test_request_context("/api/v1/here"):
        document, answer = problem_document(error), respond(error)
    assert ([place["pointer"] for place in document["errors"][-2:]], document["more_errors"]) == (["/rows/98", "/rows/99"], 1900)
    assert len(answer.data) < 10_000
    with pages.test_request_context("/here", headers={"Accept": "text/html"}):
        page = respond(error).get_data(as_text=True)
    assert "/rows/99" in page
    assert "/rows/100" not in page
    assert "1900 more are wrong beside them." in page


def test_what_was_never_declared_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        DomainError("never_declared")
