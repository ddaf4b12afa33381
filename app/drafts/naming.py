"""What an unfinished form is called and where it goes on: each feature that keeps forms says so of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.db.work import Reader
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class NamedForm:
    """`what`: the form in words; `href`: where it goes on."""

    what: Text
    href: str


Naming = Callable[[Reader, str, Mapping[str, str]], NamedForm | None]  # of what it is (`tower`, a ref), and what was typed
NAMINGS: dict[str, Naming] = {}


def forms_named(prefix: str, naming: Naming) -> None:
    """The forms `prefix-…` are named by `naming`, which answers None where the form is no more."""
    NAMINGS[prefix] = naming


def named_form(reader: Reader, form: str, values: Mapping[str, str]) -> NamedForm | None:
    prefix, _, of = form.partition("-")
    naming = NAMINGS.get(prefix)
    return naming(reader, of, values) if naming is not None else None
