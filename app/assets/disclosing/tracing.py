"""Whose copy a file is: by the mark in its metadata, and by the canary in its coordinates when everything else is gone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts import OrganisationName, names
from app.assets.models import Asset
from app.db.work import Reader
from app.disclosure import Agreement, ExportMark, agreement
from app.kernel.permission import REGISTRY, allowed

NUMBER = re.compile(r"-?\b\d{1,3}\.\d+")
REF = re.compile(r"\b[0-9a-z]{13}\b")
MOST_NUMBERS = 10_000


@dataclass(frozen=True, slots=True)
class Trace:
    """An export that a file comes from. `by_mark`: its mark stands in the file. `grants`: refs of what it was made on."""

    mark: str
    organisation: OrganisationName
    person: str
    made_at: datetime
    grade: str
    grants: Sequence[str]
    by_mark: bool
    canary: Agreement


def trace(reader: Reader, content: bytes) -> list[Trace]:
    """The exports that the file comes from, best proven first: of those that hold an asset of the actor's own (all, for the
    platform's administrator and the command line). `content`: any text: CSV, GeoJSON, KML, a pasted table."""
    reader.permit("disclosure.trace")
    text = content.decode("utf-8", "replace")
    refs = set(REF.findall(text))
    numbers = NUMBER.findall(text)[:MOST_NUMBERS]
    found = []
    for mark in reader.session.scalars(select(ExportMark).order_by(ExportMark.id.desc())):
        by_mark, canary = mark.ref in refs, agreement(numbers, mark.secret)
        if (by_mark or canary.is_proof) and _concerns(reader, mark):
            found.append((mark, by_mark, canary))
    organisations = names(reader.session, {mark.organisation_id for mark, _, _ in found})
    found.sort(key=lambda one: (-one[2].agreeing, not one[1], -one[0].id))
    return [
        Trace(m.ref, organisations[m.organisation_id], m.person_name, m.made_at, m.grade, tuple(m.grants), by_mark, canary)
        for m, by_mark, canary in found
    ]


def _concerns(reader: Reader, mark: ExportMark) -> bool:
    if allowed(REGISTRY["disclosure.trace_all"], reader.actor):
        return True
    own = select(Asset.id).where(Asset.id.in_(mark.assets), Asset.owner_id.in_(reader.actor.subtree)).limit(1)
    return reader.session.scalar(own) is not None
