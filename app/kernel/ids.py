"""Public references: what a person or another program may know of a row."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: no i, l, o, u
LENGTH = 13  # 65 bits: unguessable, and collisions stay improbable past 10^9 rows


def new_ref() -> str:
    """A random reference of `LENGTH` characters."""
    bits = secrets.randbits(5 * LENGTH)
    return "".join(ALPHABET[(bits >> (5 * place)) & 31] for place in range(LENGTH))
