"""FCC antenna structures as tower listings of several owners: `antennas.csv.gz` → a CSV that `listings import` reads.

The FCC's table names no owner. For trials the structures are dealt out to invented owners by a stated hash of the registration
number: owner number = first four bytes (big-endian) of SHA-256 of the number's digits, modulo the number of owners. The same
number always has the same owner. Rows without a registration number are left out: they lie in Canada, and their licence is not
stated. Everything else is the FCC's. Import the result with `--provenance derived --crs EPSG:4326`: the table says so; the FCC's
own NAD83 differs by about a metre.

    python scripts/fcc_towers.py ANTENNAS.csv.gz OUT.csv
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

OWNERS = (
    "Prairie Tower Company",
    "Atlantic Structures",
    "Summit Broadcast Sites",
    "Gulf Wireless Infrastructure",
    "Pacific Mast Holdings",
)
HEADER = ("registration number", "owner", "name", "lon", "lat", "overall height (m)")


def owner_of(registration: str) -> str:
    """The invented owner of a registration number."""
    digest = hashlib.sha256(registration.encode("ascii")).digest()
    return OWNERS[int.from_bytes(digest[:4], "big") % len(OWNERS)]


def registration_of(url: str) -> str | None:
    """The registration number in the address of its record."""
    found = parse_qs(urlsplit(url).query).get("regKey", [])
    return found[0] if found and found[0].isascii() and found[0].isdigit() else None


def rows(source: Path) -> Iterator[tuple[str, ...]]:
    """One row per registration number that has a position; the FCC's table repeats some numbers, and the first stands."""
    seen: set[str] = set()
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file):
            registration = registration_of(record["url"])
            if registration is None or registration in seen or not record["lat"] or not record["lon"]:
                continue
            seen.add(registration)
            yield registration, owner_of(registration), f"ASR {registration}", record["lon"], record["lat"], record["height"]


def main(source: str, target: str) -> None:
    with Path(target).open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        writer.writerows(rows(Path(source)))


if __name__ == "__main__":
    main(*sys.argv[1:3])
