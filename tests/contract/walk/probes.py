"""Requests that one policy alone turns away, where no row of the walk reaches it: the policy speaks inside a use case, of some objects
only, or decides what an answer shows.

Each returns what somebody sees whom the policy turns away; the world is then what it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from sqlalchemy import select, update

from app.accounts import grant_competence
from app.accounts.models import Organisation
from app.db.work import UnitOfWork
from app.drafts.queries import kept_draft
from app.exchange.models import ImportBatch
from app.kernel.actor import ANONYMOUS, SYSTEM, Role
from app.kernel.errors import DomainError
from app.needs import Need
from app.needs.keeping.models import NeedMerge
from tests.contract.walk.scene import Scene
from tests.integration.disclosing.test_grants import TERMS, WHY
from tests.support import people, places
from tests.support.programs import API

FILE = b"Measured on site."


@dataclass(frozen=True)
class Probe:
    """`refused`: what is seen as long as the policy stands."""

    policy: str
    refused: Any
    look: Callable[[Asker], Any]


class Asker:
    """Sends requests of the walk's visitors."""

    def __init__(self, made: Scene) -> None:
        self.made = made

    def ref(self, thing: str) -> str:
        return self.made.things[thing].ref

    def answer(
        self, name: str, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **more: Any
    ) -> Any:
        who = self.made.visitors[name]
        sent = {"json": body} if body is not None else more
        return who.client.open(API + path, method=method, headers={"X-CSRFToken": who.csrf, **(headers or {})}, **sent)

    def status(
        self, name: str, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **more: Any
    ) -> int:
        return int(self.answer(name, method, path, body, headers, **more).status_code)

    def changed(self, name: str, path: str, body: Any) -> int:
        """A change of the version that stands."""
        return self.status(name, "PATCH", path, body, {"If-Match": self.answer(name, "GET", path).headers["ETag"]})

    def organisation(self, name: str) -> str:
        with self.made.bus.database.read() as session:
            return session.get_one(Organisation, self.made.visitors[name].organisation).ref

    def attach(self, name: str, subject: str, ref: str) -> int:
        form = {"subject_type": subject, "subject": ref, "purpose": "site_photo", "file": (BytesIO(FILE), "photo.txt")}
        return self.status(name, "POST", "/attachments", data=form, content_type="multipart/form-data")

    def documents(self, name: str, subject: str, thing: str) -> int:
        return self.status(name, "GET", f"/attachments?subject_type={subject}&subject={self.ref(thing)}")


def area_look(ask: Asker) -> int:
    """Where no owner is named the administration alone may refuse, and not who asked."""
    made = ask.answer("own requester", "POST", "/closer-looks", {**TERMS, "region": "440300", "kind": "tower"}).json["id"]
    return ask.status("own requester", "POST", f"/closer-looks/{made}/refuse", {"reason": "There is nothing to see"})


def foreign_administration(ask: Asker) -> int:
    """Another province's may exempt its own groups, and knows of no others."""
    bus = ask.made.bus
    guangxi = people.organisation(bus, "Guangxi administration", sector="telecom", kind="authority")

    def competent(work: UnitOfWork, _: None) -> None:
        of = work.session.get_one(Organisation, guangxi.id)
        grant_competence(work, of, authority="communications", level="province", sectors=["telecom"], regions=["450000"])

    bus.execute(competent, SYSTEM, None)
    client = people.signed_in(ask.made.app, people.person(bus, guangxi, Role.OFFICER, name="Guangxi"))
    token = {"X-CSRFToken": people.csrf(client, "/account"), "If-Match": '"99"'}
    body = {"reason": "The record shows it", "decision": "granted"}
    return int(client.post(f"{API}/cobuild-groups/{ask.ref('group')}/exemption", json=body, headers=token).status_code)


def traced(ask: Asker) -> int:
    """An export of another's assets, found by somebody to whom none of them belongs."""
    exported = ask.answer("own manager", "POST", "/assets/export", {"form": "csv"})
    found = ask.answer("other's admin", "POST", "/disclosure-ledger/trace", data=exported.data)
    return len(found.json["results"])


def given(ask: Asker, name: str, **more: Any) -> Any:
    body = {**TERMS, "organisation": ask.organisation("granted"), "asset": ask.ref("asset"), **more}
    return ask.answer(name, "POST", "/grants", body)


