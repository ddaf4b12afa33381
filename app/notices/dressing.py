"""A mail's text as HTML, for programs that show it: the same words in the same order, addresses as links. Pure.

What the texts of this house keep to: blank lines between paragraphs, "- " before an item with its facts and its address indented
below it, a heading right above items, "words: address" on a line of its own, "----" between two languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from app.config import ROOT

_ADDRESS = re.compile(r"https?://\S+")
_NAMED = re.compile(r"(?P<words>.+?)[:：]\s*(?P<url>https?://\S+)")
_CHINESE, _LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile("[A-Za-z]")
ITEM, INDENT, RULE = "- ", "  ", "----"


@dataclass(frozen=True, slots=True)
class Line:
    words: str
    url: str | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """form: text, heading, items, rule, foot (how to hear no more)."""

    form: str
    lines: tuple[Line, ...] = ()


def dress(subject: str, body: str, unsubscribe_url: str | None = None) -> str:
    """The HTML of a mail."""
    said = _ADDRESS.sub("", body.partition(RULE)[0])
    chinese = 2 * len(_CHINESE.findall(said)) > len(_LATIN.findall(said))  # names may be in the other one
    brand = "Infrashare 共建共享平台" if chinese else "Infrashare"
    found = [_as_foot(block, unsubscribe_url) for block in blocks(body)]
    return _template().render(subject=subject, blocks=found, lang="zh-CN" if chinese else "en", brand=brand)


@cache
def _template() -> Template:
    loader = FileSystemLoader(ROOT / "templates" / "email")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("mail.html")


def blocks(body: str) -> Iterator[Block]:
    paragraph: list[str] = []
    for line in [*body.splitlines(), ""]:
        if line.strip() and line.strip() != RULE:
            paragraph.append(line)
            continue
        yield from _paragraph(paragraph)
        paragraph = []
        if line.strip() == RULE:
            yield Block("rule")


def _paragraph(lines: Sequence[str]) -> Iterator[Block]:
    first = next((n for n, line in enumerate(lines) if line.startswith(ITEM)), None)
    if first is None:
        if lines:
            yield Block("text", tuple(map(_line, lines)))
        return
    if first:
        yield from _paragraph(lines[: first - 1])
        yield Block("heading", (Line(lines[first - 1]),))
    yield Block("items", tuple(_items(lines[first:])))


def _items(lines: Sequence[str]) -> Iterator[Line]:
    item: Line | None = None
    for line in lines:
        if line.startswith(ITEM) or item is None:
            if item is not None:
                yield item
            item = Line(line.removeprefix(ITEM))
        elif _ADDRESS.fullmatch(line.strip()):
            item = replace(item, url=line.strip())
        else:
            item = replace(item, facts=(*item.facts, line.strip()))
    if item is not None:
        yield item


def _line(line: str) -> Line:
    said = line.strip()
    if _ADDRESS.fullmatch(said):
        return Line(said, said)
    named = _NAMED.fullmatch(said)
    return Line(named["words"], named["url"]) if named else Line(said)


def _as_foot(block: Block, unsubscribe_url: str | None) -> Block:
    ends = unsubscribe_url is not None and block.form == "text" and any(line.url == unsubscribe_url for line in block.lines)
    return replace(block, form="foot") if ends else block
