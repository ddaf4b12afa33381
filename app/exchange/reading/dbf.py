"""The attribute part of a shapefile, read by hand: GDAL decides its encoding silently, and cuts names in the middle of a
character.

dBASE III fixed-length records; numeric fields become numbers, dates dates, logical booleans, all else text in a stated encoding.
"""

from __future__ import annotations

import struct
from datetime import date
from pathlib import Path
from typing import NamedTuple

from app.exchange.problems import unreadable
from app.exchange.reading.encodings import decode, guess_encoding, known_encoding
from app.exchange.reading.model import Cell

NAME_BYTES = 10
SAMPLED_RECORDS = 2000
_LANGUAGE_DRIVERS = {
    0x4D: "gb18030",
    0x4E: "cp949",
    0x4F: "big5",
    0x7A: "gb18030",
    0x78: "big5",
    0x03: "windows-1252",
    0x57: "windows-1252",
}


class DbfField(NamedTuple):
    name: bytes
    type: str
    start: int
    length: int
    decimals: int


class Dbf:
    """`fields` and `records()`; `encoding` is settled by `choose_encoding`."""

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        self.name = path.name
        self.fields, self._start, self._size, self.count = self._header()
        self.encoding = "utf-8"

    def _header(self) -> tuple[list[DbfField], int, int, int]:
        data = self._data
        if len(data) < 33:
            raise unreadable("damaged", format="DBF", why="short header")
        count, header_size, size = struct.unpack_from("<IHH", data, 4)
        fields: list[DbfField] = []
        at, offset = 32, 1
        while at + 32 <= min(header_size, len(data)) and data[at] != 0x0D:
            raw = data[at : at + 32]
            fields.append(DbfField(raw[:11].split(b"\0")[0][:NAME_BYTES], chr(raw[11]), offset, raw[16], raw[17]))
            at, offset = at + 32, offset + raw[16]
        if not fields or size < offset:
            raise unreadable("damaged", format="DBF", why="field table")
        return fields, header_size, size, min(count, max(0, len(data) - header_size) // size)

    def choose_encoding(self, declared: str | None, cpg: str | None) -> bool:
        """Settle the encoding: as declared, by the .cpg file, by the language byte, else by the bytes. False when it is a
        guess."""
        stated = declared or _codepage(cpg)
        if stated is not None:
            self.encoding = known_encoding(stated)
            return True
        sample = b" ".join(field.name for field in self.fields) + b" " + self._text_sample()
        guessed, certain = guess_encoding(sample)
        driver = _LANGUAGE_DRIVERS.get(self._data[29])
        if driver and not certain:
            self.encoding = driver
            return driver == guessed
        self.encoding = guessed
        return certain

    def _text_sample(self) -> bytes:
        """Whole values, so that none is cut within a character."""
        texts = [f for f in self.fields if f.type in "CM"]
        pieces: list[bytes] = []
        for n in range(min(self.count, SAMPLED_RECORDS)):
            base = self._start + n * self._size
            pieces.extend(_whole(self._data[base + f.start : base + f.start + f.length]) for f in texts)
        return b" ".join(pieces)

    def names(self, encoding: str | None = None) -> list[tuple[str, bool]]:
        """(name, cut): the field names; what is left of a character cut at byte 10 is dropped."""
        chosen = encoding or self.encoding
        return [(f.name.decode(chosen, errors="ignore").strip(), len(f.name) == NAME_BYTES) for f in self.fields]

    def preview(self, encoding: str) -> list[str]:
        """Names and the first values as they look in `encoding`."""
        texts = [f for f in self.fields if f.type == "C"]
        shown = [" · ".join(name for name, _ in self.names(encoding))]
        for n in range(min(self.count, 3)):
            base = self._start + n * self._size
            raw = [self._data[base + f.start : base + f.start + f.length] for f in texts]
            shown.append(" · ".join(value.decode(encoding, errors="replace").strip(" \0") for value in raw)[:80])
        return shown

    def records(self) -> list[list[Cell] | None]:
        """Every record in file order; None for one marked as deleted."""
        plans = [(f.start, f.start + f.length, f.type, f.name) for f in self.fields]
        found: list[list[Cell] | None] = []
        for n in range(self.count):
            base = self._start + n * self._size
            if self._data[base : base + 1] == b"*":
                found.append(None)
                continue
            found.append([self._value(self._data[base + a : base + b], kind, n + 1) for a, b, kind, _ in plans])
        return found

    def _text(self, raw: bytes, record: int) -> str:
        value = raw.rstrip(b" \0")
        if len(value) == len(raw):  # full to the last byte: the format may have cut its last character
            value = _uncut(value, self.encoding)
        return decode(value, self.encoding, f"{self.name} {record}")

    def _value(self, raw: bytes, kind: str, record: int) -> Cell:
        if kind == "C" or kind == "M":
            return self._text(raw, record) or None
        text = raw.decode("ascii", errors="replace").strip(" \0")
        if not text or set(text) == {"*"}:
            return None
        if kind in "NF":
            return _number(text)
        if kind == "D":
            return _day(text)
        if kind == "L":
            return {"T": True, "Y": True, "F": False, "N": False}.get(text.upper())
        return text


def _codepage(cpg: str | None) -> str | None:
    """What a .cpg file says: `UTF-8`, `936`, `GBK`, `ANSI 1252`."""
    if cpg is None or not cpg.strip():
        return None
    text = cpg.strip().splitlines()[0].strip()
    digits = text.upper().removeprefix("ANSI").removeprefix("CP").strip()
    if digits.isdigit():
        return {"936": "gb18030", "65001": "utf-8", "88591": "latin-1"}.get(digits, f"cp{digits}")
    return "gb18030" if text.upper() in ("GBK", "GB2312") else text


def _whole(raw: bytes) -> bytes:
    """A value without its padding; a full field may end in half a character, which says nothing about the encoding."""
    value = raw.rstrip(b" \0")
    if len(value) < len(raw) or not value:
        return value
    return value[: max(value.rfind(b" "), 0)]


def _uncut(value: bytes, encoding: str) -> bytes:
    """`value` without the first bytes of an unfinished character at its end."""
    for cut in range(4):
        piece = value[: len(value) - cut]
        try:
            piece.decode(encoding)
        except UnicodeDecodeError as error:
            if error.end < len(piece):
                return value  # wrong elsewhere: let it be reported
        else:
            return piece
    return value


def _number(text: str) -> Cell:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _day(text: str) -> Cell:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return text
