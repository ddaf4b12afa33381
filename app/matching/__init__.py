"""Builds the engine's problem from the register, runs it, keeps the matches. The only room that imports the engine."""

from app.matching.cobuilding.corridors import (
    CORRIDOR_SORTS,
    MOST_CORRIDOR_LINES,
    LayerView,
    LineIn,
    LoadLayer,
    drop_layer,
    layer_list,
    load_layer,
    own_regions,
)
from app.matching.cobuilding.models import CobuildGroup, CobuildMember
from app.matching.models import Match, MatchRun, NeedResult
from app.matching.queries import Pair, Part, listing_needs, match_counts, match_pair, need_matches
from app.matching.routing.queries import find_routes, need_question
from app.matching.routing.question import MOST_ALTERNATIVES, MOST_MINOR, RouteQuestion
from app.matching.routing.schemas import ANSWER as ROUTE_ANSWER
from app.matching.routing.schemas import answer_json as route_answer_json
from app.matching.routing.views import RouteAnswer, RouteView, SectionView

__all__ = [
    "CORRIDOR_SORTS",
    "MOST_ALTERNATIVES",
    "MOST_CORRIDOR_LINES",
    "MOST_MINOR",
    "ROUTE_ANSWER",
    "CobuildGroup",
    "CobuildMember",
    "LayerView",
    "LineIn",
    "LoadLayer",
    "Match",
    "MatchRun",
    "NeedResult",
    "Pair",
    "Part",
    "RouteAnswer",
    "RouteQuestion",
    "RouteView",
    "SectionView",
    "drop_layer",
    "find_routes",
    "layer_list",
    "listing_needs",
    "load_layer",
    "match_counts",
    "match_pair",
    "need_matches",
    "need_question",
    "own_regions",
    "route_answer_json",
]
