"""The key that signs published heads: Ed25519, from the settings; made at the first use of an installation that names none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key

from app.audit.chain import canonical


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The private key in the PEM file; a new one, readable by its owner alone, when there is no file."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = Ed25519PrivateKey.generate()
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process was first
            return signing_key(path)
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
    found = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(found, Ed25519PrivateKey):
        raise TypeError(f"{path} holds no Ed25519 key")
    return found


def public_hex(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def is_signed(public: str, signature: str, message: bytes) -> bool:
    """Whether the signature is that key's over the message, written in its one form: lower case."""
    try:
        raw = bytes.fromhex(signature)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(raw, message)
    except (InvalidSignature, ValueError):
        return False
    return raw.hex() == signature


def sign_with(key: Ed25519PrivateKey, said: Mapping[str, Any]) -> dict[str, Any]:
    """The statement with the key's name and its signature, which is over the canonical JSON of the rest."""
    named = {**said, "key": public_hex(key)}
    return named | {"signature": key.sign(canonical(named)).hex()}
