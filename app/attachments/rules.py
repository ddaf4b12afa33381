"""What may be attached, and under which name it is kept: pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath

from app.kernel.errors import declare

MAX_MB = 50
NAME_MAX = 120
PURPOSE = re.compile(r"[a-z][a-z0-9_]{0,39}")
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

declare(
    "attachment_type",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "“{name}” is not a kind of document that can be attached: {known}.",
    "不支持附加“{name}”，可附加的类型：{known}。",
)
declare(
    "attachment_content",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "“{name}” does not hold what its ending says.",
    "“{name}”的内容与扩展名不符。",
)
declare("attachment_empty", HTTPStatus.UNPROCESSABLE_ENTITY, "The file is empty.", "文件为空。")
declare("attachment_missing", HTTPStatus.UNPROCESSABLE_ENTITY, "Choose a file.", "请选择文件。")


@dataclass(frozen=True, slots=True)
class FileType:
    """`starts`: the first bytes, one of them; none: text, which holds no zero byte."""

    media_type: str
    starts: tuple[bytes, ...] = ()


TYPES: dict[str, FileType] = {
    "pdf": FileType("application/pdf", (b"%PDF-",)),
    "png": FileType("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": FileType("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": FileType("image/jpeg", (b"\xff\xd8\xff",)),
    "tif": FileType("image/tiff", (b"II*\x00", b"MM\x00*")),
    "tiff": FileType("image/tiff", (b"II*\x00", b"MM\x00*")),
    "docx": FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (ZIP,)),
    "xlsx": FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (ZIP,)),
    "pptx": FileType("application/vnd.openxmlformats-officedocument.presentationml.presentation", (ZIP,)),
    "doc": FileType("application/msword", (OLE,)),
    "xls": FileType("application/vnd.ms-excel", (OLE,)),
    "zip": FileType("application/zip", (ZIP,)),
    "dwg": FileType("image/vnd.dwg", (b"AC10",)),
    "gpkg": FileType("application/geopackage+sqlite3", (b"SQLite format 3\x00",)),
    "dxf": FileType("image/vnd.dxf"),
    "txt": FileType("text/plain"),
    "csv": FileType("text/csv"),
    "geojson": FileType("application/geo+json"),
    "kml": FileType("application/vnd.google-earth.kml+xml"),
}


def extension(name: str) -> str:
    return PurePosixPath(name).suffix.lstrip(".").lower()


def clean_name(given: str) -> str:
    """The name without folders, control and direction characters, leading dots; short, and with its ending."""
    base = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(
        c for c in base if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") and c not in '<>:"|?*'
    )
    kept = " ".join(kept.split()).strip(" .") or "document"
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        return kept[:NAME_MAX]
    return f"{stem[: NAME_MAX - len(ending) - 1] or 'document'}.{ending}"[:NAME_MAX]


def is_of_type(kind: FileType, head: bytes) -> bool:
    """Whether the first bytes are those of the type."""
    return any(head.startswith(start) for start in kind.starts) if kind.starts else b"\x00" not in head
