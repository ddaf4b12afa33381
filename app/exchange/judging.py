"""What only the database can say of sound rows: whose they are, where they lie, whether the number is taken, whether this person
may.

Reads only. One query per question, whatever the number of rows; located in arrays.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.accounts import OrganisationName, all_organisations
from app.assets import Asset, cell_regions_of
from app.catalogue.profiles import get_profile
from app.db.work import Reader
from app.disclosure import anchor
from app.exchange.drafts import Draft, RowDraft
from app.exchange.problems import problem
from app.exchange.reading.model import GEOMETRY
from app.exchange.targets import Subject
from app.kernel.errors import DomainError, Problem
from app.kernel.permission import Subject as Facts
from app.needs import Cells, Terms, asked_name, lacking, taken_kinds
from app.regions import get_atlas, locate

COLUMN_OF = {  # what a needs list asks for: the column that states it
    "owner_ref": "reference",
    "budget_minor": "budget",
    "alternative.cost_minor": "alternative_cost",
    "alternative.days": "alternative_days",
}
TERRITORIAL_SEA_M = 12 * 1852.0  # UN Convention on the Law of the Sea, article 3


@dataclass(frozen=True, slots=True)
class Question:
    """What the import is: for whom, by whom, into which list. `profile`: jurisdiction of organisations that the import makes."""

    subject: Subject
    profile: str
    opens: bool = True  # listings: publish them; needs: submit them
    region: str | None = None  # of the needs list
    new_organisations: bool = False
    terms: Terms | None = None  # of the needs list
    invited: frozenset[int] | None = None  # of the needs list, with those below them; None: everybody may enter
    list_version: int | None = None


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A row that can be written. `organisation_id` None: of the new organisation that the draft names."""

    draft: RowDraft
    organisation_id: int | None
    region: str
    cell_region: str | None

    def to_json(self) -> dict[str, Any]:
        stored = self.draft.to_json()
        del stored["wkb"]
        return {**stored, "organisation_id": self.organisation_id, "region": self.region, "cell_region": self.cell_region}


