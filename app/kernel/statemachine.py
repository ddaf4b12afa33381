"""The life of a thing as a table: states, actions, and what each action does.

A feature's `rules.py` declares one `Machine` and asks it; nothing else decides whether a move is legal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.kernel.errors import fail
from app.kernel.text import Text

Transition = tuple[frozenset[str], str]


@dataclass(frozen=True, slots=True)
class Machine:
    """`states` and `labels` (of actions) are words for people; `transitions`: action → (states it may start from, state it leads
    to).

    `subject` names the thing in messages ("The agreement"). A declaration that contradicts itself is refused at import."""

    name: str
    subject: Text
    states: Mapping[str, Text]
    transitions: Mapping[str, Transition]
    labels: Mapping[str, Text]
    initial: str
    final: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for complaint in _contradictions(self):
            raise ValueError(f"machine {self.name}: {complaint}")

    def move(self, state: str, action: str) -> str:
        """The state after `action`, or `illegal_transition` in words of both languages."""
        sources, target = self.transitions[action]
        if state not in sources:
            raise fail("illegal_transition", subject=self.subject, state=self.states[state], action=self.labels[action])
        return target

    def allows(self, state: str, action: str) -> bool:
        return state in self.transitions[action][0]

    def actions(self, state: str) -> tuple[str, ...]:
        """The actions that `state` allows, in the order of declaration."""
        return tuple(action for action in self.transitions if self.allows(state, action))

    def matrix(self) -> Iterator[tuple[str, str, str | None]]:
        """Every state × action with the state it leads to, None where illegal: for tests of the whole table."""
        for state in self.states:
            for action, (sources, target) in self.transitions.items():
                yield state, action, target if state in sources else None


def _contradictions(machine: Machine) -> Iterator[str]:
    states = set(machine.states)
    used = {machine.initial} | set(machine.final)
    for sources, target in machine.transitions.values():
        used |= sources | {target}
    if unknown := used - states:
        yield f"undeclared states {sorted(unknown)}"
    if unlabelled := set(machine.transitions) ^ set(machine.labels):
        yield f"actions and labels differ in {sorted(unlabelled)}"
    if leaving := sorted(s for s in machine.final if machine.actions(s)):
        yield f"final states {leaving} can be left"
    if lost := states - _reachable(machine):
        yield f"states {sorted(lost)} cannot be reached"
    if stuck := sorted(s for s in states - machine.final if not machine.actions(s)):
        yield f"states {stuck} cannot be left and are not final"


def _reachable(machine: Machine) -> set[str]:
    reached, front = {machine.initial}, [machine.initial]
    while front:
        state = front.pop()
        for sources, target in machine.transitions.values():
            if state in sources and target not in reached:
                reached.add(target)
                front.append(target)
    return reached
