"""The content of an agreement version: canonical JSON and its SHA-256. Pure; integers and text only, so that the hash is the same
wherever it is computed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SALT = "salt"  # by chance: who sees a version's hash alone does not find its places by trying them out


def canonical(content: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def content_hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()


@dataclass(frozen=True, slots=True)
class Change:
    """One place that differs between two versions; None on the side where it is absent."""

    path: str
    before: Any
    after: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every leaf that differs, in the order of its path. The salt says nothing."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    paths = sorted((old.keys() | new.keys()) - {SALT})
    return [Change(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)]


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, Sequence) and not isinstance(node, str):
        if all(isinstance(item, int | str) for item in node):
            yield path, list(node)
        else:
            for place, item in enumerate(node, start=1):
                yield from _leaves(item, f"{path}.{place}")
    else:
        yield path, node
