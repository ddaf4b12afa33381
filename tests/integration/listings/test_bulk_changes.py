"""Changing many listings at once, on both databases: a preview that changes nothing, the rules of single changes, undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.assets import EditAsset, edit_asset
from app.audit.models import AuditRecord
from app.bootstrap import job_handlers
from app.db.jobs import Worker
from app.db.work import Bus
from app.kernel.actor import Actor, Role
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.listings import (
    CreateListing,
    EditListing,
    Listing,
    ListingFilter,
    MoveListing,
    create_listing,
    edit_listing,
    listing_detail,
    move_listing,
)
from app.listings.changing import service
from app.listings.changing.choosing import Choice
from app.listings.changing.queries import ChangeView, change_detail, change_items, list_changes
from app.listings.changing.rules import VALID_ROWS, Wanted
from app.listings.changing.service import MoveChange, ProposeChange
from tests.support import market, people


@dataclass
class World:
    bus: Bus
    clock: FixedClock
    grid: Actor
    editor: Actor
    rival: Actor
    open: list[str]
    draft: str
    strange: str

    def propose(self, chosen: list[str] | ListingFilter, who: Actor | None = None, **wanted: Any) -> str:
        choice = Choice(filter=chosen) if isinstance(chosen, ListingFilter) else Choice(refs=tuple(chosen))
        return self.bus.execute(service.propose_change, who or self.grid, ProposeChange(choice, Wanted(**wanted)))

    def view(self, ref: str) -> ChangeView:
        return self.bus.ask(change_detail, self.grid, ref)

    def verdicts(self, ref: str) -> list[tuple[str, str | None]]:
        return [(row.verdict, row.code) for row in self.bus.ask(change_items, self.grid, ref).rows]

    def apply(self, ref: str, rows: str = "all", who: Actor | None = None) -> bool:
        return self.bus.execute(service.begin_apply, who or self.grid, MoveChange(ref, rows=rows))

    def undo(self, ref: str, rows: str = "all") -> int:
        return self.bus.execute(service.undo_change, self.grid, MoveChange(ref, rows=rows))

    def listing(self, ref: str) -> Any:
        return self.bus.ask(listing_detail, self.grid, ref)

    def audited(self) -> list[tuple[str, str]]:
        with self.bus.database.read() as session:
            return [(row.action, row.subject_ref) for row in session.scalars(select(AuditRecord).order_by(AuditRecord.id))]


def made(bus: Bus, who: Actor, name: str, *, publish: bool = True, **more: Any) -> str:
    command = CreateListing(market.terms(title=name, **more), asset=market.tower_draft(name=name), publish=publish)
    return bus.execute(create_listing, who, command).ref


@pytest.fixture
def world(bus: Bus, clock: FixedClock) -> World:
    grid, rival = people.organisation(bus, "Southern Grid"), people.organisation(bus, "Carrier", sector="telecom")
    manager, editor, stranger = (
        people.actor(bus, people.person(bus, of, role, name=name))
        for of, role, name in ((grid, Role.MANAGER, "Li"), (grid, Role.EDITOR, "Wu"), (rival, Role.MANAGER, "He"))
    )
    opened = [made(bus, manager, f"Tower {n}", price_minor=price) for n, price in enumerate((100_000, 100_001, None))]
    draft = made(bus, manager, "Draft", publish=False)
    return World(bus, clock, manager, editor, stranger, opened, draft, made(bus, stranger, "Theirs"))


def test_a_preview_says_what_would_change_and_changes_nothing(world: World) -> None:
    before = [world.listing(ref) for ref in world.open]
    records = len(world.audited())
    ref = world.propose([*world.open, world.draft], price_percent=Decimal("2.5"), terms={"tier": "T1"})
    rows = world.bus.ask(change_items, world.grid, ref).rows
    assert [row.verdict for row in rows] == ["change"] * 4
    assert [row.after["price_minor"] for row in rows] == [102_500, 102_501, None, 1_230_000]
    assert rows[0].before == {"tier": "T2", "price_minor": 100_000, "currency": "CNY"}
    assert [world.listing(ref) for ref in world.open] == before
    assert [action for action, _subject in world.audited()[records:]] == ["bulk_change.proposed"]
    assert world.view(ref).status == "previewed"


def test_what_is_applied_has_its_record_each_and_can_be_taken_back(world: World) -> None:
    before = [world.listing(ref) for ref in world.open]
    wanted = {"terms": {"window_end": date(2030, 1, 1)}, "attributes": {"structure_height_m": "40"}, "action": "suspend"}
    ref = world.propose(world.open, **wanted)
    records = len(world.audited())
    assert world.apply(ref)
    for one, was in zip((world.listing(r) for r in world.open), before, strict=True):
        assert (one.status, one.window.end, one.asset.attributes["structure_height_m"]) == ("suspended", date(2030, 1, 1), 40)
        assert one.version == was.version + 2
    told = world.audited()[records:]
    for listing in world.open:
        assert {action for action, subject in told if subject == listing} == {"listing.edited", "listing.suspended"}
    assert [action for action, _subject in told].count("asset.edited") == 3
    assert told[-1] == ("bulk_change.applied", ref)
    assert world.undo(ref) == 3
    for one, was in zip((world.listing(r) for r in world.open), before, strict=True):
        assert (one.status, one.window, one.asset.attributes, one.price_minor) == (
            was.status,
            was.window,
            was.asset.attributes,
            was.price_minor,
        )
    assert world.view(ref).counts == {"undone": 3}


def test_titles_and_what_is_open_are_set_each_on_what_it_has_and_come_back(world: World) -> None:
    first = world.open[0]
    with pytest.raises(DomainError) as error:
        world.propose(world.open, offered={"hole": 1, "platform": 1.5})
    assert {problem.pointer for problem in error.value.problems} == {"/offered/hole", "/offered/platform"}
    ref = world.propose(world.open, terms={"title": "{title}, outdoor"}, offered={"platform": "2", "load_kg": 100})
    before = {r: world.listing(r) for r in world.open}
    assert world.apply(ref)
    assert [world.listing(r).title for r in world.open] == ["Tower 0, outdoor", "Tower 1, outdoor", "Tower 2, outdoor"]
    after = {item.dimension.name: item.offered for item in world.listing(first).opened}
    assert (after["platform"], after["load_kg"]) == (2, 100)
    over = world.propose([first], offered={"load_kg": None, "platform": 9})
    assert world.verdicts(over) == [("refused", "invalid")]
    fewer = world.propose([first], offered={"load_kg": ""})
    assert [row.after["offered"] for row in world.bus.ask(change_items, world.grid, fewer).rows] == [{"platform": 2.0}]
    everything = world.propose([first], offered={})
    assert [row.after["offered"] for row in world.bus.ask(change_items, world.grid, everything).rows] == [{}]
    assert world.undo(ref) == 3
    assert {r: (world.listing(r).title, world.listing(r).opened) for r in world.open} == {
        r: (was.title, was.opened) for r, was in before.items()
    }


def test_what_cannot_be_is_said_with_its_reason_and_left_out(world: World) -> None:
    """As one by one: a draft cannot be suspended; an end before the start is no window."""
    ref = world.propose([*world.open[:2], world.draft], action="suspend")
    assert world.verdicts(ref) == [("change", None), ("change", None), ("refused", "illegal_transition")]
    with pytest.raises(DomainError) as error:
        world.apply(ref)
    assert error.value.code == "bulk_refused"
    assert "Draft" in error.value.problems[0].detail.en
    assert {world.listing(r).status for r in world.open} == {"published"}
    assert world.apply(ref, VALID_ROWS)
    assert [world.listing(r).status for r in (*world.open, world.draft)] == ["suspended", "suspended", "published", "draft"]
    ref = world.propose([world.open[2]], terms={"window_end": date(2020, 1, 1)})
    assert world.verdicts(ref) == [("refused", "invalid")]
    with pytest.raises(DomainError) as error:
        world.apply(ref, VALID_ROWS)
    assert error.value.code == "bulk_empty"


def test_each_listing_is_judged_by_who_may_change_it(world: World) -> None:
    """An editor changes drafts, not what is open; nobody changes what is another's."""
    ref = world.propose([world.open[0], world.draft], who=world.editor, terms={"tier": "T1"})
    assert world.verdicts(ref) == [("refused", "forbidden"), ("change", None)]
    world.apply(ref, VALID_ROWS, who=world.editor)
    assert [world.listing(r).tier.name for r in (world.open[0], world.draft)] == ["T2", "T1"]
    with pytest.raises(DomainError) as error:
        world.propose([world.open[0], world.strange], terms={"tier": "T1"})
    assert [problem.pointer for problem in error.value.problems] == ["/listings/1"]
    for use_case in (service.begin_apply, service.undo_change, service.discard_change):
        with pytest.raises(DomainError) as error:
            world.bus.execute(use_case, world.rival, MoveChange(ref))  # type: ignore[arg-type]
        assert error.value.code == "not_found"
    assert world.bus.ask(list_changes, world.rival).count == 0


