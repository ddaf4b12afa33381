"""Every word that a person sees is in both languages: nothing bare in a template or a page, nothing without Chinese, nothing
fuzzy.

What is text is decided by reading, not by running: templates through Jinja's own lexer and parser, pages through `ast`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, nodes

from app.web import messages

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "documents" not in path.parts)
PAGES = sorted([*(ROOT / "app").glob("*/pages.py"), *(ROOT / "app").glob("*/*_pages.py"), ROOT / "app" / "web" / "styleguide.py"])
GETTEXT = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext", "lazy_gettext", "lazy_ngettext", "Text", "declare"})
SPOKEN = ("title", "alt", "placeholder", "aria-label", "aria-description", "label", "content")
EXPRESSION = "\ufffc"  # stands where a template puts a value
WORDS = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(
    r"[A-Z][a-z]+|[\u4e00-\u9fff]"
)  # a capital and small letters, or Han: words for people, not a class or a key
PASSED_OVER = frozenset({"trans", "main_class", "body_attributes", "html_attributes"})  # translated, or inside a tag of base.html
ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"')


class Reader(HTMLParser):
    """Collects what a browser would show or speak of a template's own text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.spoken: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code"):
            self.silent += 1
        is_spoken = tag not in ("meta", "link")
        self.spoken += [value for name, value in attrs if is_spoken and name in SPOKEN and value and WORDS.search(value)]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "code"):
            self.silent -= 1

    def handle_data(self, data: str) -> None:
        shown = ATTRIBUTE.sub("", data)  # a macro may write attributes of a tag that its caller opens
        if not self.silent and WORDS.search(shown):
            self.spoken.append(shown)


def environment() -> Environment:
    return Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


def bare_text(source: str) -> list[str]:
    """Text of a template outside `_()` and `{% trans %}`."""
    written: list[str] = []
    is_passed_over = False
    for _line, token, value in environment().lex(source):
        if token == "name" and value in PASSED_OVER:
            is_passed_over = True
        elif token == "name" and value in ("endtrans", "endblock"):
            is_passed_over = False
        elif token == "data" and not is_passed_over:
            written.append(value)
        elif token == "variable_begin":
            written.append(EXPRESSION)
    reader = Reader()
    reader.feed("".join(written))
    return [text.strip() for text in reader.spoken if WORDS.search(text.replace(EXPRESSION, ""))]


def bare_strings(source: str) -> list[str]:
    """Strings for people in a template's expressions, such as a button's text, that are not translated."""
    return list(_untranslated(environment().parse(source)))


def _untranslated(node: nodes.Node) -> Iterator[str]:
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name) and child.node.name in GETTEXT:
            continue
        if isinstance(child, nodes.Const) and isinstance(child.value, str) and SENTENCE.match(child.value):
            yield child.value
        yield from _untranslated(child)


def bare_in_page(source: str) -> list[str]:
    """Sentences in a page module outside gettext and `Text`: a capital, small letters, and a space, or Han."""
    tree = ast.parse(source)
    silent = {id(part) for node in ast.walk(tree) for part in ast.walk(node) if _is_silent(node)} | _docstrings(tree)
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in silent
        and (re.match(r"[A-Z][a-z]+ \S", node.value) or re.search(r"[\u4e00-\u9fff]", node.value))
    ]


def _is_silent(node: ast.AST) -> bool:
    """Calls that translate, and errors for programmers."""
    if isinstance(node, ast.Raise):
        return True
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXT


