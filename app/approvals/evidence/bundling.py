"""From gathered evidence to the zip: PDFs typeset, the head and the list of files signed. The same evidence at the same instant gives the
same bytes."""

from __future__ import annotations

import hashlib
from datetime import datetime

from app.agreements import LANGUAGES, agreement_pdf, canonical
from app.approvals.evidence.queries import Evidence, gather
from app.approvals.evidence.verify import pack
from app.audit import Head, sign_with, signed_head, signing_key
from app.config import Settings
from app.db.work import Bus
from app.kernel.actor import Actor

GENESIS = "0" * 64


def bundle(bus: Bus, actor: Actor, ref: str, settings: Settings) -> bytes:
    """The bundle of an agreement that the actor may see. Raises `not_found`."""
    return _zip(bus.ask(gather, actor, ref), settings, bus.clock.now())


def _zip(evidence: Evidence, settings: Settings, at: datetime) -> bytes:
    key = signing_key(settings.signing_key_file)
    files = dict(evidence.files)
    for number, (content, digest) in evidence.contents.items():
        for language in LANGUAGES:
            files[f"versions/{number}-{language}.pdf"] = agreement_pdf(content, digest, language, settings.base_url)
    heads = [Head(link.chain, link.position, link.hash) for link in evidence.heads]
    files["head.json"] = canonical(signed_head(heads, at, GENESIS, key))
    listed = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    files["manifest.json"] = canonical(sign_with(key, {"agreement": evidence.ref, "files": listed}))
    return bytes(pack(files))
