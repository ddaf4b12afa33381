"""Everything that moves capacity, money or approvals, one step after the other; and what moves none of them, with the reason.

`tests/unit/ledger/test_proof_table.py` fails when a use case of these rooms is in neither list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.fulfilment.ending import end_term
from prove import steps as do
from prove.story import Job, Market, Step, passing

ROOMS = ("ledger", "access", "agreements", "approvals", "fulfilment", "rent", "works", "listings", "assets")
ASIDE: Mapping[str, str] = {
    "edit_request": "a draft is its requester's own",
    "ask_bundle": "asks owners, as asking every owner on a route does in the story",
    "take_other_match": "asks an owner, as going another way does in the story",
    "submit_request": "starts clocks; creating a request submits it in the story",
    "find_complete": "starts clocks, as the silence that the story tells",
    "name_missing": "pauses a clock",
    "supply_missing": "resumes a clock",
    "ask_survey": "pauses a clock",
    "date_survey": "a date",
    "record_survey": "resumes a clock",
    "open_dispute": "asks for the decision that the story tells",
    "take_case": "says who works on a task",
    "leave_case": "says who works on a task",
    "delegate": "says who may decide, decides nothing",
    "end_delegation": "says who may decide, decides nothing",
    "draft_works": "seen by its sponsor alone",
    "add_element": "of a draft",
    "ask_to_join": "a question",
    "pass_on": "an answer that takes nothing",
    "answer_join": "an answer that takes nothing",
    "withdraw_join": "takes a question back",
    "add_listing": "the creation that create_listing makes, without its page",
    "edit_listing": "what is opened, not what is taken",
    "move_listing": "what is opened, not what is taken",
    "change_terms": "what is opened, not what is taken",
    "take_step": "what is opened, not what is taken",
    "propose_change": "a preview of many changes",
    "preview_some": "a preview of many changes",
    "discard_change": "gives a preview up",
    "note_failure": "why many changes could not be made",
    "begin_apply": "queues many changes",
    "change_asset": "the change that edit_asset makes, as one of many",
    "apply_change": "many changes as edit_asset and edit_listing make them, in one transaction",
    "undo_change": "the same changes back, in one transaction",
    "move_asset": "a state of the register: claims stand",
    "ask_look": "who sees what",
    "answer_look": "who sees what",
    "open_asset": "who sees what",
    "revoke_grant": "who sees what",
    "ask_exemption": "who sees what",
    "decide_exemption": "who sees what",
    "export_assets": "who sees what",
}
QUOTED = {"label": "Rent", "basis": "yearly", "amount_minor": 900_000}


def _over(m: Market) -> Job:
    """A worker finds that the last line of the amendment is over."""
    m.later(1300)
    return Job(m.bus, end_term, m.made["amendment"])


STEPS: Sequence[Step] = (
    Step("raise a total", "set_totals", do.capacity("", {"totals": {"platform": 4}}, "PUT")),
    Step("keep a reserve", "enter_claim", do.capacity("/claims", {"kind": "reserve", "amounts": {"platform": 1}})),
    Step("announce an outage", "enter_claim", do.capacity("/claims", {"kind": "unavailable", "amounts": {"load_kg": 20}})),
    Step("end the outage", "end_claim", do.end_outage),
    Step("report the structure's use", "edit_asset", do.report_use),
    Step("list another mast", "create_listing", do.list_more),
    Step("ask for access", "create_request", do.request("need", "requester"), "request"),
    Step("deemed complete", "check_deadline", passing("request_completeness", "request", 9)),
    Step(
        "quote",
        "give_quote",
        do.move("owner", "request", "quote", {"items": [QUOTED], "valid_until": "2026-12-31"}),
    ),
    Step(
        "counter, and hold",
        "counter_request",
        do.move("owner", "request", "counter", {"amounts": {"platform": 1, "load_kg": 60}, "price_minor": 900_000}),
    ),
    Step("counter again, hold instead", "counter_request", do.move("owner", "request", "counter", {"price_minor": 1_000_000})),
    Step("take the offer", "accept_offer", do.move("requester", "request", "accept-offer"), "agreement"),
    Step("sign as owner", "sign_agreement", do.sign("owner", "agreement")),
    Step("sign as requester", "sign_agreement", do.sign("requester", "agreement")),
    Step("submit to the regulators", "submit_agreement", do.move("owner", "agreement", "submit")),
    Step("propose a return", "decide", do.decide("regulator", "return", reasons="Name the escort.")),
    Step("return with reasons", "confirm", do.decide("regulator", "confirm")),
    Step("write the lines anew", "edit_agreement", do.edit("agreement", {"platform": 1, "load_kg": 80}, 950_000)),
    Step("sign again as owner", "sign_agreement", do.sign("owner", "agreement")),
    Step("sign again as requester", "sign_agreement", do.sign("requester", "agreement")),
    Step("submit again", "submit_agreement", do.move("owner", "agreement", "submit")),
    Step("propose, first", "decide", do.decide("administration", "approve")),
    Step("send the proposal back", "send_back", do.decide("administration", "send-back", remark="On one condition.")),
    Step(
        "propose with a condition",
        "decide",
        do.decide("administration", "approve-with-conditions", reasons="On one condition.", conditions=do.conditions),
    ),
    Step("approve with a condition", "confirm", do.decide("administration", "confirm")),
    Step("propose, last", "decide", do.decide("regulator", "approve")),
    Step("approve, last: commit", "confirm", do.decide("regulator", "confirm")),
    Step("report the condition", "move_condition", do.condition("requester", "report")),
    Step("settle the condition", "move_condition", do.condition("administration", "accept")),
    Step(
        "make-ready",
        "start_make_ready",
        do.move(
            "owner",
            "agreement",
            "make-ready",
            {"items": [{"title": "Bracket", "cause": "new_attachment", "amount_minor": 50_000}]},
        ),
    ),
    Step("settle its cost", "settle_item", do.move("owner", "agreement", "make-ready/1", {"final_minor": 45_000})),
    Step(
        "install", "install", do.move("requester", "agreement", "installation", do.today_as("installed_on", equipment="One AAU"))
    ),
    Step("accept as built", "answer_installation", do.move("owner", "agreement", "as-built", {"accept": True})),
    Step("bill", "issue_statement", do.statement),
    Step("draft an amendment", "amend_agreement", do.move("requester", "agreement", "amend", {"reason": "More."}), "amendment"),
    Step("hold what is more", "edit_agreement", do.edit("amendment", {"platform": 2, "load_kg": 100}, 990_000)),
    Step("sign the amendment as owner", "sign_agreement", do.sign("owner", "amendment")),
    Step("sign the amendment as requester", "sign_agreement", do.sign("requester", "amendment")),
    Step("submit the amendment", "submit_agreement", do.move("owner", "amendment", "submit")),
    Step("propose the amendment, first", "decide", do.decide("administration", "approve", "amendment")),
    Step("approve the amendment, first", "confirm", do.decide("administration", "confirm", "amendment")),
    Step("propose the amendment, last", "decide", do.decide("regulator", "approve", "amendment")),
    Step("approve the amendment: it takes the place", "confirm", do.decide("regulator", "confirm", "amendment"), records=2),
    Step("a rival asks", "create_request", do.request("rival", "rival"), "rival request"),
    Step("refuse the rival", "refuse_request", do.refuse("owner", "rival request")),
    Step("order access: hold", "decide_dispute", do.disputed),
    Step("the rival takes it", "accept_offer", do.move("rival", "rival request", "accept-offer"), "rival agreement"),
    Step("the rival gives it up", "withdraw_agreement", do.move("rival", "rival agreement", "withdraw", {"reason": "No."})),
    Step("the rival asks again", "create_request", do.request("rival", "rival"), "rival request"),
    Step("accept the rival, and hold", "accept_request", do.move("owner", "rival request", "accept")),
    Step("the rival withdraws", "withdraw_request", do.move("rival", "rival request", "withdraw")),
    Step("the rival asks once more", "create_request", do.request("rival", "rival"), "rival request"),
    Step("accept it once more", "accept_request", do.move("owner", "rival request", "accept")),
    Step("the offer lapses by its clock", "check_deadline", passing("offer_acceptance", "rival request", 40)),
    Step("ask every owner on a route", "ask_route", do.ask_route, "route", records=3),
    Step("withdraw the route", "withdraw_route", do.move("requester", "route", "withdraw"), records=3),
    Step("ask for the route again", "ask_route", do.ask_route, "route", records=3),
    Step("one owner accepts", "accept_request", do.answer_leg("owner", "accept")),
    Step("the other refuses", "refuse_request", do.answer_leg("rival", "refuse")),
    Step("go another way", "take_other_route", do.reroute, records=2),
    Step("its owner accepts", "accept_request", do.answer_leg("owner", "accept")),
    Step("take the whole route", "take_route", do.move("requester", "route", "take"), records=3),
    Step("announce works, and reserve", "announce_works", do.announce),
    Step("reserve more", "reserve_more", do.move("owner", "tunnel", "elements/1/reserve", {"amounts": {"hole": 2}})),
    Step(
        "the works slip",
        "slip_works",
        do.move("owner", "tunnel", "slip", {"starts_on": "2027-12-01", "completes_on": "2030-06-01", "reason": "Ground water"}),
    ),
    Step("cancel the works", "close_works", do.move("owner", "tunnel", "close", {"action": "cancel", "reason": "No money"})),
    Step(
        "propose the end",
        "propose_end",
        do.move("requester", "amendment", "end", do.today_as("ends_on", ground="agreed", reason="We move.")),
    ),
    Step("decline the end", "answer_end", do.move("owner", "amendment", "end/answer", {"agree": False, "answer": "Stay."})),
    Step("the term is over", "end_term", _over),
    Step("declare the removal", "declare_removal", do.move("requester", "amendment", "removal", do.today_as("removed_on"))),
    Step("confirm the removal: free again", "confirm_removal", do.move("owner", "amendment", "removal/confirm")),
)
