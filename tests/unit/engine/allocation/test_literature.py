"""Published instances with known optima. All of them run in bench/engine_j3.py; here are some that take seconds together."""

from __future__ import annotations

import pytest

from app.engine.allocation import Allocation, AllocationParams, allocate
from app.engine.solve import Stop
from tests.unit.engine.allocation.literature import DATA, Instance, gap, sscflp

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(
        not (DATA / "gap").exists() or not (DATA / "sscflp_delmaire_holmberg").exists(),
        reason="../shared/data with gap and sscflp_delmaire_holmberg is not here",
    ),
]


def served(instance: Instance, answer: Allocation) -> bool:
    return len(answer.need) == len(instance.problem.demands)


@pytest.mark.parametrize("name", ["gap1-0", "gap4-2", "gap8-1", "gap12-4"])
def test_generalised_assignment_is_proven_optimal(name: str) -> None:
    instance = gap(f"cattrysse1994/{name}")
    answer = allocate(instance.problem)
    assert served(instance, answer)
    assert instance.cost(answer) == instance.least_cost(answer) == instance.best


def test_a_large_instance_in_little_time_has_a_bound_on_either_side_of_the_optimum() -> None:
    instance = gap("yagiura2004/c10400")
    answer = allocate(instance.problem, AllocationParams(mip_nodes=0), Stop(deadline_s=4))
    assert served(instance, answer)
    assert instance.least_cost(answer) <= instance.best <= instance.cost(answer) <= instance.best * 1.1
    assert instance.least_cost(answer) >= instance.best * 0.9


@pytest.mark.parametrize("name", ["Lib_2/p1", "Lib_2/p6"])
def test_facility_location_is_proven_optimal(name: str) -> None:
    instance = sscflp(name)
    answer = allocate(instance.problem)
    assert served(instance, answer)
    assert instance.cost(answer) == instance.least_cost(answer) == instance.best