@dataclass
class Judgement:
    rows: list[StagedRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    new_organisations: dict[str, str] = field(default_factory=dict)  # name → sector
    unknown: dict[str, None] = field(default_factory=dict)  # names that nobody has, in the order of the file


@dataclass
class _Owner:
    id: int | None
    profile: str
    sector: str


def judge(reader: Reader, question: Question, draft: Draft) -> Judgement:
    """Split the sound rows of a dry run into those that can be written and what is wrong with the others."""
    return _Judge(reader, question, draft).run()


class _Judge:
    def __init__(self, reader: Reader, question: Question, draft: Draft) -> None:
        self.reader, self.question, self.draft = reader, question, draft
        self.found = Judgement()
        self.bad: set[int] = set()
        self._letters = {
            sheet: {m.target: m.column.letter for m in matches if m.target} for sheet, matches in draft.matches.items()
        }
        self._directory = _directory(reader)
        self._for_all = question.subject is Subject.NEEDS and self._may("import.needs_for_all", Facts(region=question.region))
        self._may_make = question.new_organisations and self._may("import.new_organisations", Facts(region=question.region))

    def run(self) -> Judgement:
        rows = self.draft.rows
        owners = [self._owner(n, row) for n, row in enumerate(rows)]
        regions, cells = self._locate(rows, owners)
        self._permit(rows, owners, regions)
        if self.question.subject is Subject.LISTINGS:
            self._numbers(rows, owners)
        elif self.question.terms is not None:
            self._taken(rows, owners, self.question.terms)
        self.found.rows = [
            StagedRow(row, owner.id, regions[n], cells[n])
            for n, (row, owner) in enumerate(zip(rows, owners, strict=True))
            if n not in self.bad and owner is not None
        ]
        return self.found

    def _fault(self, n: int, code: str, target: str, **values: Any) -> None:
        row = self.draft.rows[n]
        letters = self._letters.get(row.sheet, {})
        column = letters.get(target) or (GEOMETRY if target == "lon" and "lon" not in letters else None)
        self.found.problems.append(problem(code, sheet=row.sheet, row=row.row, column=column, **values))
        self.bad.add(n)

    def _may(self, policy: str, facts: Facts) -> bool:
        try:
            self.reader.permit(policy, facts)
        except DomainError:
            return False
        return True

    def _owner(self, n: int, row: RowDraft) -> _Owner | None:
        """The organisation that the row names, by reference or any of its names."""
        name = str(row.values["organisation"])
        known = self._directory.get(_key(name), [])
        if len(known) == 1:
            return _Owner(known[0].id, known[0].profile, known[0].sector)
        if len(known) > 1:
            self._fault(n, "organisation_ambiguous", "organisation", value=name, refs=", ".join(o.ref for o in known))
        elif self._may_make:
            return self._new_owner(n, row, name)
        else:
            self.found.unknown[name] = None
            self._fault(n, "unknown_organisation", "organisation", value=name)
        return None

    def _new_owner(self, n: int, row: RowDraft, name: str) -> _Owner | None:
        sector = row.values.get("sector") or self.found.new_organisations.get(name)
        if sector is None:
            self._fault(n, "sector_missing", "sector", value=name)
            return None
        first = self.found.new_organisations.setdefault(name, sector)
        if first != sector:
            self._fault(n, "sector_differs", "sector", value=name)
            return None
        return _Owner(None, self.question.profile, sector)

    def _locate(self, rows: Sequence[RowDraft], owners: Sequence[_Owner | None]) -> tuple[list[str], list[str | None]]:
        """Each row's region by its owner's region tree; a stated one serves where the tree has no boundaries."""
        regions: list[str] = [""] * len(rows)
        cells: list[str | None] = [None] * len(rows)
        for profile in {owner.profile for owner in owners if owner is not None}:
            at = [n for n, owner in enumerate(owners) if owner is not None and owner.profile == profile]
            shapes = [rows[n].geometry for n in at]
            fallback = _stated_region(profile)
            for n, region, cell in zip(at, _regions_of(shapes, profile), self._cells(shapes, profile), strict=True):
                regions[n], cells[n] = region or fallback(rows[n].values.get("region")), cell
                if not regions[n]:
                    self._fault(n, "outside_regions", "lon", profile=get_profile(profile).name)
        return regions, cells

    def _cells(self, shapes: Sequence[Any], profile: str) -> Sequence[str | None]:
        return cell_regions_of(shapes, profile) if self.question.subject is Subject.LISTINGS else [None] * len(shapes)

    def _permit(self, rows: Sequence[RowDraft], owners: Sequence[_Owner | None], regions: Sequence[str]) -> None:
        """One decision per organisation and region. What a new organisation is given, its maker may give."""
        decided: dict[tuple[int, str, str], bool] = {}
        for n, owner in enumerate(owners):
            if owner is None or owner.id is None or not regions[n] or self._for_all:
                continue
            grade = str(rows[n].values.get("grade") or "general")
            case = (owner.id, regions[n], grade)
            if case not in decided:
                decided[case] = all(
                    self._may(policy, Facts(owner_id=owner.id, requester_id=owner.id, region=regions[n], status="draft"))
                    for policy in policies(self.question, grade)
                )
            if not decided[case]:
                self._fault(n, "not_yours", "organisation", value=rows[n].values["organisation"])

    def _taken(self, rows: Sequence[RowDraft], owners: Sequence[_Owner | None], terms: Terms) -> None:
        """The list takes the kind, from the organisation, with all that it asks to be stated; a draft may lack that."""
        invited = self.question.invited
        for n, (row, owner) in enumerate(zip(rows, owners, strict=True)):
            if owner is None or n in self.bad:
                continue
            if not terms.takes(row.kind):
                self._fault(n, "list_takes", "kind", kinds=taken_kinds(terms))
            elif invited is not None and owner.id not in invited:
                self._fault(n, "list_invites", "organisation", value=row.values["organisation"])
            elif self.question.opens:
                entry = Cells(row.values, row.values.get("requirements") or {}, row.values.get("alternative"))
                for name in lacking(terms, row.kind, entry):
                    self._fault(n, "list_asks", COLUMN_OF.get(name, name.rpartition(".")[2]), field=asked_name(name, row.kind))

    def _numbers(self, rows: Sequence[RowDraft], owners: Sequence[_Owner | None]) -> None:
        """An owner's own number names one asset of a kind; it may stand on the register already."""
        ids = sorted({owner.id for owner in owners if owner is not None and owner.id is not None})
        registered = select(Asset.owner_id, Asset.kind, Asset.owner_ref).where(
            Asset.owner_id.in_(ids), Asset.owner_ref.is_not(None)
        )
        taken = {(owner_id, kind, reference) for owner_id, kind, reference in self.reader.session.execute(registered)}
        for n, (row, owner) in enumerate(zip(rows, owners, strict=True)):
            reference = row.values.get("owner_ref")
            if owner is not None and owner.id is not None and reference and (owner.id, row.kind, reference) in taken:
                self._fault(n, "reference_taken", "reference", value=reference)


def policies(question: Question, grade: str = "general") -> tuple[str, ...]:
    """What a person must be allowed for a row to become what it should."""
    if question.subject is Subject.NEEDS:
        return ("need.create", "need.submit") if question.opens else ("need.create",)
    opening = ("listing.publish",) if question.opens else ()
    grading = ("asset.grade",) if grade != "general" else ()
    return ("asset.register", "listing.create", *opening, *grading)


def _key(name: str) -> str:
    """Names compare without case, width and doubled spaces; what stands in brackets may tell two branches apart."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _directory(reader: Reader) -> dict[str, list[OrganisationName]]:
    found: dict[str, list[OrganisationName]] = {}
    for organisation in all_organisations(reader.session):
        for word in {_key(w) for w in (organisation.ref, organisation.name, organisation.name_zh) if w}:
            found.setdefault(word, []).append(organisation)
    return found


def _regions_of(shapes: Sequence[Any], profile: str) -> list[str]:
    """The deepest region of each place; one on the water belongs to the nearest land within the territorial sea."""
    points = [anchor(shape) for shape in shapes]
    tree = get_profile(profile).region_tree
    return [str(code) for code in locate([p[0] for p in points], [p[1] for p in points], tree, near_m=TERRITORIAL_SEA_M)]


def _stated_region(profile: str) -> Callable[[Any], str]:
    atlas = get_atlas(get_profile(profile).region_tree)
    without_boundaries = not len(atlas.shapes.codes)
    return lambda stated: str(stated) if stated and without_boundaries and stated in atlas.tree else ""
