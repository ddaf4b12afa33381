"""Papers about an agreement: a regulator's decision and a statement of rent. The same bytes each time, for who may read them, and genuine
or not for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.agreements.models import Agreement
from app.agreements.verifying.queries import verify_file
from app.approvals.letters import decision_letter
from app.kernel.actor import ANONYMOUS, Actor
from app.kernel.errors import DomainError
from app.rent.models import RentStatement
from app.rent.paper import statement_paper
from tests.integration.life.steps import act, before_regulators, condition, hash_of, task_of
from tests.support.life import World

BASE = "http://127.0.0.1:8080"
LANGUAGES = ("en", "zh_CN")


def letter(world: World, actor: Actor, ref: str, locale: str = "en", of: Actor | None = None) -> bytes:
    task = task_of(world, of or world.administration, ref)
    return bytes(world.ask(actor, decision_letter, task.ref, locale, BASE).data)


def code(world: World, *args: Any) -> str:
    with pytest.raises(DomainError) as caught:
        world.ask(*args)
    return caught.value.code


@pytest.mark.parametrize("action", ["approve", "approve_with_conditions", "return", "refuse"])
def test_a_decision_is_a_letter_and_the_letter_is_genuine(world: World, action: str) -> None:
    ref = before_regulators(world)
    task = task_of(world, world.administration, ref)
    assert code(world, world.owner, decision_letter, task.ref, "en", BASE) == "not_found", "nothing is decided yet"
    words: dict[str, Any] = {"conditions": [condition(world)]} if action == "approve_with_conditions" else {}
    act(world, world.administration, ref, action, reasons="Weighed and decided.", **words)
    for locale in LANGUAGES:
        made = letter(world, world.owner, ref, locale)
        assert made.startswith(b"%PDF-")
        assert made == letter(world, world.requester, ref, locale) == letter(world, world.administration, ref, locale)
        verdict = world.ask(ANONYMOUS, verify_file, made, BASE)
        assert (verdict.file, verdict.hash) == ("genuine", hash_of(world, ref))
        assert world.ask(ANONYMOUS, verify_file, made + b" ", BASE).file == "altered"
    assert code(world, world.stranger, decision_letter, task.ref, "en", BASE) == "not_found"


def test_another_decision_is_another_letter(world: World) -> None:
    ref = before_regulators(world)
    for regulator in (world.administration, world.power_regulator):
        act(world, regulator, ref, "approve")
    assert letter(world, world.owner, ref) != letter(world, world.owner, ref, of=world.power_regulator)
    assert letter(world, world.owner, ref) != letter(world, world.owner, ref, "zh_CN")


def test_a_statement_is_a_paper_of_its_parties(world: World) -> None:
    before_regulators(world)
    with world.bus.database.write() as session:
        row = RentStatement(
            agreement_id=session.scalars(select(Agreement.id)).one(),
            number=1,
            supplier_id=world.owner.organisation_id,
            beneficiary_id=world.requester.organisation_id,
            until=world.bus.today(),
            currency="CNY",
            total_minor=0,
            created_at=world.bus.clock.now(),
        )
        session.add(row)
        session.flush()
        ref = row.ref
    for locale in LANGUAGES:
        made = world.ask(world.owner, statement_paper, ref, locale, BASE).data
        assert made == world.ask(world.requester, statement_paper, ref, locale, BASE).data
        assert world.ask(ANONYMOUS, verify_file, made, BASE).file == "genuine"
    assert code(world, world.stranger, statement_paper, ref, "en", BASE) == "not_found"
    assert code(world, world.administration, statement_paper, ref, "en", BASE) == "forbidden", (
        "it reads the agreement, not the rent"
    )
