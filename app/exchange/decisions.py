"""What a person decides about an import, as it is kept with the import and as the dry run takes it."""

from __future__ import annotations

from collections.abc import Mapping as Readable
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from app.catalogue.declaration import AssetKind
from app.exchange.fixing import Fix
from app.exchange.mapping import Mapping
from app.exchange.plan import Plan
from app.exchange.targets import Subject


@dataclass(frozen=True, slots=True)
class Decisions:
    """`kind`, `organisation` (reference or name): of rows that name none. `columns`: header → column of ours, None to leave it
    out.
    `values`: column → word → what it means. `opens`: publish the listings, submit the needs. `new_organisations`: make those
    that are not known. `fixes`: cells that were corrected in the page. `currency`: of amounts that name none; None: of the owner's jurisdiction.
    `header_rows`: by sheet, where it is not found by itself. `carried`: of `columns`, the headers that were chosen for before another row
    became the header; they stand where the new one has the same name, and need not be there."""

    kind: str | None = None
    organisation: str | None = None
    crs: str | None = None
    encoding: str | None = None
    currency: str | None = None
    sheets: tuple[str, ...] = ()
    columns: dict[str, str | None] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    opens: bool = True
    new_organisations: bool = False
    fixes: tuple[Fix, ...] = ()
    header_rows: dict[str, int] = field(default_factory=dict)
    carried: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        lists = {"sheets": list(self.sheets), "carried": list(self.carried), "fixes": [fix.to_json() for fix in self.fixes]}
        return asdict(self) | lists

    @classmethod
    def from_json(cls, stored: Readable[str, Any]) -> Decisions:
        known = {f.name for f in fields(cls)}
        given = {name: value for name, value in stored.items() if name in known}
        fixes = tuple(Fix.from_json(fix) for fix in stored.get("fixes") or ())
        lists = {name: tuple(stored.get(name) or ()) for name in ("sheets", "carried")}
        return cls(**{**given, **lists, "fixes": fixes})

    def plan(self, subject: Subject, kinds: tuple[AssetKind, ...], today: date, remembered: Mapping, currency: str) -> Plan:
        """The plan of a dry run: what the person says now stands before what the organisation settled before."""
        mapping = Mapping(dict(remembered.columns), {k: dict(v) for k, v in remembered.values.items()}, dict(self.defaults))
        for header, target in self.columns.items():
            mapping.set(header, target)
        for name, words in self.values.items():
            mapping.values.setdefault(name, {}).update(words)
        named = tuple(header for header, target in self.columns.items() if target is not None and header not in self.carried)
        return Plan(
            subject,
            kinds,
            today,
            kind=self.kind,
            organisation=self.organisation,
            crs=self.crs,
            currency=self.currency or currency,
            mapping=mapping,
            sheets=frozenset(self.sheets) or None,
            mapped=named,
        )
