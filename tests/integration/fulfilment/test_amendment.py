"""An amendment stands beside its agreement, holds only what is more, and takes its place at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.agreements.amend import AmendAgreement, amend_agreement
from app.agreements.models import Agreement
from app.agreements.queries import agreement_of_request
from app.agreements.service import EditAgreement, MoveAgreement, edit_agreement, withdraw_agreement
from app.approvals.service import SubmitAgreement, submit_agreement
from app.fulfilment.ending import ProposeEnd, propose_end
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.kernel.timewindow import Window
from app.ledger import held_by
from tests.integration.fulfilment.steps import accepted, approve, in_force, into_force, line, status
from tests.integration.life.steps import act, sign_both
from tests.support.life import World

LATER = Window(date(2030, 1, 1), date(2031, 1, 1))


def amended(world: World, ref: str, **more: object) -> str:
    new = str(world.do(world.requester, amend_agreement, AmendAgreement(ref, "more")).ref)
    world.do(world.requester, edit_agreement, EditAgreement(new, [line(world, world.requester, **more)], "", "more"))
    return new


def test_it_holds_only_what_is_more(world: World) -> None:
    ref = accepted(world, in_force(world))
    now, later = world.free(), world.free(LATER)
    new = str(world.do(world.requester, amend_agreement, AmendAgreement(ref)).ref)
    assert (world.free(), world.free(LATER)) == (now, later)
    world.do(
        world.requester,
        edit_agreement,
        EditAgreement(new, [line(world, world.requester, amounts={"platform": 2, "load_kg": 80}, ends=date(2031, 1, 1))]),
    )
    assert world.free() == now | {"platform": now["platform"] - 1000, "load_kg": now["load_kg"] - 30_000}
    assert world.free(LATER) == later | {"platform": later["platform"] - 2000, "load_kg": later["load_kg"] - 80_000}
    into_force(world, new)
    assert (status(world, ref), status(world, new)) == ("amended", "in_force")  # more is built: it is accepted anew
    assert world.free()["platform"] == now["platform"] - 1000
    with world.read() as session:
        assert held_by(session, "agreement", ref) == []
        claims = held_by(session, "agreement", new)
    assert {(c.dimension, c.slot, c.amount_milli, c.window.end, c.kind) for c in claims} == {
        ("platform", 1, 1000, date(2031, 1, 1), "committed"),
        ("platform", 2, 1000, date(2031, 1, 1), "committed"),
        ("load_kg", None, 80_000, date(2031, 1, 1), "committed"),
    }
    assert world.ask(world.requester, agreement_of_request, _request(world)) == new


def _request(world: World) -> str:
    with world.read() as session:
        return str(session.execute(text("SELECT ref FROM access_request")).scalar_one())


def test_a_new_price_alone_is_carried_over_without_a_new_acceptance(world: World) -> None:
    ref = accepted(world, in_force(world))
    new = into_force(world, amended(world, ref, price_minor=3_500_000))
    agreement, old = world.one(Agreement, new), world.one(Agreement, ref)
    assert (agreement.status, agreement.billing_from, old.ended_on) == ("accepted", date(2026, 7, 1), date(2026, 7, 1))
    assert [action for action in world.audit() if action.startswith("agreement.amend")] == [
        "agreement.amendment_drafted",
        "agreement.amended",
    ]


def test_less_is_free_only_when_the_amendment_is_in_force(world: World) -> None:
    ref = in_force(world, amounts={"platform": 2, "load_kg": 100})
    now = world.free()
    new = amended(world, ref)
    assert world.free() == now
    into_force(world, new)
    assert world.free() == now | {"platform": now["platform"] + 1000, "load_kg": now["load_kg"] + 50_000}


def test_withdrawn_or_refused_nothing_has_changed(world: World) -> None:
    ref = accepted(world, in_force(world))
    now = world.free()
    new = amended(world, ref, amounts={"platform": 2, "load_kg": 60})
    world.do(world.requester, withdraw_agreement, MoveAgreement(new))
    assert (world.free(), status(world, ref)) == (now, "accepted")
    again = amended(world, ref, amounts={"platform": 2, "load_kg": 60})
    sign_both(world, again)
    world.do(world.owner, submit_agreement, SubmitAgreement(again))
    act(world, world.administration, again, "refuse", reasons="No.")
    assert (world.free(), status(world, ref), status(world, again)) == (now, "accepted", "refused")


def test_a_returned_one_goes_on_even_when_it_holds_nothing(world: World) -> None:
    ref = accepted(world, in_force(world))
    new = amended(world, ref, price_minor=1)
    sign_both(world, new)
    world.do(world.owner, submit_agreement, SubmitAgreement(new))
    act(world, world.administration, new, "return", reasons="Why so cheap?")
    assert status(world, new) == "returned"
    world.do(world.owner, edit_agreement, EditAgreement(new, [line(world, world.requester, price_minor=2)]))
    into_force(world, new)
    assert status(world, ref) == "amended"


def test_more_than_there_is_is_refused_with_what_is_free_beside_the_own(world: World) -> None:
    ref = in_force(world)
    with pytest.raises(DomainError) as caught:
        amended(world, ref, amounts={"platform": 4, "load_kg": 50})  # the listing opens three
    assert caught.value.code == "no_capacity"
    assert caught.value.values["free_milli"] == 3000


def test_one_at_a_time_and_none_while_it_ends(world: World) -> None:
    ref = accepted(world, in_force(world))
    new = amended(world, ref)
    for actor, use_case, command in (
        (world.owner, amend_agreement, AmendAgreement(ref)),
        (world.owner, propose_end, ProposeEnd(ref, "agreed", "x", date(2026, 9, 1))),
    ):
        with pytest.raises(DomainError) as caught:
            world.do(actor, use_case, command)
        assert caught.value.code == "amendment_open"
    with pytest.raises(DomainError):
        world.do(world.owner, amend_agreement, AmendAgreement(new))  # a draft is changed, not amended
    with pytest.raises(DBAPIError), world.bus.database.write() as session:
        session.execute(
            text(
                "INSERT INTO agreement (ref, request_id, amends_id, need_id, owner_id, requester_id, title, region, profile, status, "
                "current_number, regulator_ids, created_at, version) SELECT 'twice', request_id, amends_id, need_id, owner_id, "
                f"requester_id, title, region, profile, status, 1, regulator_ids, created_at, 1 FROM agreement WHERE ref = '{new}'"
            )
        )


def test_its_hold_has_an_end_even_when_it_holds_nothing(world: World, clock: FixedClock) -> None:
    new = amended(world, accepted(world, in_force(world)), price_minor=1)
    sign_both(world, new)
    clock.advance(timedelta(days=30))
    with pytest.raises(DomainError) as caught:
        world.do(world.owner, submit_agreement, SubmitAgreement(new))
    assert caught.value.code == "hold_lapsed"


def test_approvals_decide_on_the_amendment_as_on_any_agreement(world: World) -> None:
    ref = accepted(world, in_force(world))
    new = amended(world, ref, price_minor=5)
    sign_both(world, new)
    world.do(world.owner, submit_agreement, SubmitAgreement(new))
    assert status(world, ref) == "accepted"
    approve(world, new)
    assert status(world, ref) == "amended"
