"""From the engine's edges to legs that name their owner, and from its risks to words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from app.accounts import OrganisationName
from app.engine.routing import ASKER, HANDOVER, SPAN, UDB, Exposure, Leg, Route, Stitched
from app.kernel.text import Text
from app.matching.routing import views
from app.matching.routing.question import RouteQuestion
from app.matching.routing.risks import RiskView
from app.matching.routing.spans import Ground
from app.matching.routing.terms import joints_of
from app.matching.routing.views import LegView, RouteView, SectionView

KIND_WORDS = {SPAN: views.SPAN, HANDOVER: views.HANDOVER}
SITE = Text("A site of {owners}", "{owners}的站点")


def ends_udb(made: Stitched, question: RouteQuestion) -> int:
    """What light loses at the two ends of a route; nothing where there is no fibre."""
    return joints_of(question).ends_udb if any(span.db_km for span in made.spans) else 0


@dataclass(frozen=True)
class Telling:
    """One network and what is known of its parts. `owners`: names by id, of owners and of the heads of their trees."""

    made: Stitched
    ground: Ground
    owners: Mapping[int, OrganisationName]
    question: RouteQuestion

    def route(self, found: Route, key: str) -> RouteView:
        fibre = any(span.db_km for span in self.made.spans)
        legs = tuple(self._leg(leg, fibre) for leg in found.legs)
        free = [section.free for leg in legs for section in leg.sections]
        return RouteView(
            key,
            legs,
            found.length_mm / 1000,
            found.price_minor,
            found.loss_udb / UDB if fibre else None,
            min(free) if free else None,
            found.within,
            bool(self.made.rough[found.edges].any()),
        )

    def _leg(self, leg: Leg, fibre: bool) -> LegView:
        network = self.made.network
        after = int(network.owner[leg.nodes[-1]])
        sections = self.sections(leg.edges)
        shown = {section.face.owner.id: section.face.owner for section in sections}
        owner = next(iter(shown.values())) if len(shown) == 1 else self.owners.get(leg.owner)
        return LegView(
            KIND_WORDS.get(leg.kind, views.BUILD),
            owner,
            self.owners.get(after) if leg.kind == HANDOVER else None,
            sections,
            leg.length_mm / 1000,
            leg.price_minor,
            leg.loss_udb / UDB if fibre else None,
            self.geometry(leg),
            bool(self.made.rough[leg.edges].any()),
        )

    def sections(self, edges: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[SectionView, ...]:
        """The listings that some edges are sections of, each once, in order."""
        rows = [int(self.made.network.span[e]) for e in edges if self.made.network.span[e] >= 0]
        ids = dict.fromkeys(self.made.spans[row].id for row in rows)
        ground = self.ground
        return tuple(
            SectionView(ground.faces[i], ground.free[i], i in ground.on_request, i in ground.own, i in ground.kept) for i in ids
        )

    def geometry(self, leg: Leg) -> shapely.Geometry:
        """Where a leg runs: its sections as disclosed, the straight line for what is built, the place of a handover."""
        if leg.kind == SPAN:
            return shapely.line_merge(shapely.MultiLineString([self.made.sections[int(e)].line for e in leg.edges]))
        places = [self.place(int(node)) for node in leg.nodes]
        return shapely.Point(places[0]) if leg.kind == HANDOVER or len(set(places)) < 2 else shapely.LineString(places)

    def place(self, node: int) -> tuple[float, float]:
        return float(self.made.network.lon[node]), float(self.made.network.lat[node])

    def risks(self, exposure: Exposure, hosts: Mapping[int, RiskView]) -> tuple[RiskView, ...]:
        """What an exposure holds, in words: hosts first, then sections, then sites."""
        found = [hosts[int(self.made.risk_ids[r])] for r in exposure.risks if int(self.made.risk_ids[r]) in hosts]
        for section in self.sections(exposure.edges):
            face = section.face
            found.append(RiskView(Text(face.title, face.title), face.kind, face.owner, face.ref, face.geometry))
        found += [view for site in exposure.sites if (view := self._site(int(site))) is not None]
        return tuple(found)

    def _site(self, site: int) -> RiskView | None:
        nodes = np.flatnonzero((self.made.network.site == site) & (self.made.network.owner != ASKER))
        if not len(nodes):
            return None
        owners = [self.owners[int(o)] for o in dict.fromkeys(self.made.network.owner[nodes].tolist()) if int(o) in self.owners]
        title = SITE.format(
            owners=Text(", ".join(one.in_("en") for one in owners), "、".join(one.in_("zh_CN") for one in owners))
        )
        return RiskView(title, None, owners[0] if owners else None, None, shapely.Point(self.place(int(nodes[0]))))
