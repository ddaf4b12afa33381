"""Which encoding a text is in: marks first, then UTF-8 if it decodes, then what Chinese and western office programs write.

A guess is never silent: the source says so and offers the candidates with a preview.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence

from app.exchange.problems import unreadable
from app.exchange.reading.model import EncodingChoice

CANDIDATES = ("utf-8", "gb18030", "big5", "windows-1252")
SAMPLE = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMMON_SHARE = 0.85
_PLANES = (  # encoding, first bytes of its common characters, least second byte
    ("gb18030", range(0xA1, 0xF8), 0xA1),  # GB 2312
    ("big5", range(0xA1, 0xC7), 0x40),  # level 1
)


def known_encoding(name: str) -> str:
    """Python's name of an encoding; raises `file_unreadable` for one that does not exist or is not for text."""
    try:
        found = codecs.lookup(name.strip())
    except (LookupError, ValueError) as error:
        raise unreadable("unknown_encoding", encoding=name) from error
    if not found._is_text_encoding:
        raise unreadable("unknown_encoding", encoding=name)
    return found.name


def marked_encoding(data: bytes) -> str | None:
    """The encoding that a byte order mark states, or the zero bytes of UTF-16 without one."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    head = data[:2000]
    if (len(head) >= 4 and len(head) % 2 == 0) or len(data) > 2000:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if odd > len(head) * 0.3 and even == 0:
            return "utf-16-le"
        if even > len(head) * 0.3 and odd == 0:
            return "utf-16-be"
    return None


def guess_encoding(data: bytes) -> tuple[str, bool]:
    """(encoding, certain). UTF-8 that decodes is certain; Chinese is told from western text by how common its characters are."""
    marked = marked_encoding(data)
    if marked:
        return marked, True
    if _decodes(data, "utf-8"):
        return "utf-8", True
    for encoding, lead, trail in _PLANES:
        if _decodes(data, encoding) and _looks_chinese(data, lead, trail):
            return encoding, False
    return "windows-1252", False


def decode(data: bytes, encoding: str, place: str) -> str:
    """Text, or `file_unreadable` that names the byte. Bytes that windows-1252 leaves undefined are kept as marks."""
    try:
        return data.decode(encoding, errors="replace" if encoding == "windows-1252" else "strict")
    except UnicodeDecodeError as error:
        raise unreadable("wrong_encoding", encoding=encoding, byte=error.start + 1, place=place) from error


def previews(samples: Callable[[str], Sequence[str]]) -> tuple[EncodingChoice, ...]:
    """The choices among which a person may pick; `samples(encoding)` gives some words read so."""
    return tuple(EncodingChoice(encoding, tuple(samples(encoding))) for encoding in CANDIDATES)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(data, final=True)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(data: bytes, lead: range, trail: int) -> bool:
    """Whether nearly all two-byte characters are common ones: real text is; accented western letters read as pairs are not."""
    pairs = common = 0
    i, sample = 0, data[:SAMPLE]
    while i < len(sample) - 1:
        if sample[i] < 0x81:
            i += 1
            continue
        pairs += 1
        common += sample[i] in lead and sample[i + 1] >= trail
        i += 2
    return pairs > 0 and common / pairs >= _COMMON_SHARE
