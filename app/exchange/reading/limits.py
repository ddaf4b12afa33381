"""What a file may cost to open: sizes that keep a crafted archive from filling memory."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path

from app.exchange.problems import unreadable

UNPACKED_LIMIT_MB = 1024
CELL_LIMIT = 16 * 1024 * 1024  # characters of one CSV cell: WKT of a coastline fits
VERTEX_LIMIT = 100_000  # of one geometry
DEPTH_LIMIT = 64  # of nested JSON


def check_archive(path: Path, format_name: str) -> list[zipfile.ZipInfo]:
    """The archive's members; raises `file_unreadable` when it is damaged or would unpack to more than the limit."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise unreadable("damaged", format=format_name, why=error) from error
    if sum(member.file_size for member in members) > UNPACKED_LIMIT_MB * 1024 * 1024:
        raise unreadable("too_large_inside", limit_mb=UNPACKED_LIMIT_MB)
    return members


def unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> Path:
    """Write one member to `target`, never more bytes than the archive declared."""
    try:
        with archive.open(member) as packed, target.open("wb") as out:
            left = member.file_size
            while left > 0 and (piece := packed.read(min(left, 1 << 20))):
                out.write(piece)
                left -= len(piece)
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError, NotImplementedError) as error:
        raise unreadable("damaged", format="ZIP", why=error) from error
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
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable("damaged", format="GZIP", why=error) from error
    return target
