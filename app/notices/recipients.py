"""To whom a mail for an organisation goes. `notices` knows no people: whoever keeps them provides the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Recipient:
    email: str
    name: str
    locale: str


Provider = Callable[[Session, int], Sequence[Recipient]]
_providers: list[Provider] = []


def provide_recipients(provider: Provider) -> None:
    """Register who knows the people of an organisation that can act on a notice."""
    if provider not in _providers:
        _providers.append(provider)


def recipients(session: Session, organisation_id: int) -> list[Recipient]:
    """Each address once, in the order of the providers."""
    found = {one.email: one for provider in _providers for one in provider(session, organisation_id)}
    return list(found.values())