def test_who_lost_the_right_since_the_preview_changes_nothing(world: World) -> None:
    """A preview grants nothing: the rules are asked again when it is applied."""
    ref = world.propose([world.open[0]], terms={"tier": "T1"})
    with pytest.raises(DomainError) as error:
        world.apply(ref, VALID_ROWS, who=world.editor)
    assert error.value.code == "bulk_empty"
    assert world.listing(world.open[0]).tier.name == "T2"


def test_what_somebody_changed_since_the_preview_is_said(world: World) -> None:
    ref = world.propose(world.open, terms={"tier": "T1"})
    world.bus.execute(edit_listing, world.grid, EditListing(world.open[1], None, {"title": "By hand"}))
    with pytest.raises(DomainError) as error:
        world.apply(ref)
    assert (error.value.code, error.value.problems[0].code) == ("bulk_refused", "stale_version")
    world.bus.execute(service.note_failure, world.grid, (ref, error.value))
    assert [verdict for verdict, _code in world.verdicts(ref)] == ["change", "stale", "change"]
    world.bus.execute(service.preview_again, world.grid, ref)
    assert [verdict for verdict, _code in world.verdicts(ref)] == ["change"] * 3
    assert world.apply(ref)


def test_an_attribute_that_was_changed_by_another_is_said(world: World) -> None:
    ref = world.propose(world.open[:1], attributes={"structure_height_m": "50"})
    asset = world.listing(world.open[0]).asset.ref
    world.bus.execute(edit_asset, world.grid, EditAsset(asset, None, {"attributes": {"structure_height_m": 45}}))
    with pytest.raises(DomainError):
        world.apply(ref, VALID_ROWS)
    assert world.listing(world.open[0]).asset.attributes["structure_height_m"] == 45


