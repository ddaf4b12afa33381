"""How often one sender may try something: the limiter that routes decorate with, and its key functions.

Counts are kept in the memory of each worker process; they guard against guessing, not against load.
"""

from __future__ import annotations

from flask import Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

PER_ACCOUNT = "5 per minute; 50 per hour"  # of one account's password
limiter = Limiter(get_remote_address, storage_uri="memory://", default_limits=[])


def account_key() -> str:
    """The account that a form names, whether or not it exists."""
    return f"account:{request.form.get('email', '').strip().lower()[:254]}"


def was_refused(response: Response) -> bool:
    """Count only attempts that failed."""
    return response.status_code >= 400
