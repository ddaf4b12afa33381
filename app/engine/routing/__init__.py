"""Routes over the ducts and cables of several owners: stitch a network, ask it. Pure; see docs/engine-routes.md."""

from app.engine.routing.answer import DIVERSITIES, Answer, Ask, Leg, PairAnswer, Route
from app.engine.routing.budget import Limits
from app.engine.routing.loss import UDB, Joints, assumed_splices, attenuation_db_km
from app.engine.routing.network import BUILD, HANDOVER, SPAN, Network
from app.engine.routing.obstacle import APART, CAPACITY, LENGTH, LOSS, Obstacle
from app.engine.routing.query import route
from app.engine.routing.router import Router, Topology
from app.engine.routing.shared_risk import Exposure
from app.engine.routing.spans import Chamber, Meeting, SpanRow
from app.engine.routing.stitch import ASKER, Stitched, stitch

__all__ = [
    "APART",
    "ASKER",
    "BUILD",
    "CAPACITY",
    "DIVERSITIES",
    "HANDOVER",
    "LENGTH",
    "LOSS",
    "SPAN",
    "UDB",
    "Answer",
    "Ask",
    "Chamber",
    "Exposure",
    "Joints",
    "Leg",
    "Limits",
    "Meeting",
    "Network",
    "Obstacle",
    "PairAnswer",
    "Route",
    "Router",
    "SpanRow",
    "Stitched",
    "Topology",
    "assumed_splices",
    "attenuation_db_km",
    "route",
    "stitch",
]
