"""The life of an asset over the whole table, and hosts that never form a circle (against a brute-force search)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assets.rules import LIFE, STATUSES, stands_above
from app.kernel.errors import DomainError


@pytest.mark.parametrize(("state", "action", "target"), list(LIFE.matrix()))
def test_every_action_from_every_state(state: str, action: str, target: str | None) -> None:
    if target is None:
        with pytest.raises(DomainError):
            LIFE.move(state, action)
    else:
        assert LIFE.move(state, action) == target


def test_what_is_retired_stays_so_and_all_else_can_be() -> None:
    assert [s for s in STATUSES if LIFE.allows(s, "retire")] == [s for s in STATUSES if s != "retired"]
    assert LIFE.actions("retired") == ()


edges = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12)


@given(edges, st.integers(0, 6), st.sets(st.integers(0, 6), max_size=4))
def test_a_host_that_leads_back_is_found(links: list[tuple[int, int]], asset: int, hosts: set[int]) -> None:
    hosts_of = {n: [b for a, b in links if a == n] for n in range(7)}
    reach = {(a, b) for a, b in links} | {(n, n) for n in range(7)}
    for _ in range(7):
        reach |= {(a, d) for a, b in reach for c, d in links if b == c}
    leading = {host for host in hosts if (host, asset) in reach}
    found = stands_above(asset, sorted(hosts), hosts_of)
    assert (found in leading) if leading else found is None
