"""The bytes of documents, under the files folder by their SHA-256: the same content is kept once, and a name leads nowhere."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.attachments.rules import MAX_MB, TYPES, clean_name, extension, is_of_type
from app.kernel.errors import fail

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredFile:
    filename: str
    media_type: str
    size_bytes: int
    sha256: str


def path_of(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256


def save(folder: Path, given_name: str, stream: IO[bytes]) -> StoredFile:
    """Keep the stream, whole or not at all. Raises `attachment_type`, `attachment_content`, `attachment_empty`, `too_large`."""
    name = clean_name(given_name)
    kind = TYPES.get(extension(name))
    if kind is None:
        raise fail("attachment_type", name=name, known=", ".join(TYPES))
    folder.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=folder, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            head, size, sha256 = _copy(stream, file)
            os.fsync(file.fileno())
        if not size:
            raise fail("attachment_empty")
        if not is_of_type(kind, head):
            raise fail("attachment_content", name=name)
        target = path_of(folder, sha256)
        target.parent.mkdir(exist_ok=True)
        Path(part).replace(target)
    finally:
        Path(part).unlink(missing_ok=True)
    return StoredFile(name, kind.media_type, size, sha256)


def _copy(stream: IO[bytes], file: IO[bytes]) -> tuple[bytes, int, str]:
    """Copy at most MAX_MB; returns the first bytes, the size and the hash."""
    digest, size, head = hashlib.sha256(), 0, b""
    while chunk := stream.read(CHUNK):
        head = head or chunk[:512]
        size += len(chunk)
        if size > MAX_MB << 20:
            raise fail("too_large", limit_mb=MAX_MB)
        digest.update(chunk)
        file.write(chunk)
    return head, size, digest.hexdigest()
