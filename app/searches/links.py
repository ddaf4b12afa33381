"""Addresses in mails: of the search, and the signed one that ends its alerts without signing in (RFC 8058)."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeSerializer

SALT = "unsubscribe-search"


def unsubscribe_token(secret: str, ref: str) -> str:
    return URLSafeSerializer(secret, salt=SALT).dumps(ref)


def ref_of(secret: str, token: str) -> str | None:
    """The search that a token is for; None for any text that we did not sign."""
    try:
        found = URLSafeSerializer(secret, salt=SALT).loads(token)
    except BadSignature:
        return None
    return found if isinstance(found, str) else None
