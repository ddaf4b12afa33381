"""Builds the engine's problem from the register, runs it, keeps the matches. The only room that imports the engine."""

from app.matching.models import Match, MatchRun, NeedResult
from app.matching.queries import Pair, listing_needs, match_counts, match_pair, need_matches

__all__ = ["Match", "MatchRun", "NeedResult", "Pair", "listing_needs", "match_counts", "match_pair", "need_matches"]