def _docstrings(tree: ast.Module) -> set[int]:
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_says_nothing_untranslated(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert bare_text(source) == []
    assert bare_strings(source) == []


@pytest.mark.parametrize("path", [path for path in PAGES if path.name != "styleguide.py"], ids=name)
def test_a_page_module_says_nothing_untranslated(path: Path) -> None:
    assert bare_in_page(path.read_text(encoding="utf-8")) == []


def test_every_message_has_its_chinese() -> None:
    catalog, _faults = messages.merged()
    known = {key for key, _message in messages.entries(catalog)}
    missing = sorted({f"{item.file}: {item.key[0]}" for item in messages.extract() if item.key not in known})
    assert missing == [], "run python -m app.web.i18n extract FEATURE, then fill the empty msgstr"


def test_no_entry_is_fuzzy_and_no_parts_disagree() -> None:
    assert messages.merged()[1] == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    placeholder = re.compile(r"%\(\w+\)[sd]")
    wrong = []
    for key, message in messages.entries(messages.merged()[0]):
        asked = set(placeholder.findall(" ".join(_forms(message.id))))
        wrong += [key[0] for text in _forms(message.string) if set(placeholder.findall(text)) != asked]
    assert wrong == []


class Anything(dict[str, int]):
    """A value for whatever is asked for."""

    def __missing__(self, name: str) -> int:
        return 1


def is_written(words: str) -> bool:
    """Whether a format of this kind can be filled: a per cent sign that is no placeholder is written twice."""
    try:
        return bool((words % Anything()) or not words)
    except (TypeError, ValueError):
        return False


def test_per_cent_signs_are_doubled_where_words_are_filled() -> None:
    """Templates fill whatever they say; Python only what it gives values for."""
    filled = {item.key for item in messages.extract() if item.file.endswith(".html")}
    wrong = []
    for key, message in messages.entries(messages.merged()[0]):
        words = [*_forms(message.id), *_forms(message.string)]
        if key in filled or any("%(" in one for one in words):
            wrong += [one for one in words if not is_written(one)]
    assert wrong == []


def test_a_bare_per_cent_sign_is_found() -> None:
    assert [
        is_written(one) for one in ("5%", "50% of it", "填 5% 表示提高。", "%(n)d 中的 50％", "100%%", "%(n)d%%", "%(n)s")
    ] == [
        False,
        False,
        False,
        True,
        True,
        True,
        True,
    ]


def _forms(words: str | Sequence[str] | None) -> Sequence[str]:
    return (words,) if isinstance(words, str) else words or ()


@pytest.mark.parametrize(
    "source",
    [
        "<p>Bare words</p>",
        '<a title="Bare words">{{ x }}</a>',
        "<p>{{ n }} matches</p>",
        '<input placeholder="Type here">',
        "<p>裸文字</p>",
        "<b>{% if x %}yes{% endif %}</b>",
    ],
)
def test_bare_text_is_found(source: str) -> None:
    assert bare_text(source)


@pytest.mark.parametrize(
    "source",
    [
        "<p>{{ _('Words') }}</p>",
        '<p class="card wide" data-x="some words">{{ n }} · 5 / 7</p>',
        "{% trans %}All of it{% endtrans %}",
        "{# a remark #}",
        '<a {% if x %}class="is on"{% endif %} href="/somewhere/else">{{ _("x") }}</a>',
        "<code>json</code>",
    ],
)
def test_what_is_no_bare_text_passes(source: str) -> None:
    assert bare_text(source) == []


def test_bare_strings_in_expressions_are_found() -> None:
    assert bare_strings("{{ button('Publish it') }}{{ button(_('Publish')) }}{{ chip(x, 'warn') }}") == ["Publish it"]
    assert (
        bare_strings("{{ _('%(a)s of it', a=button('Not translated')) }}") == []
    )  # inside gettext's own arguments a macro stands rarely


def test_bare_sentences_in_pages_are_found() -> None:
    assert bare_in_page(
        '"""A docstring of words."""\nflash("Saved it all")\nflash(_("Saved all"))\nraise ValueError("For programmers only")'
    ) == ["Saved it all"]


def test_a_part_survives_extraction(tmp_path: Path, app_tree: Path) -> None:
    """What is translated is kept, what is new is added empty, what is gone is dropped, and the shell's words are left to the
    shell."""
    folder = tmp_path / "translations"
    assert messages.update_parts((), folder, app_tree) == {"needs": 2, "shell": 1}
    part = messages.part_path("needs", folder)
    part.write_text(
        part.read_text(encoding="utf-8").replace('msgid "Publish"\nmsgstr ""', 'msgid "Publish"\nmsgstr "发布"'), encoding="utf-8"
    )
    (app_tree / "templates" / "needs" / "page.html").write_text(
        "{{ _('Publish') }}{{ _('Brand new') }}{{ _('Menu') }}", encoding="utf-8"
    )
    assert messages.update_parts(("needs",), folder, app_tree) == {"needs": 1}
    written = part.read_text(encoding="utf-8")
    assert "发布" in written
    assert "Brand new" in written
    assert "Gone soon" not in written
    assert "Menu" not in written


def test_parts_that_disagree_are_named(tmp_path: Path) -> None:
    for feature, words in (("needs", "发布"), ("access", "公布")):
        messages.part_path(feature, tmp_path).write_text(f'msgid "Publish"\nmsgstr "{words}"\n', encoding="utf-8")
    _catalog, faults = messages.merged(tmp_path)
    assert len(faults) == 1
    assert "access.zh_CN.po" in faults[0]


@pytest.fixture
def app_tree(tmp_path: Path) -> Path:
    """A project of two templates."""
    root = tmp_path / "project"
    (root / "templates" / "needs").mkdir(parents=True)
    (root / "app").mkdir()
    (root / "babel.cfg").write_text((ROOT / "babel.cfg").read_text(encoding="utf-8"), encoding="utf-8")
    (root / "templates" / "base.html").write_text("{{ _('Menu') }}", encoding="utf-8")
    (root / "templates" / "needs" / "page.html").write_text(
        "{{ _('Publish') }}{{ _('Gone soon') }}{{ _('Menu') }}", encoding="utf-8"
    )
    return root


def test_compiled_words_reach_a_page(tmp_path: Path) -> None:
    """The whole way: parts, merged, compiled, read by Babel in the locale of a request."""
    from flask_babel import Babel, force_locale, gettext

    messages.part_path("needs", tmp_path).write_text('msgid "Publish"\nmsgstr "发布"\n', encoding="utf-8")
    messages.compile_parts(tmp_path)
    app = Flask("words")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(tmp_path)
    Babel(app)
    with app.test_request_context("/"), force_locale("zh_CN"):
        assert gettext("Publish") == "发布"
