"""Addresses: the present page with a changed query, and a `next` that stays on this site."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Flask, request

DROPPED_ON_CHANGE = ("page", "cursor")


def url_with(**changes: object) -> str:
    """The present path and query with `changes`; `None` removes a name, and another filter or sort starts at the first page."""
    query = request.args.to_dict(flat=False)
    if not set(changes) & set(DROPPED_ON_CHANGE):
        for name in DROPPED_ON_CHANGE:
            query.pop(name, None)
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]
    encoded = urlencode([(name, item) for name, items in query.items() for item in items])
    return f"{request.path}?{encoded}" if encoded else request.path


SIDES = (
    "mine",
    "side",
    "owner",
    "tab",
    "sort",
    "order",
    "view",
    *DROPPED_ON_CHANGE,
)  # which list, how sorted: nothing is taken away


def is_filtered() -> bool:
    """Whether the address narrows a list, so that an empty one may be due to its filters."""
    return any(value and name not in SIDES for name, value in request.args.items())


def is_same_site(target: str) -> bool:
    """Whether `target` is a path of this site: never another host, scheme, or something a browser reads as one."""
    if not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return False
    if any(ord(character) < 32 for character in target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc


def safe_next(target: str | None, fallback: str = "/") -> str:
    """Where to go after a step that interrupted something else."""
    return target if target and is_same_site(target) else fallback


def here() -> str:
    """The present page with its query, for `next`."""
    return request.full_path.rstrip("?")


def init(app: Flask) -> None:
    app.jinja_env.globals.update(url_with=url_with, here=here, is_filtered=is_filtered)
