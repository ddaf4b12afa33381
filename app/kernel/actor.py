"""Who acts: a person, in a role, for an organisation, perhaps as the agent of another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.kernel.text import Text


class Role(StrEnum):
    """What a membership allows within its organisation's subtree and regions."""

    ADMIN = "admin"  # members, tokens, settings of the organisation; and all a manager may
    MANAGER = "manager"  # lists, asks, answers, signs
    EDITOR = "editor"  # prepares drafts; publishes and signs nothing
    VIEWER = "viewer"
    OFFICER = "officer"  # of a regulator: decides
    EVALUATOR = "evaluator"  # read-only: indicators and evidence
    ADMINISTRATOR = "administrator"  # of the platform


@dataclass(frozen=True, slots=True)
class Competence:
    """What a regulator may decide: an authority over sectors and kinds of host in a set of regions."""

    organisation_id: int
    authority: str  # "communications" | "sector"
    level: str  # "national" | "province" | "prefecture"
    sectors: frozenset[str]
    regions: frozenset[str]
    host_kinds: frozenset[str] = frozenset()  # empty: any


@dataclass(frozen=True, slots=True)
class Actor:
    """The principal of one use case. `organisation_id` is who is acted for; `agent_id` the agent's own organisation."""

    user_id: int | None = None
    user_ref: str | None = None
    name: str = ""
    organisation_id: int | None = None
    organisation_ref: str | None = None
    organisation_name: str = ""
    organisation_name_zh: str | None = None
    sector: str | None = None
    roles: frozenset[Role] = frozenset()
    subtree: frozenset[int] = frozenset()  # organisations reached: own and below
    regions: frozenset[str] = frozenset()  # empty: everywhere
    competences: tuple[Competence, ...] = ()
    agent_id: int | None = None
    agent_name: str | None = None
    agent_name_zh: str | None = None
    scopes: frozenset[str] | None = None  # of an API token; None: a person's session
    locale: str = "en"
    authenticated_at: datetime | None = None  # when the person last gave a password, of this session or with this call
    is_system: bool = False

    @property
    def on_behalf(self) -> Text:
        """The organisation acted for, with its agent where there is one, in both languages."""
        zh, agent_zh = self.organisation_name_zh or self.organisation_name, self.agent_name_zh or self.agent_name
        if self.agent_name is None:
            return Text(self.organisation_name, zh)
        return Text(f"{self.organisation_name} ({self.agent_name})", f"{zh}（{agent_zh}代办）")

    @property
    def is_anonymous(self) -> bool:
        return self.user_id is None and not self.is_system

    @property
    def is_administrator(self) -> bool:
        return Role.ADMINISTRATOR in self.roles

    @property
    def is_evaluator(self) -> bool:
        return Role.EVALUATOR in self.roles


ANONYMOUS = Actor()
SYSTEM = Actor(name="system", is_system=True)
