"""GeoPackage, zipped Shapefile, KML and KMZ. GDAL (pyogrio) reads geometry; it is handed only files whose kind was checked
first."""

from __future__ import annotations

import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
from pyogrio.errors import DataLayerError, DataSourceError

from app.exchange.problems import note, problem, unreadable
from app.exchange.reading.dbf import Dbf
from app.exchange.reading.encodings import previews
from app.exchange.reading.limits import check_archive, opened, unpack
from app.exchange.reading.model import Cell, Column, Row, Source, Table
from app.kernel.errors import DomainError

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_GDAL_ERRORS = (
    DataSourceError,
    DataLayerError,
    pyogrio.errors.CRSError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.FieldError,
    RuntimeError,
    ValueError,
    UnicodeDecodeError,
)


# Measures along a line are of no use here; the geometry is read without them.
warnings.filterwarnings("ignore", message=r"Measured \(M\) geometry types", category=UserWarning)


@contextmanager
def _gdal(format_name: str) -> Iterator[None]:
    """What GDAL raises, in words."""
    try:
        yield
    except _GDAL_ERRORS as error:
        why = (str(error) or type(error).__name__).splitlines()[0].split("; It might help")[0]
        raise unreadable("damaged", format=format_name, why=_without_paths(why)) from error


def _without_paths(words: str) -> str:
    """A person uploaded a file; where the server keeps it is nobody's business."""
    return " ".join(Path(word.strip("'\";,`")).name if "/" in word else word for word in words.split())[:200]


def read_geopackage(path: Path, name: str, layers: Sequence[str]) -> Source:
    """The named layers of a GeoPackage, those without geometry too. `path` must end in .gpkg."""
    if not layers:
        raise unreadable("no_layer")
    return Source(name, "GeoPackage", [_layer_or_problem(path, layer, "GeoPackage") for layer in layers], encoding="utf-8")


def read_kml(path: Path, name: str) -> Source:
    """Every folder of a KML document as a layer. `path` must end in .kml."""
    if b"<!doctype" in path.read_bytes().lower():
        raise unreadable("doctype")
    with _gdal("KML"):
        layers = pyogrio.list_layers(path)
    tables = [_layer(path, str(layer), "KML") for layer, _kind in layers]
    for table in tables:
        table.crs = "OGC:CRS84"
        table.notes.append(note("crs_of_format", sheet=table.name, format="KML"))
    if not tables:
        raise unreadable("no_layer")
    return Source(name, "KML", tables, encoding="utf-8")


def _layer_or_problem(path: Path, layer: str, format_name: str) -> Table:
    """A layer that cannot be read leaves its problem; the others are read all the same."""
    try:
        return _layer(path, layer, format_name)
    except DomainError as error:
        return Table(layer, problems=[replace(found, sheet=layer) for found in error.problems])


def _layer(path: Path, layer: str, format_name: str) -> Table:
    with _gdal(format_name):
        meta, _fids, geometry, data = pyogrio.raw.read(path, layer=layer, force_2d=True, datetime_as_string=True)
    columns = [Column(i, str(field), (str(field),)) for i, field in enumerate(meta["fields"])]
    table = Table(layer, columns, header_row=0, has_geometry=geometry is not None, crs=_crs_text(meta.get("crs")))
    values = [_cells(array, str(dtype)) for array, dtype in zip(data, meta["ogr_types"], strict=True)]
    count = len(geometry) if geometry is not None else len(values[0]) if values else 0
    shapes = geometry if geometry is not None else [None] * count
    table.rows = [Row(n + 1, [column[n] for column in values], shapes[n]) for n in range(count)]
    return table


def _crs_text(crs: Any) -> str | None:
    """What the layer states; GeoPackage's "undefined" systems state nothing."""
    text = str(crs or "").strip()
    return None if not text or "undefined" in text.lower() else text


