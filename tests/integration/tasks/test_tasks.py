"""What waits for whom, by when and why; who takes it; what several at once may do and what not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import shapely

from app.access import AccessRequest
from app.accounts.models import Organisation
from app.approvals.delegating import Delegate, delegate
from app.approvals.models import Approval
from app.catalogue.profiles import get_profile, register_profile, unregister_profile
from app.catalogue.together import Together
from app.kernel.actor import Actor, Role
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.tasks.doing import Chosen, DoTask, do_task, ready
from app.tasks.holding import AssignTask, ReleaseTask, TakeTask, assign_task, assignable, release_task, take_task
from app.tasks.month import task_month
from app.tasks.queries import Task, TaskFilter, all_tasks, task_list
from app.web.pagination import Ask
from app.works.models import WorksProject
from tests.integration.life.steps import act, before_regulators, drafted, offered, propose, submitted, task_of
from tests.support import places
from tests.support.life import World, person


def tasks(world: World, actor: Actor) -> list[Task]:
    found: list[Task] = world.ask(actor, all_tasks)
    return found


def kinds(world: World, actor: Actor) -> list[str]:
    return [task.kind.code for task in tasks(world, actor)]


def code_of(world: World, actor: Actor, use_case: object, command: object) -> str:
    with pytest.raises(DomainError) as caught:
        world.do(actor, use_case, command)
    return caught.value.code


def test_each_step_waits_for_whose_turn_it_is(world: World) -> None:
    assert kinds(world, world.owner) == kinds(world, world.requester) == []
    submitted(world)
    assert kinds(world, world.owner) == ["access.check"]
    assert kinds(world, world.requester) == kinds(world, world.stranger) == []


def test_an_offer_waits_for_the_requester_and_an_agreement_for_both(world: World) -> None:
    ref = offered(world)
    assert [(task.kind.code, task.ref) for task in tasks(world, world.requester)] == [("access.take_up", ref)]
    assert kinds(world, world.owner) == []


def test_a_task_says_by_when_and_why(world: World) -> None:
    submitted(world)
    shown = world.ask(world.owner, task_list, TaskFilter(), Ask()).page.results[0]
    assert shown.due_on is not None
    assert shown.clock.rule == "request_completeness"
    assert len(shown.clock.steps) > 1
    assert shown.other.name == "Bay Mobile"
    assert shown.state == "running"


def test_states_follow_the_day(world: World, clock: FixedClock) -> None:
    submitted(world)
    due = tasks(world, world.owner)[0].due_on
    assert due is not None
    clock.advance(timedelta(days=(due - world.bus.today()).days))
    assert tasks(world, world.owner)[0].state == "soon"
    clock.advance(timedelta(days=1))
    assert tasks(world, world.owner)[0].state == "late"


def test_a_task_is_taken_once_and_released_by_who_has_it(world: World) -> None:
    ref = submitted(world)
    with world.bus.database.write() as session:
        colleague = person(session, session.get_one(Organisation, world.owner.organisation_id), Role.MANAGER, (), "Chen Jie", "x")
    world.do(world.owner, take_task, TakeTask("access.check", ref))
    world.do(world.owner, take_task, TakeTask("access.check", ref))  # again changes nothing
    assert [(task.holder, task.mine) for task in tasks(world, colleague)] == [(world.owner.name, False)]
    assert code_of(world, colleague, take_task, TakeTask("access.check", ref)) == "task_taken"
    assert code_of(world, colleague, release_task, ReleaseTask("access.check", ref)) == "task_not_yours"
    world.do(world.owner, assign_task, AssignTask("access.check", ref, colleague.user_ref or ""))
    assert [task.mine for task in tasks(world, colleague)] == [True]
    world.do(colleague, release_task, ReleaseTask("access.check", ref))
    assert [task.holder for task in tasks(world, colleague)] == [None]
    assert world.audit()[-3:] == ["task.taken", "task.assigned", "task.released"]


def test_a_stranger_and_a_viewer_take_nothing(world: World) -> None:
    ref = submitted(world)
    assert code_of(world, world.stranger, take_task, TakeTask("access.check", ref)) == "task_over"
    viewer = replace(world.owner, roles=frozenset({Role.VIEWER}))
    assert code_of(world, viewer, take_task, TakeTask("access.check", ref)) == "forbidden"
    editor = replace(world.owner, roles=frozenset({Role.EDITOR}))
    assert code_of(world, editor, take_task, TakeTask("access.check", ref)) == "forbidden"
    assert [task.can_do for task in tasks(world, viewer)] == [False]
    assert code_of(world, world.owner, assign_task, AssignTask("access.check", ref, world.stranger.user_ref or "")) == (
        "not_a_colleague"
    )


def test_an_approval_keeps_whose_case_it_is_itself(world: World) -> None:
    agreement = before_regulators(world)
    officer, second = world.administration, world.second(world.administration)
    ref = task_of(world, officer, agreement).ref
    world.do(officer, take_task, TakeTask("approval.decide", ref))
    assert world.one(Approval, ref).officer_id == officer.user_id
    assert code_of(world, second, take_task, TakeTask("approval.decide", ref)) == "task_taken"
    world.do(officer, release_task, ReleaseTask("approval.decide", ref))
    assert world.one(Approval, ref).officer_id is None
    assert [one.id for one in world.ask(officer, assignable, [f"approval.decide:{ref}"]).people] == [
        officer.user_id,
        second.user_id,
    ]


def test_who_stands_in_has_the_tasks_of_whom_they_stand_in_for(world: World) -> None:
    agreement = before_regulators(world)
    officer, second = world.administration, world.second(world.administration)
    ref = task_of(world, officer, agreement).ref
    world.do(officer, take_task, TakeTask("approval.decide", ref))
    today = world.bus.today()
    world.do(officer, delegate, Delegate(second.user_ref or "", today, today + timedelta(days=5), "absence"))
    found = next(task for task in tasks(world, second) if task.ref == ref)
    assert (found.mine, found.stand_in) == (True, second.name)
    world.do(second, take_task, TakeTask("approval.decide", ref))
    assert world.one(Approval, ref).officer_id == second.user_id


def test_who_proposed_does_not_confirm(world: World) -> None:
    agreement = before_regulators(world)
    officer, second = world.administration, world.second(world.administration)
    task = propose(world, officer, agreement, "approve")
    by_officer = {one.ref: one for one in tasks(world, officer)}[task.ref]
    by_second = {one.ref: one for one in tasks(world, second)}[task.ref]
    assert (by_officer.kind.code, by_officer.can_do, by_second.can_do) == ("approval.confirm", False, True)
    assert [one.id for one in world.ask(second, assignable, [by_second.name]).people] == [second.user_id]


def test_completeness_is_found_in_one_go_after_the_password(world: World) -> None:
    ref = submitted(world)
    task = tasks(world, world.owner)[0]
    assert task.together
    chosen = Chosen("access.check", ref, task.waiting.version)
    assert code_of(world, world.owner, do_task, DoTask(chosen)) == "reauthentication_required"
    world.do(world.fresh(world.owner), do_task, DoTask(chosen))
    assert world.one(AccessRequest, ref).status == "complete"
    assert kinds(world, world.owner) == ["access.answer"]


def test_a_decision_is_made_one_by_one_and_a_file_is_not(world: World) -> None:
    agreement = before_regulators(world)
    officer = world.administration
    task = next(one for one in tasks(world, officer) if one.kind.code == "approval.decide")
    found = world.ask(officer, ready, [task.name])
    assert ([*found.tasks], [why.en for _, why in found.refused]) == ([], ["decided one by one here"])
    chosen = Chosen(task.kind.code, task.ref, task.waiting.version, task.waiting.content_hash or "")
    assert code_of(world, world.fresh(officer), do_task, DoTask(chosen, "fine")) == "one_by_one"
    with world.bus.database.write() as session:
        session.get_one(Approval, task_of(world, officer, agreement).id).mode = "file"
    chosen = replace(chosen, kind="approval.file")
    stale = replace(chosen, content_hash="0" * 64)
    assert code_of(world, world.fresh(officer), do_task, DoTask(stale)) == "version_changed"
    world.do(world.fresh(officer), do_task, DoTask(chosen, "On file"))
    assert (world.one(Approval, task.ref).status, world.one(Approval, task.ref).reasons) == ("noted", "On file")


def test_the_profile_decides_what_is_done_in_one_go(world: World) -> None:
    plain = get_profile("cn-default")
    submitted(world)
    try:
        register_profile(replace(plain, together=Together(frozenset({"file"}), plain.kinds_source)))
        assert not tasks(world, world.owner)[0].together
        register_profile(replace(plain, together=None))
        assert not tasks(world, world.owner)[0].together
    finally:
        unregister_profile("cn-default")
    assert tasks(world, world.owner)[0].together


def test_filters_search_and_pages(world: World) -> None:
    ref = submitted(world)
    owner = world.owner

    def found(**wanted: str) -> list[str]:
        return [task.ref for task in world.ask(owner, task_list, TaskFilter(**wanted), Ask()).page.results]

    assert found() == found(whose="free") == found(kind="access.check") == found(region="440300") == [ref]
    assert found(q="huaqiang") == found(q="bay mobile") == found(q="湾区") == found(q="完整") == found(state="running") == [ref]
    assert found(whose="mine") == found(kind="agreement.sign") == found(region="110000") == found(q="nobody") == []
    world.do(owner, take_task, TakeTask("access.check", ref))
    assert (found(whose="mine"), found(whose="free")) == ([ref], [])
    page = world.ask(world.administration, task_list, TaskFilter(), Ask(limit=1)).page
    assert (page.after, page.before) == (None, None)


def test_pages_hold_every_task_once_in_both_directions(world: World) -> None:
    drafted(world)
    with world.bus.database.write() as session:
        for number in range(5):
            session.add(
                WorksProject(
                    sponsor_id=world.stranger.organisation_id,
                    kind="road",
                    name=f"Road {number}",
                    region="440304",
                    profile="cn-default",
                    geom=shapely.LineString([(114, 22), (114.1, 22)]),
                    from_m=0,
                    to_m=1000,
                    permit_on=date(2027, 6, 1),
                    starts_on=date(2027, 7, 1),
                    completes_on=date(2028, 7, 1),
                    status="announced",
                    announced_on=date(2026, 6, 1),
                    join_until=date(2026, 12, 1 + number // 2),
                    created_at=places.MADE_AT,
                )
            )
    everything = [task.name for task in tasks(world, world.owner)]
    assert len(everything) == 6
    seen: list[str] = []
    after = None
    while True:
        page = world.ask(world.owner, task_list, TaskFilter(), Ask(2, after)).page
        seen += [task.name for task in page.results]
        if page.after is None:
            break
        after = page.after
    assert seen == everything
    back = world.ask(world.owner, task_list, TaskFilter(), Ask(2, None, page.before)).page
    assert [task.name for task in back.results] == everything[2:4]


def test_a_month_marks_what_counts_and_what_is_due(world: World) -> None:
    submitted(world)
    due = tasks(world, world.owner)[0].due_on
    assert due is not None
    month = world.ask(world.owner, task_month, due.replace(day=1))
    days = {day.day: day for week in month.weeks for day in week}
    assert all(len(week) == 7 for week in month.weeks)
    assert [task.ref for task in days[due].tasks] == [task.ref for task in tasks(world, world.owner)]
    assert days[due].counts
    assert month.calendar == "working_days:CN"
    october = world.ask(world.owner, task_month, due.replace(year=2026, month=10, day=1))
    marked = {day.day.isoformat(): (day.counts, day.why.en) for week in october.weeks for day in week if day.why}
    assert marked["2026-10-01"] == (False, "public holiday: National Day")
    assert marked["2026-10-10"][0] is True  # a make-up workday, a Saturday


def test_what_was_decided_waits_no_more(world: World) -> None:
    agreement = before_regulators(world)
    assert "approval.decide" in kinds(world, world.administration)
    act(world, world.administration, agreement, "approve")
    assert not [code for code in kinds(world, world.administration) if code.startswith("approval.")]
