"""The ledger in fifty lines: what is claimed of three positions and six kilograms, on which days. No database, no cleverness."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from app.kernel.timewindow import Window


@dataclass(frozen=True, slots=True)
class Part:
    holder: str
    kind: str
    slot: int | None
    amount: int
    window: Window
    expires: datetime | None = None


def days(window: Window) -> list[date]:
    return [window.start + timedelta(days=n) for n in range(window.length_days)]


@dataclass
class Model:
    slots: int = 3
    kg: int = 6
    parts: list[Part] = field(default_factory=list)

    def taken(self, day: date) -> int:
        return sum(part.amount for part in self.parts if part.slot is None and day in part.window)

    def free_slots(self, window: Window) -> list[int]:
        busy = {part.slot for part in self.parts if part.window.overlaps(window)}
        return [slot for slot in range(1, self.slots + 1) if slot not in busy]

    def take(
        self, holder: str, kind: str, slots: int, kg: int, window: Window, expires: datetime | None = None, high: bool = False
    ) -> bool:
        free = self.free_slots(window)
        if slots + kg == 0 or len(free) < slots or any(self.taken(day) + kg > self.kg for day in days(window)):
            return False
        chosen: list[int | None] = [*sorted(free, reverse=high)[:slots]]
        self.parts += [Part(holder, kind, slot, 1, window, expires) for slot in chosen]
        self.parts += [Part(holder, kind, None, kg, window, expires)] if kg else []
        return True

    def convert(self, holder: str, kind: str, now: datetime, expires: datetime | None) -> bool:
        mine = [part for part in self.parts if part.holder == holder]
        if not mine or any(part.expires is not None and part.expires <= now for part in mine):
            return False
        self.parts = [replace(p, kind=kind, expires=expires) if p in mine else p for p in self.parts]
        return True

    def drop(self, holder: str) -> None:
        self.parts = [part for part in self.parts if part.holder != holder]

    def expire(self, now: datetime) -> None:
        self.parts = [part for part in self.parts if part.expires is None or part.expires > now]

    def lower(self, slots: int, kg: int) -> bool:
        fits = all(self.taken(day) <= kg for part in self.parts for day in days(part.window))
        if not fits or any((part.slot or 0) > slots for part in self.parts):
            return False
        self.slots, self.kg = slots, kg
        return True
