"""Builds the engine's problem from the register, runs it, keeps the matches. The only room that imports the engine."""

from app.matching.models import Match, MatchRun, NeedResult

__all__ = ["Match", "MatchRun", "NeedResult"]
