"""Sectors: whose infrastructure it is. Every sector may list and may ask."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Sector:
    """`aliases`: words for it in real files, either language."""

    code: str
    label: Text
    aliases: tuple[str, ...] = ()


SECTORS: dict[str, Sector] = {
    sector.code: sector
    for sector in (
        Sector(
            "telecom",
            Text("Telecommunications", "通信"),
            ("电信", "通信", "通讯", "telecoms", "telecommunication", "communications"),
        ),
        Sector("power", Text("Power", "电力"), ("电力", "电网", "供电", "electricity", "energy", "grid")),
        Sector(
            "transport",
            Text("Transport", "交通"),
            ("交通", "交通运输", "铁路", "公路", "轨道交通", "地铁", "transportation", "rail", "road"),
        ),
        Sector("municipal", Text("Municipal works", "市政"), ("市政", "城管", "城建", "住建", "municipality", "city")),
        Sector("public_security", Text("Public security", "公安"), ("公安", "警务", "police", "public safety")),
        Sector("other", Text("Other", "其他"), ("其他", "其它", "others")),
    )
}
_BY_WORD = {word.casefold(): s.code for s in SECTORS.values() for word in (s.code, s.label.en, s.label.zh, *s.aliases)}


def find_sector(word: str) -> str | None:
    """The code of the sector that `word` names (code, label or alias, either language), or None."""
    return _BY_WORD.get(word.strip().casefold().removesuffix("行业"))
