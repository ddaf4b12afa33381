"""Parts as Parquet: a problem in, an answer out, so that any machine that sees the folder can take one.

A part's folder holds `problem/` and, once it is solved, `answer/`: written beside and renamed, so that it is there whole or not
at all, and solving twice does no harm.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from app.catalogue.declaration import AssetKind
from app.engine.partition.part import Columns, PartAnswer, solve_part
from app.engine.problem import Listings, Needs, Places, Problem, ProblemError, build_problem
from app.engine.result import Params
from app.engine.solve import Stop
from app.engine.version import ENGINE_VERSION

CLAIMS = ("claim_slot", "claim_start", "claim_end", "claim_amount")


class PartError(Exception):
    """A part's files are not what this engine wrote."""


def write_problem(folder: Path, problem: Problem, params: Params) -> None:
    """Write a part as a new folder `problem`."""
    draft = folder / f"problem.{os.getpid()}"
    draft.mkdir(parents=True)
    for name, rows in (("listings", problem.listings), ("needs", problem.needs)):
        _write(draft / f"{name}.parquet", _columns(rows))
    _write(draft / "claims.parquet", {name: getattr(problem.listings, name) for name in CLAIMS})
    about = {
        "engine": ENGINE_VERSION,
        "kinds": [k.name for k in problem.kinds],
        "params": asdict(params),
        "hash": problem.input_hash,
    }
    (draft / "about.json").write_text(json.dumps(about), encoding="utf-8")
    draft.rename(folder / "problem")


def read_problem(folder: Path, kinds: Sequence[AssetKind]) -> tuple[Problem, Params]:
    """Read a part; `kinds`: those that are known here. Raises `PartError` when it is not what was written, or for another
    engine."""
    source = folder / "problem"
    about = json.loads((source / "about.json").read_text(encoding="utf-8"))
    if about["engine"] != ENGINE_VERSION:
        raise PartError(f"{folder}: written by engine {about['engine']}, this is {ENGINE_VERSION}")
    known = {kind.name: kind for kind in kinds}
    if missing := [name for name in about["kinds"] if name not in known]:
        raise PartError(f"{folder}: no such kind here: {', '.join(missing)}")
    listings, needs, claims = (_read(source / f"{name}.parquet") for name in ("listings", "needs", "claims"))
    count = listings.pop("claim_count")
    listings["claim_ptr"] = np.concatenate(([0], np.cumsum(count.ravel()))).astype(np.int64)
    try:
        problem = build_problem([known[name] for name in about["kinds"]], Listings(**listings, **claims), Needs(**needs))
    except ProblemError as error:
        raise PartError(f"{folder}: {error}") from error
    if problem.input_hash != about["hash"]:
        raise PartError(f"{folder}: the problem is not the one that was written")
    return problem, Params(**about["params"])


def solve_folder(folder: str, kinds: Sequence[AssetKind] | None = None, stop: Stop | None = None) -> str:
    """Solve the part in a folder and keep its answer there; nothing to do when it has one. Returns the folder."""
    from app.catalogue.kinds import KINDS

    place = Path(folder)
    if (place / "answer").exists():
        return folder
    problem, params = read_problem(place, kinds or KINDS.all())
    answer = solve_part(problem, params, stop)
    draft = place / f"answer.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for part in fields(PartAnswer):
        _write(draft / f"{part.name}.parquet", getattr(answer, part.name))
    try:
        draft.rename(place / "answer")
    except OSError:  # another worker was quicker: its answer is the same
        shutil.rmtree(draft)
    return folder


def read_part(folder: Path) -> PartAnswer:
    """The answer of a part that is solved."""
    return PartAnswer(**{part.name: _read(folder / "answer" / f"{part.name}.parquet") for part in fields(PartAnswer)})


def _columns(rows: Listings | Needs) -> Columns:
    """Rows as plain columns; the claims of a listing are counted here and written apart."""
    columns: dict[str, Any] = {f.name: getattr(rows, f.name) for f in fields(rows) if f.name not in CLAIMS}
    place = columns.pop("place")
    columns |= {"form": place.form, "lon": place.lon, "lat": place.lat, "shape": shapely.to_wkb(place.shape)}
    if isinstance(rows, Listings):
        columns["claim_count"] = np.diff(columns.pop("claim_ptr")).reshape(rows.offered.shape)
    return columns


def _write(path: Path, columns: Columns) -> None:
    pq.write_table(pa.table({name: _arrow(column) for name, column in columns.items()}), path)


def _arrow(column: NDArray[Any]) -> Any:
    if column.ndim == 2:
        return pa.FixedSizeListArray.from_arrays(pa.array(column.ravel()), column.shape[1])
    return pa.array(column, pa.binary()) if column.dtype == object else pa.array(column)


def _read(path: Path) -> dict[str, Any]:
    table = pq.read_table(path)
    columns: dict[str, Any] = {name: _numpy(table.column(name).combine_chunks()) for name in table.column_names}
    if "shape" in columns:
        shape = shapely.from_wkb(columns.pop("shape"))
        columns["place"] = Places(columns.pop("form"), columns.pop("lon"), columns.pop("lat"), shape)
    return columns


def _numpy(array: Any) -> NDArray[Any]:
    if pa.types.is_fixed_size_list(array.type):
        return np.asarray(array.flatten().to_numpy(zero_copy_only=False)).reshape(len(array), array.type.list_size)
    if pa.types.is_binary(array.type):
        return np.array(array.to_pylist(), object)
    return np.asarray(array.to_numpy(zero_copy_only=False))
