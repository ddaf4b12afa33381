"""Builds the engine's problem from the register, runs it, keeps the matches. The only room that imports the engine."""

from app.matching.models import Match, MatchRun, NeedResult
from app.matching.queries import Pair, listing_needs, match_counts, match_pair, need_matches
from app.matching.routing.queries import find_routes, need_question
from app.matching.routing.question import MOST_ALTERNATIVES, MOST_MINOR, RouteQuestion
from app.matching.routing.schemas import ANSWER as ROUTE_ANSWER
from app.matching.routing.schemas import answer_json as route_answer_json
from app.matching.routing.views import RouteAnswer, RouteView, SectionView

__all__ = [
    "MOST_ALTERNATIVES",
    "MOST_MINOR",
    "ROUTE_ANSWER",
    "Match",
    "MatchRun",
    "NeedResult",
    "Pair",
    "RouteAnswer",
    "RouteQuestion",
    "RouteView",
    "SectionView",
    "find_routes",
    "listing_needs",
    "match_counts",
    "match_pair",
    "need_matches",
    "need_question",
    "route_answer_json",
]