def _cells(array: Any, ogr_type: str) -> list[Cell]:
    """A column as Python values; NaN and NaT are empty, dates are dates."""
    if array.dtype.kind == "f":
        return [None if np.isnan(value) else float(value) for value in array]
    if array.dtype.kind in "iu":
        return [int(value) for value in array]
    if array.dtype.kind == "b":
        return [bool(value) for value in array]
    read: Callable[[str], Cell] = _instant if ogr_type in ("OFTDate", "OFTDateTime") else str
    return [None if value is None else read(value) if isinstance(value, str) else _plain(value) for value in array]


def _instant(text: str) -> Cell:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return text


def _plain(value: Any) -> Cell:
    return (
        value
        if isinstance(value, str | int | float | bool)
        else f"{len(value)} bytes"
        if isinstance(value, bytes)
        else str(value)
    )


def read_archive(path: Path, name: str, encoding: str | None, open_member: Callable[[Path, str], Source]) -> Source:
    """A zip: its shapefiles as tables; else a KML (KMZ); else its one file of another kind, by `open_member`."""
    members = [m for m in check_archive(path, "ZIP") if not m.is_dir() and "__MACOSX" not in m.filename]
    by_suffix = {suffix: [m for m in members if m.filename.lower().endswith(suffix)] for suffix in (*PARTS, ".kml")}
    with tempfile.TemporaryDirectory() as folder, opened(path, "ZIP") as archive:
        home = Path(folder)
        if by_suffix[".shp"]:
            return _shapefiles(archive, by_suffix, home, name, encoding)
        if by_suffix[".kml"]:
            return read_kml(unpack(archive, by_suffix[".kml"][0], home / "doc.kml"), name)
        if len(members) != 1:
            raise unreadable("no_shapefile")
        inner = Path(members[0].filename).name
        return open_member(unpack(archive, members[0], home / "member"), inner)


def _shapefiles(
    archive: zipfile.ZipFile, parts: dict[str, list[zipfile.ZipInfo]], home: Path, name: str, encoding: str | None
) -> Source:
    source = Source(name, "Shapefile", [])
    for n, shp in enumerate(parts[".shp"]):
        stem = shp.filename[:-4]
        for suffix in PARTS:
            for member in parts[suffix]:
                if member.filename[:-4].lower() == stem.lower():
                    unpack(archive, member, home / f"{_folder(suffix)}{n}{suffix}")
        source.tables.append(_shapefile(home / f"shapes{n}.shp", home / f"attributes{n}.dbf", Path(stem).name, encoding, source))
    return source


def _folder(suffix: str) -> str:
    """Apart, so that GDAL does not find the attributes: it fails on names cut within a character."""
    return "attributes" if suffix in (".dbf", ".cpg") else "shapes"


def _shapefile(path: Path, attributes: Path, name: str, encoding: str | None, source: Source) -> Table:
    for part, file in ((".dbf", attributes), (".shx", path.with_suffix(".shx"))):
        if not file.exists():
            raise unreadable("no_part", sheet=name, name=name, part=part)
    dbf = Dbf(attributes)
    cpg = attributes.with_suffix(".cpg")
    certain = dbf.choose_encoding(encoding, cpg.read_text("ascii", "replace") if cpg.exists() else None)
    source.encoding = dbf.encoding
    if not certain:
        source.notes.append(note("encoding_found", sheet=name, encoding=dbf.encoding))
        source.encodings = previews(dbf.preview)
    with _gdal("Shapefile"):
        meta, _fids, shapes, _data = pyogrio.raw.read(path, columns=[], force_2d=True)
    table = Table(name, [], header_row=0, has_geometry=True, crs=_crs_text(meta.get("crs")))
    for index, (field, cut) in enumerate(dbf.names()):
        table.columns.append(Column(index, field, (field,), truncated=cut))
        if cut:
            table.notes.append(note("name_cut", sheet=name, column=field, length=10))
    for number, record in enumerate(dbf.records(), 1):
        if record is not None:
            table.rows.append(Row(number, record, shapes[number - 1] if number <= len(shapes) else None))
    if dbf.count < len(shapes):
        table.problems.append(
            problem(
                "damaged", sheet=name, row=dbf.count + 1, format="Shapefile", why=f"{dbf.count} records, {len(shapes)} shapes"
            )
        )
    return table
