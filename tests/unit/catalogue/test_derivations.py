"""What is derived reads what its declaration says it reads: a loader asks a rule once for each combination of its inputs."""

from __future__ import annotations

from typing import Any

import pytest

from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile

STATED = {
    "structure": "power_line", "structure_height_m": 30, "lowest_conductor_m": 20, "voltage_kv": 110,
    "length_m": 1200, "attenuation_db_km": 0.21, "fibre_type": "G.652D", "splices": 2,
}  # fmt: skip


class Watched(dict[str, Any]):
    """Attributes that note what is read of them."""

    def __init__(self, stated: dict[str, Any]) -> None:
        super().__init__(stated)
        self.read: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.read.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)


@pytest.mark.parametrize("kind", KINDS.all(), ids=lambda kind: kind.name)
def test_a_rule_reads_its_inputs_alone(kind: AssetKind) -> None:
    for derivation in kind.derived:
        read: set[str] = set()
        for stated in (STATED, {**STATED, "structure": "lattice"}, {}):
            attributes = Watched(stated)
            derivation.rule(attributes, get_profile("cn-default"))
            read |= attributes.read
        assert read == set(derivation.inputs)
