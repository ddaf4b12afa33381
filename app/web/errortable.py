"""docs/errors.md, made from the catalogue of errors: `flask --app wsgi errors table > docs/errors.md` refreshes it."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import walk_packages

from app.kernel.errors import CATALOGUE, ErrorType

HEAD = """# Errors

Made from the catalogue by `.venv/bin/flask --app wsgi errors table > docs/errors.md`; a test compares the two.

Programs get every error as `application/problem+json` (RFC 9457): `type` (`/errors/` and the code), `code`, `title`, `status`, `detail`,
`instance`, `request_id`, and `errors`: a list of `{pointer | sheet, row, column; code; detail}`, empty where one place is not to blame, of at
most a hundred places; `more_errors` counts what is wrong beside them.
`title` and `detail` are in the language of `Accept-Language` (`en`, `zh-CN`). Codes are stable; sentences are not. `{…}` is filled in.

| code | status | English | 中文 |
| --- | --- | --- | --- |
"""
NOT_IMPORTED = ("app.serve", "app.setup", "app.prepare")  # programs, not parts


def whole_catalogue() -> dict[str, ErrorType]:
    """The catalogue after every module of the product had its say."""
    import app

    for found in walk_packages(app.__path__, "app."):
        if not found.name.startswith(NOT_IMPORTED):
            import_module(found.name)
    return CATALOGUE


def table() -> str:
    """The document, whole."""
    rows = (
        f"| `{error.code}` | {int(error.status)} | {_cell(error.title.en)} | {_cell(error.title.zh)} |"
        for _, error in sorted(whole_catalogue().items())
    )
    return HEAD + "\n".join(rows) + "\n"


def _cell(sentence: str) -> str:
    return re.sub(r"\s+", " ", sentence).replace("|", "\\|")