def test_two_listings_of_an_asset_do_not_stand_in_each_others_way(world: World) -> None:
    asset = world.listing(world.open[0]).asset.ref
    other = world.bus.execute(create_listing, world.grid, CreateListing(market.terms(title="Second"), asset_ref=asset)).ref
    ref = world.propose([world.open[0], other], attributes={"structure_height_m": "50"}, terms={"tier": "T1"})
    assert world.apply(ref)
    assert world.undo(ref) == 2
    assert world.listing(world.open[0]).asset.attributes["structure_height_m"] == 35
    assert [world.listing(r).tier.name for r in (world.open[0], other)] == ["T2", "T2"]


def test_undo_is_refused_with_names_for_what_was_changed_since(world: World) -> None:
    ref = world.propose(world.open, action="withdraw")
    world.apply(ref)
    assert world.undo(ref) == 3  # against the life: what is withdrawn stays so, but for this
    ref = world.propose(world.open, terms={"tier": "T1"})
    world.apply(ref)
    world.bus.execute(move_listing, world.grid, MoveListing(world.open[2], None, "withdraw"))
    with pytest.raises(DomainError) as error:
        world.undo(ref)
    assert error.value.code == "bulk_undo_blocked"
    assert "Tower 2" in error.value.problems[0].detail.en
    assert {world.listing(r).tier.name for r in world.open} == {"T1"}
    assert world.undo(ref, VALID_ROWS) == 2
    assert [world.listing(r).tier.name for r in world.open] == ["T2", "T2", "T1"]


def test_published_drafts_become_drafts_again(world: World) -> None:
    ref = world.propose([world.draft, world.open[0]], action="publish")
    assert [verdict for verdict, _code in world.verdicts(ref)] == ["same", "change"]  # in the order in which they were made
    world.apply(ref)
    assert world.listing(world.draft).status == "published"
    world.undo(ref)
    assert world.listing(world.draft).status == "draft"
    with pytest.raises(DomainError):
        world.bus.ask(listing_detail, world.rival, world.draft)


def test_all_that_a_filter_finds_and_never_anothers(world: World) -> None:
    ref = world.propose(ListingFilter(status="published"), terms={"exclusivity": "asset"})
    assert world.view(ref).count == 3
    assert world.view(world.propose(ListingFilter(q="tower 1", owner="mine"), terms={"tier": "T0"})).count == 1