def lifted(ask: Asker) -> int:
    """What a regulator ordered, its owner does not end."""
    ordered = given(ask, "sector regulator", ground=WHY).json["id"]
    return ask.status("own manager", "POST", f"/grants/{ordered}/revoke", {"reason": "We do not wish it"})


def merge(ask: Asker) -> int:
    """Of two other organisations."""
    with ask.made.bus.database.write() as session:
        first, second = session.scalars(select(Need).order_by(Need.id).limit(2))
        made = NeedMerge(
            need_id=first.id, into_id=second.id, status="proposed", reason=WHY, proposed_at=places.MADE_AT, proposed_by=None
        )
        session.add(made)
        session.flush()
        ref = made.ref
    return ask.status("own manager", "GET", f"/need-merges/{ref}")


def imported(ask: Asker, whose: str, **more: Any) -> int:
    """How many things are wrong with a list of needs of another organisation."""
    terms = {"region": "440300", "name": "Second", "name_zh": "第二", "opens_on": "2026-06-01", "closes_on": "2026-12-01"}
    listed = ask.answer("administration", "POST", "/needs-lists", terms).json["id"]
    file = (BytesIO(f"{HEADER}\n{whose},{ROW}\n".encode()), "needs.csv")
    form = {"subject": "needs", "needs_list": listed, "crs": "EPSG:4326", "file": file, **more}
    made = ask.answer("own manager", "POST", "/imports", data=form, content_type="multipart/form-data").json
    return int(made["problems"])


def stopped(ask: Asker) -> int:
    """A large import that is being written: who only drafts may stop its check, and not this."""
    with ask.made.bus.database.write() as session:
        session.execute(update(ImportBatch).where(ImportBatch.ref == ask.ref("import")).values(status="importing"))
    return ask.status("own editor", "POST", f"/imports/{ask.ref('import')}/cancel")


def unsigned(ask: Asker) -> str:
    """What is kept of a form: every route that reads it asks for a signature first, so the query itself is asked."""
    try:
        return str(ask.made.bus.ask(kept_draft, ANONYMOUS, "need.new"))
    except DomainError as error:
        return error.code


HEADER = "organisation,sector,name,kind,lon,lat,radius,quantity,start,end"
ROW = "telecom,site,tower,114.05,22.54,300,1,2027-01-01,2031-12-31"
PROBES = (
    Probe("access.attach", 403, lambda ask: ask.attach("own viewer", "access_request", ask.ref("request"))),
    Probe("agreement.attach", 403, lambda ask: ask.attach("own viewer", "agreement", ask.ref("agreement"))),
    Probe("allocation.view", 403, lambda ask: ask.status("own requester", "GET", f"/allocations/{ask.ref('allocation')}/owners")),
    Probe("asset.grade", 403, lambda ask: ask.changed("own editor", f"/assets/{ask.ref('asset')}", {"grade": "important"})),
    Probe("asset_document.view", 404, lambda ask: ask.documents("own requester", "asset", "asset")),
    Probe("closer_look.pass_over", 403, area_look),
    Probe("bundle.view", 404, lambda ask: ask.status("own manager", "DELETE", f"/bundles/{ask.ref('bundle')}")),
    Probe("draft.view", "sign_in_required", unsigned),
    Probe("cobuild.view", 404, foreign_administration),
    Probe("disclosure.trace_all", 0, traced),
    Probe("grant.give", 403, lambda ask: given(ask, "own requester").status_code),
    Probe("grant.order", 403, lambda ask: given(ask, "own manager", ground=WHY).status_code),
    Probe("grant.lift", 403, lifted),
    Probe("listing.edit_open", 403, lambda ask: ask.changed("own editor", f"/listings/{ask.ref('listing')}", {"title": "Mine"})),
    Probe("need_document.view", 404, lambda ask: ask.documents("own manager", "need", "need")),
    Probe("need_merge.view", 404, merge),
    Probe("import.needs_for_all", 1, lambda ask: imported(ask, "Elsewhere")),
    Probe("import.stop", 403, stopped),
    Probe("import.new_organisations", 1, lambda ask: imported(ask, "Unheard of", new_organisations="true")),
)
