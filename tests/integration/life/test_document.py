"""A version as a PDF: the same bytes each time, in both languages; and whether a file is genuine, told to everybody without its content."""

from __future__ import annotations

import random
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select

from app.agreements.content import canonical
from app.agreements.document import LANGUAGES, agreement_pdf, amounts_in_words
from app.agreements.models import AgreementVersion
from app.agreements.service import EditAgreement, edit_agreement
from app.agreements.verifying.queries import agreement_print, verify_file, verify_hash
from app.kernel.actor import ANONYMOUS
from app.kernel.errors import DomainError
from tests.integration.life.steps import before_regulators, drafted, hash_of, sign_both
from tests.integration.life.test_life import line_of
from tests.support.life import World

BASE = "http://127.0.0.1:8080"


def test_the_same_version_is_the_same_bytes(world: World) -> None:
    ref = drafted(world)
    for language in LANGUAGES:
        first = world.ask(world.owner, agreement_print, ref, 1, language, BASE)
        sign_both(world, ref) if language == "en" else None
        again = world.ask(world.requester, agreement_print, ref, 1, language, BASE)
        assert first.data == again.data
        assert first.data.startswith(b"%PDF-")
        assert hash_of(world, ref).encode() in first.data
    with pytest.raises(DomainError) as caught:
        world.ask(world.stranger, agreement_print, ref, 1, "en", BASE)
    assert caught.value.code == "not_found"


def test_every_change_of_the_content_changes_the_document(world: World) -> None:
    ref = drafted(world)
    with world.read() as session:
        content = session.scalars(select(AgreementVersion.content)).one()
    plain = agreement_pdf(content, "0" * 64, "en", BASE)
    for change in ({"terms": "More."}, {"title": "Another"}, {"purpose": "Other"}, {"lines": []}):
        assert agreement_pdf({**content, **change}, "0" * 64, "en", BASE) != plain
    moved = {**content["lines"][0], "asset": {**content["lines"][0]["asset"], "place": "POINT (114.06 22.55)"}}
    assert agreement_pdf({**content, "lines": [moved]}, "0" * 64, "en", BASE) != plain
    assert ref


def test_places_beside_one_another_are_said_from_and_to() -> None:
    line = {"asset": {"kind": "room"}, "amounts_milli": {"rack_unit": 42_000}, "slots": {"rack_unit": [*range(22, 63), 70]}}
    assert [words.replace("\u00a0", " ") for words in amounts_in_words(line, "zh_CN")] == ["机架U位 42 U（第 22–62, 70 号）"]


def test_everybody_can_verify_and_learns_no_content(world: World) -> None:
    ref = before_regulators(world)
    with world.read() as session:
        version = session.scalars(select(AgreementVersion)).one()
    known = world.ask(ANONYMOUS, verify_hash, version.content_hash.upper())
    assert (known.known, known.number, known.is_current, known.status, known.signatures) == (True, 1, True, "submitted", 2)
    assert not world.ask(ANONYMOUS, verify_hash, "0" * 64).known
    assert world.ask(ANONYMOUS, verify_hash, "no hash").hash is None
    assert world.ask(ANONYMOUS, verify_file, canonical(version.content), BASE).file == "genuine"
    assert ref


def test_a_file_with_one_byte_flipped_is_not_genuine(world: World) -> None:
    ref, dice = drafted(world), random.Random(7)
    data = world.ask(world.owner, agreement_print, ref, 1, "zh", BASE).data
    assert world.ask(ANONYMOUS, verify_file, data, BASE).file == "genuine"
    for place in dice.sample(range(len(data)), 4):
        flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        assert world.ask(ANONYMOUS, verify_file, flipped, BASE).file == "altered"


def test_a_version_that_was_replaced_says_so(world: World) -> None:
    ref = drafted(world)
    old = hash_of(world, ref)
    world.do(world.owner, edit_agreement, EditAgreement(ref, [line_of(world)], "More."))
    assert world.ask(ANONYMOUS, verify_hash, old).is_current is False


def test_the_page_and_the_api_are_for_everybody(app: Flask, world: World) -> None:
    digest = hash_of(world, drafted(world))
    client = app.test_client()
    page = client.get(f"/verify/{digest}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "Southern Grid" not in page.text
    assert "Tower 7" not in page.text
    assert client.get(f"/api/v1/verify/{digest}").json["known"] is True
    program = client.post("/api/v1/verify", data={"file": (BytesIO(b"nothing of ours"), "a.pdf")})
    assert (program.status_code, program.json["file"]) == (200, "altered")
