"""Collects what features contribute to a home: every `home_cards.py` of the package, found once."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import app as package
from app.db.work import Reader
from app.web.cards import Card, HomeCard


@cache
def contributed() -> tuple[Card, ...]:
    """The card functions of all features, in the order of their names."""
    names = sorted(f"app.{found.name}.home_cards" for found in pkgutil.iter_modules(package.__path__) if found.ispkg)
    return tuple(card for name in names if find_spec(name) for card in import_module(name).CARDS)


def home_cards(reader: Reader, cards: tuple[Card, ...] | None = None) -> list[HomeCard]:
    """The cards that concern the reader: what waits first, then what is empty, each in its order."""
    made = [card(reader) for card in (contributed() if cards is None else cards)]
    found = [card for card in made if card is not None]
    return sorted(found, key=lambda card: (not card.count, card.order))
