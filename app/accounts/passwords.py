"""Passwords as argon2id hashes. Answers in the same time whether or not there is an account."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

HASHER = PasswordHasher()  # RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes


def hash_password(password: str) -> str:
    return HASHER.hash(password)


@cache
def _nobody() -> str:
    """The hash that is checked when there is no account."""
    return HASHER.hash("nobody has this password")


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; without a hash as much work is done, and the answer is no."""
    nobody = _nobody()
    try:
        HASHER.verify(password_hash or nobody, password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(password_hash)
