"""What documents can be attached to: each feature registers its type with a loader and the two policies that decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.db.work import Reader
from app.kernel.errors import fail
from app.kernel.permission import Subject

Loader = Callable[[Reader, str], Subject]


@dataclass(frozen=True, slots=True)
class AttachmentSubject:
    """`load(reader, ref)` gives the facts for the policies, or raises `not_found`. `view` reads the documents, `attach` adds
    and removes."""

    load: Loader
    view: str
    attach: str


_REGISTERED: dict[str, AttachmentSubject] = {}


def register_subject(subject_type: str, load: Loader, *, view: str, attach: str) -> None:
    """Let documents be attached to subjects of a type; again with the same arguments changes nothing."""
    made = AttachmentSubject(load, view, attach)
    if _REGISTERED.get(subject_type, made) != made:
        raise ValueError(f"attachments to {subject_type} are registered twice")
    _REGISTERED[subject_type] = made


def subject_rule(subject_type: str) -> AttachmentSubject:
    """The rule of a type, or `not_found`."""
    found = _REGISTERED.get(subject_type)
    if found is None:
        raise fail("not_found")
    return found
