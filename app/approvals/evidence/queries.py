"""The evidence of one agreement, gathered: versions and their PDFs, signatures, decisions, the ledger's claims, records with what links
them to the signed end of their chain. For parties, the regulators before whom it is, and evaluators.

It gives what its reader may see of the agreement: claims are the agreement's own; records are whole for whom they concern, so that internal
steps of a regulator are its own; versions, with the places that both parties signed, are for parties and regulators, and by their hash alone for
an evaluator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import names, people_names
from app.agreements import Agreement, AgreementVersion, Signature, canonical
from app.agreements import subject_of as agreement_subject
from app.approvals.decisions import OPEN
from app.approvals.models import Approval, ApprovalCondition
from app.audit import Link, Proven, proven_records
from app.db.work import Reader
from app.kernel.errors import fail
from app.ledger import held_by

VERIFIER = Path(__file__).with_name("verify.py")


@dataclass(frozen=True, slots=True)
class Evidence:
    """`files`: by name, canonical JSON. `contents`: number → (content, its hash), to be printed. `heads`: the end of each chain."""

    ref: str
    files: Mapping[str, bytes]
    contents: Mapping[int, tuple[Mapping[str, Any], str]]
    heads: Sequence[Link]


def gather(reader: Reader, ref: str) -> Evidence:
    """Everything but PDFs and signed statements. Raises `not_found`."""
    agreement = reader.session.scalar(select(Agreement).where(Agreement.ref == ref))
    if agreement is None:
        raise fail("not_found")
    reader.permit("evidence.view", agreement_subject(agreement))
    session = reader.session
    versions = list(
        session.scalars(
            select(AgreementVersion).where(AgreementVersion.agreement_id == agreement.id).order_by(AgreementVersion.number)
        )
    )
    tasks = list(session.scalars(select(Approval).where(Approval.agreement_id == agreement.id).order_by(Approval.id)))
    actor = reader.actor
    own = frozenset({*actor.subtree, *filter(None, (actor.organisation_id,))})
    everything = actor.is_system or not own.isdisjoint({agreement.owner_id, agreement.requester_id, *agreement.regulator_ids})
    readers = None if actor.is_system or actor.is_evaluator else own
    proven = proven_records(session, [("agreement", ref), *(("approval", task.ref) for task in tasks)], readers)
    files = {
        f"versions/{v.number}.json": canonical(v.content if everything else {"number": v.number, "withheld": v.content_hash})
        for v in versions
    }
    numbers = {version.id: version.number for version in versions}
    files |= {
        "signatures.json": _json(_signatures(session, numbers)),
        "decisions.json": _json(_decisions(session, tasks, numbers)),
        "ledger.json": _json(_ledger(session, agreement)),
        "records.json": _json(_records(proven)),
        "verify.py": VERIFIER.read_bytes(),
    }
    contents = {v.number: (v.content, v.content_hash) for v in versions} if everything else {}
    return Evidence(ref, files, contents, proven.heads)


def _json(value: Any) -> bytes:
    return canonical(value)


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _signatures(session: Session, numbers: Mapping[int, int]) -> list[dict[str, Any]]:
    rows = list(session.scalars(select(Signature).where(Signature.version_id.in_(numbers)).order_by(Signature.id)))
    known, people = names(session, {row.organisation_id for row in rows}), people_names(session, {row.user_id for row in rows})
    return [
        {
            "number": numbers[row.version_id],
            "content_hash": row.content_hash,
            "party": known[row.organisation_id].name,
            "person": people.get(row.user_id, ""),
            "signed_at": _at(row.signed_at),
        }
        for row in rows
    ]


def _decisions(session: Session, tasks: Sequence[Approval], numbers: Mapping[int, int]) -> list[dict[str, Any]]:
    """What was decided, and that it is void; what is only proposed is nobody else's matter."""
    known = names(session, {task.regulator_id for task in tasks})
    people = people_names(session, {i for task in tasks for i in (task.proposed_by, task.decided_by)})
    return [
        {
            "number": numbers[task.version_id],
            "regulator": known[task.regulator_id].name,
            "mode": task.mode,
            "status": "waiting" if task.status in OPEN else task.status,
            "content_hash": task.content_hash,
            "ledger_hash": task.ledger_hash,
            "four_eyes": task.four_eyes,
            "deemed": task.deemed,
            "proposed_by": people.get(task.proposed_by or 0) if task.decided_at else None,
            "decided_by": people.get(task.decided_by or 0),
            "decided_at": _at(task.decided_at),
            "reasons": None if task.status in OPEN else task.reasons,
            "void_reason": task.void_reason,
            "conditions": _conditions(session, task),
        }
        for task in tasks
    ]


def _conditions(session: Session, task: Approval) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(ApprovalCondition).where(ApprovalCondition.approval_id == task.id).order_by(ApprovalCondition.id)
    ).all()
    known = names(session, {row.obliged_id for row in rows})
    return [
        {"text": row.text, "by": known[row.obliged_id].name, "due_on": row.due_on.isoformat(), "status": row.status}
        for row in rows
    ]


def _ledger(session: Session, agreement: Agreement) -> dict[str, Any]:
    """The agreement's own active claims; what others hold is theirs."""
    return {
        "status": agreement.status,
        "claims": [
            {
                "ref": claim.ref,
                "dimension": claim.dimension,
                "kind": claim.kind,
                "slot": claim.slot,
                "amount_milli": claim.amount_milli,
                "starts": claim.window.start.isoformat(),
                "ends": claim.window.end.isoformat(),
            }
            for claim in held_by(session, "agreement", agreement.ref)
        ],
    }


def _records(proven: Proven) -> dict[str, Any]:
    links: dict[str, list[dict[str, Any]]] = {}
    for link in proven.links:
        one = {"position": link.position, "hash": link.hash, "prev_hash": link.prev_hash}
        links.setdefault(link.chain, []).append(one)
    records = [{"chain": r.chain, "position": r.position, "hash": r.hash, "facts": r.facts} for r in proven.records]
    return {"records": records, "links": links}
