"""The bundle of evidence verifies by itself with Python's standard library alone, and is rejected when any byte of it is another."""

from __future__ import annotations

import hashlib
import io
import json
import random
import subprocess
import sys
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from sqlalchemy import select

from app.agreements.content import canonical
from app.agreements.models import Agreement, AgreementVersion
from app.approvals.evidence import verify as verifier
from app.approvals.evidence.bundling import bundle
from app.approvals.queries import task_detail
from app.approvals.standing import read_ledger
from app.kernel.actor import Role
from app.kernel.errors import DomainError
from tests.integration.life.steps import act, before_regulators, condition, task_of
from tests.support.life import World

MOST_FLIPS = 24  # in each file; the signature is checked first, which takes some milliseconds in plain Python


@pytest.fixture
def zipped(world: World, app: Flask) -> bytes:
    ref = before_regulators(world)
    act(world, world.administration, ref, "approve")
    act(world, world.power_regulator, ref, "approve_with_conditions", conditions=[condition(world)])
    return bundle(world.bus, world.owner, ref, app.config["SETTINGS"])


def rejects(files: dict[str, bytes]) -> bool:
    try:
        verifier.verify(files)
    except verifier.Rejected:
        return True
    return False


def test_it_verifies_alone_and_without_our_packages(zipped: bytes, tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    path.write_bytes(zipped)
    files = verifier.read_zip(zipped)
    (tmp_path / "verify.py").write_bytes(files["verify.py"])
    run = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "evidence.zip"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.startswith("VERIFIED: 1 versions, ")
    path.write_bytes(zipped[:-30] + bytes([zipped[-30] ^ 1]) + zipped[-29:])
    assert subprocess.run([sys.executable, "-I", "-S", "verify.py", "evidence.zip"], cwd=tmp_path, check=False).returncode == 1


def test_any_byte_of_any_file_flipped_is_rejected(zipped: bytes) -> None:
    files, dice = verifier.read_zip(zipped), random.Random(11)
    assert {"manifest.json", "head.json", "decisions.json", "ledger.json", "records.json", "verify.py"} <= set(files)
    for name, data in files.items():
        places = dice.sample(range(len(data)), min(len(data), MOST_FLIPS))
        for place in places:
            flipped = data[:place] + bytes([data[place] ^ (1 << dice.randrange(8))]) + data[place + 1 :]
            assert rejects({**files, name: flipped}), f"{name} at {place}"
        assert rejects({**files, name: data + b" "})
        assert rejects({key: value for key, value in files.items() if key != name})
    assert rejects({**files, "more.txt": b""})
    for name in ("manifest.json", "head.json"):  # the letters of a signature: in capitals they are the same number
        data = files[name]
        begin = data.index(b'"signature":"')
        for place in range(begin, begin + 142):
            assert rejects({**files, name: data[:place] + bytes([data[place] ^ 0x20]) + data[place + 1 :]}), f"{name} at {place}"


def test_any_byte_of_the_zip_flipped_is_rejected(zipped: bytes) -> None:
    dice = random.Random(5)
    for place in [*range(40), *dice.sample(range(len(zipped)), 300), *range(len(zipped) - 100, len(zipped))]:
        with pytest.raises(verifier.Rejected):
            verifier.verify(verifier.read_zip(zipped[:place] + bytes([zipped[place] ^ 1]) + zipped[place + 1 :]))


def repacked(files: dict[str, bytes], *, order: list[str] | None = None, **changed: object) -> bytes:
    """The same files as a zip that is made in another way."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for name in order or sorted(files):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            for field, value in changed.items():
                setattr(info, field, value)
            made.writestr(info, files[name])
    return out.getvalue()


def test_whatever_else_a_zip_could_carry_is_rejected(zipped: bytes) -> None:
    files = verifier.read_zip(zipped)
    assert repacked(files) == zipped
    names = sorted(files)
    with zipfile.ZipFile(commented := io.BytesIO(zipped), "a") as more:
        more.comment = b"seen"
    with zipfile.ZipFile(doubled := io.BytesIO(zipped), "a") as more, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        more.writestr("decisions.json", files["decisions.json"])
    forged = {
        "bytes behind it": zipped + b"\0",
        "bytes before it": b"#!/bin/sh\n" + zipped,
        "a comment": commented.getvalue(),
        "a file twice": doubled.getvalue(),
        "another order": repacked(files, order=names[::-1]),
        "another day": repacked(files, date_time=(2026, 1, 1, 0, 0, 0)),
        "another mode": repacked(files, external_attr=0o755 << 16),
        "a comment of a file": repacked(files, comment=b"seen"),
        "a field of a file": repacked(files, extra=b"\x99\x99\x01\x00x"),
        "packed": repacked(files, compress_type=zipfile.ZIP_DEFLATED),
        "cut": zipped[:-1],
        "nothing": b"",
    }
    forged |= {
        f"a file more: {name}": repacked({**files, name: b"x"}) for name in ("more.txt", "../out", "/out", "versions/", "a\0b")
    }
    for what, data in forged.items():
        with pytest.raises(verifier.Rejected):
            print(what, verifier.verify(verifier.read_zip(data)))
    for kind in range(256):  # every way of packing that the directory could name
        at = zipped.rindex(b"PK\x01\x02") + 10
        if kind != zipped[at]:
            with pytest.raises(verifier.Rejected):
                verifier.read_zip(zipped[:at] + bytes([kind]) + zipped[at + 1 :])


def test_a_verifier_that_says_yes_to_everything_is_found_by_a_true_one(zipped: bytes) -> None:
    """Inside a forged bundle it would lie; who verifies by the register's own sees that it is another."""
    files = verifier.read_zip(zipped)
    with pytest.raises(verifier.Rejected, match=r"verify\.py: changed"):
        verifier.verify({**files, "verify.py": b"print('VERIFIED')"})


def test_what_was_asked_wrongly_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verifier.main([str(tmp_path / "none.zip")]) == 2
    assert "cannot be read" in capsys.readouterr().out
    assert verifier.main([str(tmp_path), "--key"]) == 2
    assert verifier.main([str(tmp_path), "--key", "AB" * 32]) == 2


def test_a_bundle_signed_anew_by_another_is_rejected_by_the_key_that_is_known(zipped: bytes) -> None:
    files = verifier.read_zip(zipped)
    known = json.loads(files["manifest.json"])["key"]
    verifier.verify(files, known)
    with pytest.raises(verifier.Rejected, match="another key"):
        verifier.verify(files, "0" * 64)


def test_who_may_have_it(world: World, app: Flask) -> None:
    ref, settings = before_regulators(world), app.config["SETTINGS"]
    evaluator = replace(world.stranger, roles=frozenset({Role.EVALUATOR}))
    for actor in (world.owner, world.requester, world.administration, evaluator):
        verifier.verify(verifier.read_zip(bundle(world.bus, actor, ref, settings)))
    with pytest.raises(DomainError) as caught:
        bundle(world.bus, world.stranger, ref, settings)
    assert caught.value.code in ("not_found", "forbidden")


def test_no_hash_can_be_tried_out_by_who_may_not_read_what_it_is_over(world: World, app: Flask) -> None:
    """A place of six decimals in a cell of a kilometre is one of some eighty million: a minute's work, were it the only unknown."""
    ref, settings = before_regulators(world), app.config["SETTINGS"]
    with world.bus.database.read() as session:
        agreement = session.scalars(select(Agreement).where(Agreement.ref == ref)).one()
        version = session.scalars(select(AgreementVersion).where(AgreementVersion.agreement_id == agreement.id)).one()
        reading, salts = read_ledger(session, agreement, version.id), {agreement.salt or "", version.content["salt"]}
    assert all(len(salt) == 13 for salt in salts)
    bare = hashlib.sha256(canonical(reading)).hexdigest()
    evaluator = replace(world.stranger, roles=frozenset({Role.EVALUATOR}))
    for actor, told in ((evaluator, set()), (world.requester, {version.content["salt"]})):
        zipped = bundle(world.bus, actor, ref, settings)
        assert bare.encode() not in zipped
        assert {salt for salt in salts if salt.encode() in zipped} == told, (
            "an evaluator has hashes alone, a party no salt of the ledger"
        )
    task = task_of(world, world.administration, ref).ref
    assert world.ask(world.requester, task_detail, task).ledger_salt is None
    own = world.ask(world.administration, task_detail, task)
    assert own.ledger_hash == hashlib.sha256(canonical({"salt": own.ledger_salt, "ledger": own.ledger})).hexdigest()


def test_our_ed25519_agrees_with_the_library() -> None:
    dice = random.Random(2)
    for _ in range(12):
        key = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        message = dice.randbytes(dice.randrange(200))
        signature = key.sign(message)
        assert verifier.is_signed(public, signature, message)
        for forged in (signature[:-1] + bytes([signature[-1] ^ 1]), bytes([signature[0] ^ 1]) + signature[1:], signature[:63]):
            assert not verifier.is_signed(public, forged, message)
        assert not verifier.is_signed(public, signature, message + b"x")
        assert not verifier.is_signed(bytes([public[0] ^ 1]) + public[1:], signature, message)
        # s + L names the same point: RFC 8032 refuses it
        s = int.from_bytes(signature[32:], "little") + verifier.L
        assert not verifier.is_signed(public, signature[:32] + s.to_bytes(32, "little"), message)
