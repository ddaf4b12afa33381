"""Mobile cells of New Zealand as needs: `cell-towers.geojson.gz` (OpenCelliD, CC BY-SA 4.0) → a GeoJSON that `needs import`
reads.

Derivation, for trials. A cell says where a carrier has radio today, not what it looks for; each becomes the wish for one mount
near it:

- kind tower, one mount, place and carrier as in the source;
- search radius by technology: 5G 400 m, 4G 800 m, 3G 1200 m, 2G 2000 m (smaller cells must stand nearer to where they serve);
- top of antenna, load, wind area by technology: 5G 20 m, 60 kg, 0.8 m²; 4G 25 m, 80 kg, 1.0 m²; others 30 m, 80 kg, 1.0 m²;
- from 2027-01-01 to 2031-12-31, priority normal;
- reference: `nz-` and the cell's position in the source, from 1.

Import the result with `--provenance derived`, so that every record says that it is derived.

    python scripts/nz_needs.py CELLS.geojson.gz OUT.geojson
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Wish(NamedTuple):
    """What a cell of one technology is taken to ask for."""

    radius_m: int
    height_m: int
    load_kg: int
    wind_area_m2: float


WISHES = {
    "5G": Wish(400, 20, 60, 0.8),
    "4G": Wish(800, 25, 80, 1.0),
    "3G": Wish(1200, 30, 80, 1.0),
    "2G": Wish(2000, 30, 80, 1.0),
}
START, END = "2027-01-01", "2031-12-31"


def features(source: Path) -> Iterator[dict[str, Any]]:
    """One need per cell."""
    with gzip.open(source, "rt", encoding="utf-8") as file:
        cells = json.load(file)["features"]
    for number, cell in enumerate(cells, 1):
        properties = cell["properties"]
        wish = WISHES[properties["technology"]]
        yield {
            "type": "Feature",
            "geometry": cell["geometry"],
            "properties": {
                "reference": f"nz-{number}",
                "organisation": properties["carrier"],
                "sector": "telecom",
                "kind": "tower",
                "name": f"{properties['carrier']} {properties['technology']} {number}",
                "radius_m": wish.radius_m,
                "quantity": 1,
                "height_m": wish.height_m,
                "load_kg": wish.load_kg,
                "wind_area_m2": wish.wind_area_m2,
                "start": START,
                "end": END,
                "priority": "normal",
            },
        }


def main(source: str, target: str) -> None:
    collection = {"type": "FeatureCollection", "features": list(features(Path(source)))}
    Path(target).write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
