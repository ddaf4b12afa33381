"""Routes on the map: a line for each leg, the place of each handover, A and B. Words and figures only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import shapely

from app.accounts import OrganisationName
from app.kernel.text import Text
from app.matching.routing.question import RouteQuestion
from app.matching.routing.views import BUILD, HANDOVER, LegView, RouteAnswer, RouteView
from app.web.geojson import geometry_json
from app.web.i18n import current_locale

TO_BUILD = Text("To be built", "待新建")
JOINT = Text("Joint of {owner}", "{owner}接头")
HANDED = Text("Handover from {one} to {other}", "由{one}交接至{other}")
SEVERAL = Text("Several organisations", "多家单位")


def leg_id(route: RouteView, number: int) -> str:
    """What list and map call the same leg."""
    return f"{route.key}-{number}"


def marks(answer: RouteAnswer, shown: RouteView | None) -> list[dict[str, Any]]:
    """The legs of the route that is shown and, where it is one of a pair, of the other; what is in the way; the ends."""
    found = list(_ends(answer.question))
    pair = answer.pair
    beside: RouteView | None = None
    if pair is not None and shown is not None and pair.second is not None:
        beside = {"first": pair.second, "second": pair.first}.get(shown.key)
    for route, state in ((beside, "near"), (shown, "fits")):
        if route is not None:
            found += [_leg(route, number, leg, state, answer.question.asset_kind.hue) for number, leg in enumerate(route.legs)]
    if answer.obstacle is not None and answer.obstacle.geometry is not None:
        found.append(
            {
                "id": "obstacle",
                "label": answer.obstacle.sentence.in_(current_locale()),
                "state": "near",
                "geometry": geometry_json(answer.obstacle.geometry),
            }
        )
    if pair is not None and not pair.diverse:
        found += [
            {
                "id": f"shared-{number}",
                "label": risk.title.in_(current_locale()),
                "state": "near",
                "geometry": geometry_json(risk.geometry),
            }
            for number, risk in enumerate(pair.shared)
            if risk.geometry is not None
        ]
    return found


def _ends(question: RouteQuestion) -> Iterator[dict[str, Any]]:
    for name, end in (("A", question.start), ("B", question.goal)):
        yield {"id": f"end-{name}", "lon": end.lon, "lat": end.lat, "label": end.label or name, "state": "mine"}


def _leg(route: RouteView, number: int, leg: LegView, state: str, hue: str) -> dict[str, Any]:
    mark: dict[str, Any] = {
        "id": leg_id(route, number),
        "label": words(leg),
        "state": "cell" if leg.rough else state,
        "href": f"#{leg_id(route, number)}",
    }
    if isinstance(leg.geometry, shapely.Point):
        return mark | {"lon": leg.geometry.x, "lat": leg.geometry.y}
    return mark | {"geometry": geometry_json(leg.geometry), "hue": hue}


def words(leg: LegView) -> str:
    """A leg in a few words."""
    return _told(leg).in_(current_locale())


def _told(leg: LegView) -> Text:
    if leg.kind == BUILD:
        return TO_BUILD
    if leg.owner is None:
        return SEVERAL
    owner = name_of(leg.owner)
    if leg.kind != HANDOVER or leg.next_owner is None:
        return owner
    return (
        JOINT.format(owner=owner)
        if leg.owner.id == leg.next_owner.id
        else HANDED.format(one=owner, other=name_of(leg.next_owner))
    )


def name_of(owner: OrganisationName) -> Text:
    return Text(owner.in_("en"), owner.in_("zh_CN"))