def test_a_change_that_says_nothing_or_what_does_not_fit_is_refused(world: World) -> None:
    for wanted, pointer in (
        ({}, "/action"),
        ({"terms": {"owner": "Another"}}, "/owner"),
        ({"terms": {"price_minor": 1}, "price_percent": Decimal(1)}, "/price_percent"),
        ({"attributes": {"colour": "red"}}, "/attributes/colour"),
        ({"action": "sell"}, "/action"),
    ):
        with pytest.raises(DomainError) as error:
            world.propose(world.open, **wanted)
        assert [problem.pointer for problem in error.value.problems] == [pointer]


def test_a_large_change_is_previewed_and_applied_by_jobs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "INLINE", 2)
    worker = Worker(world.bus.database, world.clock, job_handlers(world.bus))
    ref = world.propose(world.open, terms={"tier": "T1"})
    assert (world.view(ref).status, world.view(ref).is_running) == ("selected", True)
    while worker.run_one():
        pass
    assert (world.view(ref).status, world.view(ref).counts) == ("previewed", {"change": 3})
    assert not world.apply(ref)
    with pytest.raises(DomainError) as error:
        world.apply(ref)
    assert error.value.code == "bulk_running"
    world.bus.execute(edit_listing, world.grid, EditListing(world.open[1], None, {"title": "By hand"}))
    while worker.run_one():
        pass
    view = world.view(ref)
    assert (view.status, view.counts) == ("previewed", {"change": 2, "stale": 1})
    assert view.message is not None
    assert "1 of the listings" in view.message.en
    assert not view.is_running
    world.apply(ref, VALID_ROWS)
    while worker.run_one():
        pass
    assert (world.view(ref).status, world.view(ref).counts) == ("applied", {"applied": 2, "stale": 1})


def test_by_program(app: Flask, world: World) -> None:
    client = app.test_client()
    token = people.bearer(people.made_token(world.bus, people.Made(world.grid.user_id or 0, "", ""), "read", "write"))
    sent = client.post(
        "/api/v1/listing-changes",
        json={
            "filter": {"status": "published"},
            "set": {"tier": "T1", "title": "Our {title}"},
            "price_percent": 10,
            "offered": {"platform": 1},
        },
        headers=token,
    )
    assert sent.status_code == 201, sent.text
    change = sent.json
    assert change is not None
    assert change["counts"] == {"change": 3}
    path = f"/api/v1/listing-changes/{change['id']}"
    rows = client.get(f"{path}/items?limit=2", headers=token).json
    assert rows is not None
    assert rows["results"][0]["after"]["price_minor"] == 110_000
    assert (rows["results"][0]["after"]["title"], rows["results"][0]["after"]["offered"]) == ("Our Tower 0", {"platform": 1})
    assert rows["next"]
    assert client.post(f"{path}/apply", json={}, headers=token).status_code == 428
    applied = client.post(f"{path}/apply", json={}, headers={**token, "If-Match": sent.headers["ETag"]})
    assert applied.json is not None
    assert (applied.json["status"], applied.json["counts"]) == ("applied", {"applied": 3})
    undone = client.post(f"{path}/undo", json={"rows": "valid"}, headers={**token, "If-Match": applied.headers["ETag"]})
    assert undone.json is not None
    assert undone.json["status"] == "undone"
    other = client.post("/api/v1/listing-changes", json={"listings": world.open, "action": "withdraw"}, headers=token)
    again = client.post(f"/api/v1/listing-changes/{other.json['id']}/preview", headers=token)  # type: ignore[index]
    gone = client.post(
        f"/api/v1/listing-changes/{other.json['id']}/discard",  # type: ignore[index]
        headers={**token, "If-Match": again.headers["ETag"]},
    )
    assert gone.json is not None
    assert gone.json["status"] == "discarded"
    assert client.get("/api/v1/listing-changes", headers=token).json["count"] == 2  # type: ignore[index]
    both = {"listings": world.open, "filter": {}, "action": "suspend"}
    assert client.post("/api/v1/listing-changes", json=both, headers=token).status_code == 422


def test_a_bulk_change_is_gone_with_its_listings_not_the_other_way_round(world: World) -> None:
    ref = world.propose(world.open, action="withdraw")
    world.bus.execute(service.discard_change, world.grid, MoveChange(ref))
    assert world.view(ref).count == 0
    with world.bus.database.read() as session:
        assert session.scalar(select(func.count(Listing.id))) == 5
