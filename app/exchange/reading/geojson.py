"""GeoJSON, read by hand and not by a library, so that every fault names its feature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import shapely

from app.exchange.problems import note, problem, unreadable
from app.exchange.reading.encodings import decode, known_encoding, marked_encoding
from app.exchange.reading.geojson_shape import DEPTHS, Broken, check_geometry, flat, is_empty, turns_wrong
from app.exchange.reading.limits import DEPTH_LIMIT
from app.exchange.reading.model import GEOMETRY, Cell, Column, Row, Source, Table

GEOMETRIES = {*DEPTHS, "GeometryCollection"}


def parse_json(data: bytes, name: str, encoding: str | None = None) -> Any:
    """The document, or `file_unreadable` that names line and character."""
    chosen = known_encoding(encoding) if encoding else marked_encoding(data) or "utf-8"
    text = decode(data, chosen, name)

    def refuse(constant: str) -> NoReturn:
        at = text.find(constant)
        line = text.count("\n", 0, at) + 1
        raise unreadable("not_json", row=line, line=line, character=at - text.rfind("\n", 0, at), why=constant)

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise unreadable("not_json", row=error.lineno, line=error.lineno, character=error.colno, why=error.msg) from error
    except RecursionError as error:
        raise unreadable("too_deep") from error
    except ValueError as error:  # a number of thousands of digits
        raise unreadable("not_json", row=1, line=1, character=1, why=str(error).split(";")[0]) from error


def read_geojson(path: Path, name: str, encoding: str | None = None) -> Source:
    """One table of features; columns are the properties, nested ones by their dotted path."""
    document = parse_json(path.read_bytes(), name, encoding)
    features = _features(document)
    table = Table(name, header_row=0, has_geometry=True, crs=_stated_crs(document))
    if table.crs is None:
        table.crs = "OGC:CRS84"
        table.notes.append(note("crs_of_format", sheet=name, format="GeoJSON"))
    properties = [_read_feature(table, number, feature) for number, feature in enumerate(features, 1)]
    _fill(table, [found for found in properties if found is not None])
    return Source(name, "GeoJSON", [table], encoding="utf-8")


def _features(document: Any) -> list[Any]:
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            raise unreadable("features_not_list", column="features")
        return features
    if kind == "Feature":
        return [document]
    if isinstance(kind, str) and kind in GEOMETRIES:
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise unreadable("not_geojson", column="type", type=json.dumps(kind, ensure_ascii=False)[:40])


def _stated_crs(document: dict[str, Any]) -> str | None:
    """The `crs` member of GeoJSON 2008, which files still carry."""
    crs = document.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    stated = properties.get("name") if isinstance(properties, dict) else None
    return stated if isinstance(stated, str) else None


Found = tuple[int, dict[str, Cell], bytes | None]


def _read_feature(table: Table, number: int, feature: Any) -> Found | None:
    """(number, properties, geometry), or None with a problem in the table."""
    try:
        return number, _properties(table, number, feature), _geometry(table, number, feature)
    except Broken as broken:
        column = GEOMETRY if broken.code not in ("not_feature", "properties_not_object") else "properties"
        table.problems.append(problem(broken.code, sheet=table.name, row=number, column=column, **broken.values))
        return None


def _properties(table: Table, number: int, feature: Any) -> dict[str, Cell]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise Broken("not_feature", {})
    properties = feature.get("properties", {})
    if properties is not None and not isinstance(properties, dict):
        raise Broken("properties_not_object", {})
    if "properties" not in feature:
        table.notes.append(note("no_properties", sheet=table.name, row=number))
    if isinstance(feature.get("id", ""), bool | dict | list):
        table.notes.append(note("member_ignored", sheet=table.name, row=number, member="id"))
    flattened: dict[str, Cell] = {}
    if isinstance(feature.get("id"), str | int):
        flattened["@id"] = feature["id"]
    _flatten(properties or {}, "", flattened, 0)
    return flattened


def _flatten(value: dict[str, Any], prefix: str, into: dict[str, Cell], depth: int) -> None:
    """Objects by dotted path; a list of one becomes its item; other lists are kept as their JSON or joined words."""
    for key, item in value.items():
        name = f"{prefix}{key}"
        single = item[0] if isinstance(item, list) and len(item) == 1 else item
        if isinstance(single, dict) and depth < DEPTH_LIMIT:
            _flatten(single, f"{name}.", into, depth + 1)
        elif isinstance(single, list) and all(isinstance(part, str | int | float) for part in single):
            into[name] = "; ".join(map(str, single))
        elif isinstance(single, dict | list):
            into[name] = json.dumps(single, ensure_ascii=False)
        else:
            into[name] = single


def _geometry(table: Table, number: int, feature: dict[str, Any]) -> bytes | None:
    if "geometry" not in feature:
        raise Broken("no_geometry_member", {})
    geometry = feature["geometry"]
    if geometry is None:
        return None
    checked = check_geometry(geometry)
    if not _bbox_is_sound(geometry) or not _bbox_is_sound(feature):
        table.notes.append(note("member_ignored", sheet=table.name, row=number, member="bbox"))
    if is_empty(checked):
        return bytes(shapely.to_wkb(shapely.Point()))
    shape = flat(checked)
    if turns_wrong(shape):
        table.notes.append(note("ring_orientation", sheet=table.name, row=number, column=GEOMETRY))
    return bytes(shapely.to_wkb(shapely.from_geojson(json.dumps(shape))))


def _bbox_is_sound(member: dict[str, Any]) -> bool:
    box = member.get("bbox", [0, 0, 0, 0])
    return (
        isinstance(box, list) and len(box) in (4, 6) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in box)
    )


def _fill(table: Table, found: list[Found]) -> None:
    names = list(dict.fromkeys(key for _, properties, _ in found for key in properties))
    table.columns = [Column(index, name, (name,)) for index, name in enumerate(names)]
    table.rows = [Row(number, [properties.get(name) for name in names], wkb) for number, properties, wkb in found]
