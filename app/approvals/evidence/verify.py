#!/usr/bin/env python3
"""Verify this bundle of evidence: `python3 verify.py [bundle.zip | folder] [--key HEX]`. Needs Python 3.9 or newer and nothing else.

It checks that every file is the one that the signed list names; that each version's content has its hash and number; that each signature and
decision is over that hash; that every record hashes to what it says and is linked by hashes to the signed end of its chain; and the
signatures themselves (Ed25519, RFC 8032). The key is the one in the bundle unless --key names the one that you know to be the register's:
compare it, or the bundle proves only that it is whole. A forged bundle may bring a forged verifier: run one that you have from the register.
"""

import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
RECORD_FIELDS = [
    "ref",
    "chain",
    "position",
    "prev_hash",
    "action",
    "subject_type",
    "subject_ref",
    "user_id",
    "user_name",
    "organisation_id",
    "organisation_name",
    "organisation_name_zh",
    "agent_id",
    "agent_name",
    "agent_name_zh",
    "concerned",
    "before",
    "after",
    "request_id",
    "effective_at",
]


class Rejected(Exception):
    """What does not hold, and where."""


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# Ed25519 in extended coordinates (RFC 8032, 5.1.4): x = X/Z, y = Y/Z, x·y = T/Z


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = add(found, point)
        point, number = add(point, point), number >> 1
    return found


