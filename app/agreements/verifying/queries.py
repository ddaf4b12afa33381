"""Whether a hash or a file is of a version in the register, or of a needs list that was printed: for everybody who holds it, without a
word of its content."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.agreements.document import LANGUAGES, agreement_pdf
from app.agreements.models import Agreement, AgreementVersion, Signature
from app.agreements.queries import agreement_detail
from app.agreements.verifying.papers import reprint
from app.db.work import Reader
from app.kernel.errors import fail
from app.needs import PaperVerdict, paper_by_hash, paper_named

LARGEST = 4 * 2**20  # of a file that is compared
_NAMED = re.compile(rb"infrashare-version-([0-9a-f]{64})")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`known`: the hash is of a version or of a printed needs list here. `file`: genuine, altered; None where no file was compared.
    `listed`: the needs list; the rest is of a version, and None for what is none."""

    hash: str | None
    known: bool
    file: str | None = None
    number: int | None = None
    is_current: bool | None = None
    status: str | None = None
    made_at: datetime | None = None
    signatures: int | None = None
    listed: PaperVerdict | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """A version as a file."""

    name: str
    data: bytes


def verify_hash(reader: Reader, given: str, file: str | None = None) -> Verdict:
    """What the register says of a hash. For everybody: who has the hash has the document."""
    reader.permit("agreement.verify")
    wanted = given.strip().lower()
    if not _HASH.fullmatch(wanted):
        return Verdict(None, False, file)
    found = reader.session.execute(
        select(AgreementVersion, Agreement)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .where(AgreementVersion.content_hash == wanted)
    ).first()
    if found is None:
        listed = paper_by_hash(reader, wanted)
        return Verdict(wanted, False, file) if listed is None else Verdict(listed.hash, True, file, listed=listed)
    version, agreement = found
    signed = reader.session.scalar(select(func.count()).select_from(Signature).where(Signature.version_id == version.id)) or 0
    current = version.number == agreement.current_number
    return Verdict(wanted, True, file, version.number, current, agreement.status, version.created_at, signed)


def verify_file(reader: Reader, data: bytes, base_url: str) -> Verdict:
    """What the register says of a file: a PDF of a version or of a paper on one, a needs list, or a version's canonical JSON. A PDF is
    genuine when it is byte for byte what the register prints of what it names."""
    digest = hashlib.sha256(data).hexdigest()
    of_content = verify_hash(reader, digest, "genuine")
    if of_content.known:
        return of_content
    paper = reprint(reader.session, data, base_url)
    if paper is not None:
        return verify_hash(reader, paper.content_hash, "genuine" if any(data == made for made in paper.prints) else "altered")
    listed = paper_named(reader, data)  # the very file has been found by its hash already
    if listed is not None:
        return Verdict(listed.hash, True, "altered", listed=listed)
    named = _NAMED.search(data)
    if named is None:
        return Verdict(None, False, "altered")
    verdict = verify_hash(reader, named[1].decode(), "altered")
    version = reader.session.scalars(select(AgreementVersion).where(AgreementVersion.content_hash == named[1].decode())).first()
    if version is None:
        return verdict
    prints = (agreement_pdf(version.content, version.content_hash, language, base_url) for language in LANGUAGES)
    return verify_hash(reader, version.content_hash, "genuine" if any(data == made for made in prints) else "altered")


def agreement_print(reader: Reader, ref: str, number: int, locale: str, base_url: str) -> Printed:
    """The PDF of a version, for who may see the agreement. Raises `not_found`."""
    agreement_detail(reader, ref)
    version = reader.session.scalar(
        select(AgreementVersion)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .where(Agreement.ref == ref, AgreementVersion.number == number)
    )
    if version is None:
        raise fail("not_found")
    language = "zh_CN" if locale.lower().startswith("zh") else "en"
    data = agreement_pdf(version.content, version.content_hash, language, base_url)
    return Printed(f"agreement-{ref}-{number}-{language}.pdf", data)
