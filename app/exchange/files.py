"""The bytes of uploaded files, by their SHA-256 under the files folder, until the import is over."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flask import current_app, has_app_context

from app.config import Settings

PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    filename: str
    sha256: str
    size_bytes: int


def settings() -> Settings:
    """The running application's settings; a worker without one reads the environment."""
    found = current_app.config["SETTINGS"] if has_app_context() else Settings.from_env()
    assert isinstance(found, Settings)
    return found


def folder() -> Path:
    return settings().files_folder / "imports"


def path_of(sha256: str) -> Path:
    return folder() / sha256


def keep(stream: IO[bytes], filename: str) -> Kept:
    """Store what `stream` holds; half a file never stands under its name."""
    folder().mkdir(parents=True, exist_ok=True)
    draft = folder() / f"draft-{secrets.token_hex(8)}"
    digest, size = hashlib.sha256(), 0
    try:
        with draft.open("wb") as out:
            while piece := stream.read(PIECE):
                digest.update(piece)
                size += len(piece)
                out.write(piece)
        draft.replace(path_of(digest.hexdigest()))
    finally:
        draft.unlink(missing_ok=True)
    return Kept(_plain_name(filename), digest.hexdigest(), size)


def _plain_name(filename: str) -> str:
    """The last part of whatever path the client sent, without what cannot be printed."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in name if character.isprintable())[-255:] or "file"


def drop(sha256: str) -> None:
    path_of(sha256).unlink(missing_ok=True)
