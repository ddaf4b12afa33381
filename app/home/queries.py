"""A home: the cards and the figures of the reader."""

from __future__ import annotations

from dataclasses import dataclass

from app.db.work import Reader
from app.home.cards import home_cards
from app.home.figures import figures
from app.web.cards import Figure, HomeCard


@dataclass(frozen=True, slots=True)
class Home:
    cards: tuple[HomeCard, ...]
    figures: tuple[Figure, ...]

    @property
    def waiting(self) -> int:
        """How many things the reader is expected to act on."""
        return sum(card.count for card in self.cards if card.waits)


def home(reader: Reader) -> Home:
    reader.permit("site.use")
    return Home(tuple(home_cards(reader)), tuple(figures(reader)))