def equal(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if (x & 1) != sign else x


def decode(data):
    if len(data) != 32:
        return None
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def is_signed(public, signature, message):
    """Whether `signature` (64 bytes) is of `message` by the key `public` (32 bytes)."""
    point, commitment = decode(public), decode(signature[:32])
    if len(signature) != 64 or point is None or commitment is None:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return equal(times(s, BASE), add(commitment, times(challenge, point)))


def need(holds, said):
    if not holds:
        raise Rejected(said)


def check_signed(whole, key, name):
    """A JSON object with its own key and signature; the signature is over the rest."""
    unsigned = {field: value for field, value in whole.items() if field != "signature"}
    need(whole["key"] == key, f"{name}: signed with another key than {key}")
    signature = bytes.fromhex(whole["signature"])
    need(signature.hex() == whole["signature"], f"{name}: the signature is not written in its one form")
    need(is_signed(bytes.fromhex(key), signature, canonical(unsigned)), f"{name}: the signature does not hold")


def loaded(files, name):
    data = files[name]
    whole = json.loads(data)
    need(canonical(whole) == data, f"{name}: not in its one canonical form")
    return whole


def check_versions(files, manifest):
    hashes = {}
    for name in sorted(one for one in manifest["files"] if one.startswith("versions/") and one.endswith(".json")):
        content = loaded(files, name)
        if "withheld" in content:
            need(name == f"versions/{content['number']}.json", f"{name}: of another number")
            hashes[content["number"]] = content["withheld"]
            continue
        need(content["agreement"] == manifest["agreement"], f"{name}: of another agreement")
        need(name == f"versions/{content['number']}.json", f"{name}: of another number")
        hashes[content["number"]] = sha256(files[name])
    need(hashes, "there is no version")
    for name in sorted(one for one in manifest["files"] if one.endswith(".pdf")):
        number = int(name.split("/")[1].split("-")[0])
        need(f"infrashare-version-{hashes[number]}".encode() in files[name], f"{name}: does not name its version")
    return hashes


def check_statements(files, hashes):
    for signature in loaded(files, "signatures.json"):
        need(signature["content_hash"] == hashes.get(signature["number"]), "signatures.json: a signature over another content")
    ledger = loaded(files, "ledger.json")
    for decision in loaded(files, "decisions.json"):
        need(decision["content_hash"] == hashes.get(decision["number"]), "decisions.json: a decision over another content")
        if (
            decision["status"] in ("approved", "approved_with_conditions")
            and decision["four_eyes"]
            and not decision.get("deemed")
        ):
            need(decision["proposed_by"] != decision["decided_by"], "decisions.json: a decision of one person")
    need(isinstance(ledger["claims"], list), "ledger.json: no claims")


def check_records(files, head):
    """Each record hashes to what it says, and hashes lead from it to the signed end of its chain."""
    ends = {(one["chain"], one["position"]): one["hash"] for one in head["heads"]}
    records = loaded(files, "records.json")
    for record in records["records"]:
        facts = record["facts"]
        names = RECORD_FIELDS + (["recorded_at"] if facts.get("recorded_at") is not None else [])
        need(sorted(facts) == sorted(names), f"records.json: record {record['position']} has other fields")
        need(sha256(canonical(facts)) == record["hash"], f"records.json: record {record['position']} was changed")
    for chain, links in records["links"].items():
        need(
            links and links[-1]["hash"] == ends.get((chain, links[-1]["position"])),
            f"records.json: chain {chain} does not reach its head",
        )
        for before, after in zip(links, links[1:]):
            need(
                after["prev_hash"] == before["hash"] and after["position"] == before["position"] + 1,
                f"records.json: chain {chain} is cut",
            )
    known = {(chain, link["position"]): link["hash"] for chain, links in records["links"].items() for link in links}
    for record in records["records"]:
        place = record["chain"], record["position"]
        need(
            (record["facts"]["chain"], record["facts"]["position"]) == place, f"records.json: record {place} is of another place"
        )
        need(known.get(place) == record["hash"], f"records.json: record {place} is not in its chain")
    for chain, links in records["links"].items():
        by_place = {record["position"]: record for record in records["records"] if record["chain"] == chain}
        for link in links:
            if link["position"] in by_place:
                need(
                    by_place[link["position"]]["facts"]["prev_hash"] == link["prev_hash"],
                    f"records.json: chain {chain} is forged",
                )
    return len(records["records"])


def verify(files, key=None):
    """What was proven, as a sentence. Raises `Rejected`."""
    try:
        manifest = loaded(files, "manifest.json")
        key = key or manifest["key"]
        check_signed(manifest, key, "manifest.json")
        listed = set(manifest["files"]) | {"manifest.json"}
        need(set(files) == listed, f"files that are missing or too many: {sorted(set(files) ^ listed)}")
        for name, digest in manifest["files"].items():
            need(sha256(files[name]) == digest, f"{name}: changed")
        head = loaded(files, "head.json")
        check_signed(head, key, "head.json")
        hashes = check_versions(files, manifest)
        check_statements(files, hashes)
        count = check_records(files, head)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise Rejected(f"not a bundle of evidence: {error!r}") from error
    return f"{len(hashes)} versions, {count} records, head of {head['published_at']}, key {key}"


def read(path):
    """The files of a zip or a folder, by name. A zip must be exactly its files: nothing before, between or after them."""
    if path.is_dir():
        return {str(one.relative_to(path).as_posix()): one.read_bytes() for one in sorted(path.rglob("*")) if one.is_file()}
    return read_zip(path.read_bytes())


def read_zip(data):
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            files = {info.filename: bundle.read(info) for info in bundle.infolist()}
    except Exception as error:  # a forged zip makes unpackers raise whatever they like
        raise Rejected(f"not a sound zip: {error}") from error
    need(data == pack(files), "the zip itself was changed")
    return files


def pack(files):
    """The one way in which these files make a zip: stored, by name, without a date."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as bundle:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            bundle.writestr(info, files[name])
    return out.getvalue()


def main(arguments):
    key = None
    if "--key" in arguments:
        place = arguments.index("--key")
        key = "".join(arguments[place + 1 : place + 2])
        arguments = arguments[:place] + arguments[place + 2 :]
        if len(key) != 64 or key.strip("0123456789abcdef"):
            print("--key takes the register's public key: 64 hexadecimal digits, in lower case")
            return 2
    path = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    try:
        print("VERIFIED:", verify(read(path), key))
    except Rejected as error:
        print("REJECTED:", error)
        return 1
    except OSError as error:
        print(f"cannot be read: {error}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
