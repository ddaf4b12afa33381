"""`open_source`: any file a person brings, by what is in it rather than by its name."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from app.exchange.problems import unreadable
from app.exchange.reading.delimited import read_delimited
from app.exchange.reading.encodings import known_encoding, marked_encoding
from app.exchange.reading.geojson import read_geojson
from app.exchange.reading.header import Hints, Vocabulary
from app.exchange.reading.limits import check_archive, gunzip
from app.exchange.reading.model import Source
from app.exchange.reading.vector import read_archive, read_geopackage, read_kml
from app.exchange.reading.workbook import read_workbook

_SQLITE = b"SQLite format 3\0"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP = b"\x1f\x8b"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB_PAGE = re.compile(r"<(!doctype\s+html|html|head|body|table|div|p)\b", re.IGNORECASE)
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x7fELF")


def no_vocabulary(label: str) -> bool:
    return False


def open_source(
    path: Path,
    *,
    name: str | None = None,
    encoding: str | None = None,
    vocabulary: Vocabulary = no_vocabulary,
    header_rows: Mapping[str, int] | None = None,
) -> Source:
    """Read a file whole. `name`: what the person calls it. `encoding`: overrules what the file seems to be in.
    `vocabulary(label)`: whether headers use this word; helps to find the header. `header_rows`: by sheet, which row a person says it is.

    Raises `file_unreadable`; problems of single rows are in the tables."""
    return _opened(path, name or path.name, known_encoding(encoding) if encoding else None, Hints(vocabulary, header_rows or {}))


def _opened(path: Path, name: str, encoding: str | None, hints: Hints) -> Source:
    head = _head(path)
    if head.startswith(_SQLITE):
        with tempfile.TemporaryDirectory() as folder:  # a copy: SQLite leaves its own files beside a database
            return _database(Path(shutil.copyfile(path, Path(folder) / "file.gpkg")), name)
    if head.startswith(_OLE):
        return _with_suffix(path, ".xls", lambda copy: read_workbook(copy, name, "XLS", hints))  # what is kept has none
    if head.startswith(_ZIP):
        return _zip(path, name, encoding, hints)
    if head.startswith(_GZIP):
        return _gzip(path, name, encoding, hints)
    if head.startswith(_BINARY):
        raise unreadable("unknown_format")
    return _text(path, name, head, encoding, hints)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise unreadable("empty_file")
    return head


def _with_suffix(path: Path, suffix: str, read: Callable[[Path], Source]) -> Source:
    """GDAL chooses its driver by suffix, too: give it the true one. A link where the system has them, never a second copy."""
    if path.suffix.lower() == suffix:
        return read(path)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"file{suffix}"
        try:
            copy.symlink_to(path.resolve())
        except OSError:
            shutil.copyfile(path, copy)
        return read(copy)


def _database(path: Path, name: str) -> Source:
    """A SQLite file that is a GeoPackage; any other is refused before GDAL sees it."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        if not connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'gpkg_contents'").fetchone()[0]:
            raise unreadable("unknown_format")
        listed = connection.execute(
            "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes') ORDER BY rowid"
        )
        layers = [str(row[0]) for row in listed]
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise unreadable("damaged", format="GeoPackage", why=error) from error
    finally:
        connection.close()
    return read_geopackage(path, name, layers)


def _zip(path: Path, name: str, encoding: str | None, hints: Hints) -> Source:
    names = {member.filename for member in check_archive(path, "ZIP")}
    if "xl/workbook.xml" in names or "[Content_Types].xml" in names:
        return _with_suffix(path, ".xlsx", lambda copy: read_workbook(copy, name, "XLSX", hints))
    if "content.xml" in names and "mimetype" in names:
        return _with_suffix(path, ".ods", lambda copy: read_workbook(copy, name, "ODS", hints))
    return read_archive(path, name, encoding, lambda inner, label: _member(inner, label, encoding, hints))


def _gzip(path: Path, name: str, encoding: str | None, hints: Hints) -> Source:
    """One compressed file, as data portals offer them."""
    with tempfile.TemporaryDirectory() as folder:
        inner = gunzip(path, Path(folder) / "member")
        if _head(inner).startswith(_GZIP):
            raise unreadable("unknown_format")
        return _member(inner, name.removesuffix(".gz"), encoding, hints)


def _member(path: Path, name: str, encoding: str | None, hints: Hints) -> Source:
    """The only file in an archive; an archive in an archive is refused."""
    if zipfile.is_zipfile(path) and _head(path).startswith(_ZIP) and not name.lower().endswith((".xlsx", ".xlsm", ".ods")):
        raise unreadable("unknown_format")
    return _opened(path, name, encoding, hints)


def _text(path: Path, name: str, head: bytes, encoding: str | None, hints: Hints) -> Source:
    marked = encoding or marked_encoding(head) or "latin-1"
    opening = head.decode(marked, errors="replace").lstrip("\ufeff").lstrip()
    if opening.startswith("{") or (opening.startswith("[") and name.lower().endswith("json")):
        return read_geojson(path, name, encoding)
    if opening.startswith("<"):
        if "<kml" in opening.lower():
            return _with_suffix(path, ".kml", lambda copy: read_kml(copy, name))
        if _WEB_PAGE.match(opening) or name.lower().endswith((".html", ".htm")):
            raise unreadable("web_page")
        raise unreadable("unknown_format")
    if marked == "latin-1" and b"\0" in head:
        raise unreadable("unknown_format")
    return read_delimited(path, name, encoding, hints)
