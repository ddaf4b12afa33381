"""What a file may cost to open: sizes that keep a crafted archive from filling memory."""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.exchange.problems import unreadable

UNPACKED_LIMIT_MB = 1024
CELL_LIMIT = 16 * 1024 * 1024  # characters of one CSV cell: WKT of a coastline fits
VERTEX_LIMIT = 100_000  # of one geometry
DEPTH_LIMIT = 64  # of nested JSON
ARCHIVE_ERRORS = (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, OSError, EOFError, ValueError, LookupError)


@contextmanager
def opened(path: Path, format_name: str) -> Iterator[zipfile.ZipFile]:
    """The archive, for reading; whatever is wrong with it while the block runs is `file_unreadable`."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except ARCHIVE_ERRORS as error:
        raise unreadable("damaged", format=format_name, why=str(error)[:200]) from error


def check_archive(path: Path, format_name: str) -> list[zipfile.ZipInfo]:
    """The archive's members; raises `file_unreadable` when it is damaged or would unpack to more than the limit."""
    with opened(path, format_name) as archive:
        members = archive.infolist()
    if sum(member.file_size for member in members) > UNPACKED_LIMIT_MB * 1024 * 1024:
        raise unreadable("too_large_inside", limit_mb=UNPACKED_LIMIT_MB)
    return members


def unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> Path:
    """Write one member to `target`, never more bytes than the archive declared."""
    with archive.open(member) as packed, target.open("wb") as out:
        left = member.file_size
        while left > 0 and (piece := packed.read(min(left, 1 << 20))):
            out.write(piece)
            left -= len(piece)
    return target


def gunzip(path: Path, target: Path) -> Path:
    """Write a gzip file's content to `target`; refused past the limit."""
    limit = UNPACKED_LIMIT_MB * 1024 * 1024
    try:
        with gzip.open(path) as packed, target.open("wb") as out:
            while piece := packed.read(1 << 20):
                out.write(piece)
                if out.tell() > limit:
                    raise unreadable("too_large_inside", limit_mb=UNPACKED_LIMIT_MB)
    except ARCHIVE_ERRORS as error:
        raise unreadable("damaged", format="GZIP", why=error) from error
    return target
