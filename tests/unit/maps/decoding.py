"""A reader of vector tiles written from the specification (2.1), independent of our encoder: protobuf fields, commands,
zigzag."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass
class Read:
    """A feature: its type (1 point, 2 line, 3 polygon), parts in tile units, properties."""

    id: int
    type: int
    parts: list[list[tuple[int, int]]]
    properties: dict[str, Any]


def varint(data: bytes, at: int) -> tuple[int, int]:
    shift = value = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = varint(data, at)
            yield number, value
        elif wire == 1:
            yield number, struct.unpack_from("<d", data, at)[0]
            at += 8
        elif wire == 2:
            size, at = varint(data, at)
            yield number, data[at : at + size]
            at += size
        else:
            raise ValueError(f"wire type {wire}")


def signed(number: int) -> int:
    return (number >> 1) ^ -(number & 1)


def packed(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        found.append(value)
    return found


def parts_of(commands: list[int]) -> list[list[tuple[int, int]]]:
    parts: list[list[tuple[int, int]]] = []
    x = y = at = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            assert count == 1
            parts[-1].append(parts[-1][0])
            continue
        for _ in range(count):
            x, y = x + signed(commands[at]), y + signed(commands[at + 1])
            at += 2
            if command == 1:
                parts.append([])
            parts[-1].append((x, y))
    return parts


def read_tile(data: bytes) -> dict[str, list[Read]]:
    """Layer name → features."""
    return {name: features for number, body in fields(data) if number == 3 for name, features in [_layer(body)]}


def _layer(body: bytes) -> tuple[str, list[Read]]:
    name, keys, values, raw = "", [], [], []
    version = extent = 0
    for number, value in fields(body):
        if number == 1:
            name = value.decode()
        elif number == 2:
            raw.append(dict(fields(value)))
        elif number == 3:
            keys.append(value.decode())
        elif number == 4:
            values.append(_value(value))
        elif number == 5:
            extent = value
        elif number == 15:
            version = value
    assert (version, extent) == (2, 4096)
    features = []
    for one in raw:
        tags = packed(one.get(2, b""))
        properties = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
        features.append(Read(one.get(1, 0), one[3], parts_of(packed(one[4])), properties))
    return name, features


def _value(body: bytes) -> Any:
    number, value = next(iter(fields(body)))
    if number == 1:
        return value.decode()
    if number == 6:
        return signed(value)
    return bool(value) if number == 7 else value
