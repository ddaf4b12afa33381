"""Secrets that are shown once and kept as a hash: API tokens and the links of invitations and resets. Pure.

An API token is `ifs_<prefix>_<secret><checksum>`: the prefix finds and names it, the checksum tells a scanner of leaks, and us,
that a string is one of ours before any table is read.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIX_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH = 8, 36, 6
SHAPE = re.compile(rf"ifs_([0-9A-Za-z]{{{PREFIX_LENGTH}}})_([0-9A-Za-z]{{{SECRET_LENGTH}}})([0-9A-Za-z]{{{CHECKSUM_LENGTH}}})")


@dataclass(frozen=True, slots=True)
class NewToken:
    """`text` is shown once; `prefix` and `hash` are kept."""

    text: str
    prefix: str

    @property
    def hash(self) -> str:
        return digest(self.text)


def digest(secret: str) -> str:
    """SHA-256 is enough for a random secret of 200 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_token() -> NewToken:
    prefix, secret = _random(PREFIX_LENGTH), _random(SECRET_LENGTH)
    return NewToken(f"ifs_{prefix}_{secret}{checksum(prefix + secret)}", prefix)


def is_token(text: str) -> bool:
    """Whether `text` has the shape and the checksum of one of our tokens."""
    found = SHAPE.fullmatch(text)
    return found is not None and checksum(found[1] + found[2]) == found[3]


def checksum(text: str) -> str:
    """CRC-32 in base 62, six digits."""
    value, digits = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        value, rest = divmod(value, len(DIGITS))
        digits = DIGITS[rest] + digits
    return digits


def new_link_secret() -> str:
    return secrets.token_urlsafe(32)


def new_session_id() -> str:
    """What a session is ended by: not a secret, the cookie's signature is; never the same twice."""
    return secrets.token_urlsafe(16)


def _random(length: int) -> str:
    return "".join(secrets.choice(DIGITS) for _ in range(length))
