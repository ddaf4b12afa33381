"""Matches as people see them: computed when asked, on what the viewer may see, with every reason.

A need's page never shows an older answer than the database; the stored matches of the last run serve lists, counts and owners.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.profiles import Source, get_profile
from app.db.jobs import job_view
from app.db.spatial import bbox
from app.db.work import Reader
from app.engine import ENGINE_VERSION, Explanation, Params, Problem, Stop, explain_each, smallest_change, solve
from app.kernel.errors import fail
from app.kernel.text import Text
from app.kernel.timewindow import Window
from app.listings import Listing
from app.matching.faces import Faces, ListingFace, box_around, faces_around, faces_of, note
from app.matching.fairness import Standing, granted
from app.matching.models import MatchRun, NeedResult
from app.matching.source import OPEN_NEEDS, Scope, load_problem
from app.matching.source_seen import Sight
from app.needs import Need, NeedView, need_detail, needs_by_ids

NEAR_FACTOR = 4
SURELY = 1.02  # a degree of latitude is not everywhere as long as boxes take it to be
NEAREST_MISSES = 10
SHOWN = 50
ANSWER_S = 5.0


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a score: points earned of `weight`. `source`: of a term of policy, where its points come from."""

    name: str
    label: Text
    points: float
    weight: int
    source: Source | None = None

    @property
    def is_policy(self) -> bool:
        return self.source is not None


@dataclass(frozen=True, slots=True)
class ReasonView:
    """`would_do`: of a capacity that falls short, the longest part of the window in which it would do."""

    name: str
    label: Text
    passed: bool
    asked: bool
    stated: bool
    sentence: Text
    would_do: Window | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """One need against one listing. `score`: of the fit, and what policy adds. `change`: the smallest change of the need that would
    make it match, None where nothing would. `uncertain`: computed from a cell of about a kilometre, since the viewer may not know the exact place."""

    listing: ListingFace
    score: float
    matches: bool
    distance_m: float
    terms: tuple[Term, ...]
    reasons: tuple[ReasonView, ...]
    change: Text | None = None
    uncertain: bool = False

    @property
    def policy(self) -> float:
        """Of the score, the points that are the need's own and not this listing's."""
        return sum(term.points for term in self.terms if term.is_policy)

    @property
    def fit(self) -> float:
        """Of 100: how well the listing fits."""
        return self.score - self.policy

    @property
    def failed(self) -> tuple[ReasonView, ...]:
        return tuple(r for r in self.reasons if not r.passed)


@dataclass(frozen=True, slots=True)
class NeedMatches:
    """What was asked for of a need's matches and near misses. `in_reach`, `feasible` and `near_count` count what the viewer may
    see, explained or not; `beyond`: listings farther away than the nearest few thousand, which were not compared. `smallest`: where
    nothing fits, the listing that the smallest change of all wins."""

    need: NeedView
    matches: tuple[Pair, ...]
    near: tuple[Pair, ...]
    in_reach: int
    feasible: int
    engine_version: str
    computed_at: datetime
    beyond: int = 0
    near_count: int = 0
    smallest: Pair | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Which pairs to explain, for explaining is what takes the time: `limit` matches after the first `skip`; near misses always,
    or only where nothing fits."""

    limit: int = SHOWN
    skip: int = 0
    always_near: bool = True


FIRST = Part()


def need_matches(reader: Reader, need_ref: str, part: Part = FIRST) -> NeedMatches:
    """Matches and near misses of a need, best first. Farther than its reach is looked only where nothing within it fits."""
    return matches_of(reader, inside_need(reader, need_ref), part)


def matches_of(reader: Reader, need: NeedView, part: Part = FIRST) -> NeedMatches:
    """`need_matches` of a need that the viewer sees whole."""
    found = _matched(reader, need, need.radius_m, part)
    return found if found.feasible else _matched(reader, need, need.radius_m * NEAR_FACTOR, part, is_last=True)


def _matched(reader: Reader, need: NeedView, metres: float, part: Part, *, is_last: bool = False) -> NeedMatches:
    """The need against what seems to stand within `metres`. `is_last`: nothing fits nearer by, so the smallest change is sought."""
    around = faces_around(reader, need.kind, need.geometry, metres)
    faces = around.faces if is_last else reached(need, around.faces, metres)
    if not faces:
        return NeedMatches(need, (), (), 0, 0, ENGINE_VERSION, reader.now)
    problem = problem_of(reader, need, faces)
    params = Params(top_k=max(part.skip + part.limit, 1), near_k=NEAREST_MISSES, near_reach=NEAR_FACTOR, threads=1)
    result = solve(problem, params, Stop(deadline_s=ANSWER_S), 0)
    ids, feasible = problem.listings.id.tolist(), int(result.feasible[0])
    wanted = list(result.by_need.of(0))[part.skip : part.skip + part.limit]
    policy = policy_terms(need)
    start, end = int(result.near.ptr[0]), int(result.near.ptr[1])
    missed = result.near.listing[start:end].tolist() if part.always_near or not feasible else []
    faces.tell(ids[listing] for listing in (*(listing for listing, _, _ in wanted), *missed))
    explained = explain_each(problem, 0, [listing for listing, _, _ in wanted])
    matches = tuple(pair_of(problem, one, faces[ids[one.listing]], policy) for one in explained)
    near = tuple(near_of(problem, one, faces[ids[one.listing]], policy) for one in explain_each(problem, 0, missed))
    from_afar = end > start or need.shape != "route"  # a way that runs far off would be another need
    smallest = _smallest(problem, faces, policy) if is_last and from_afar and not feasible else None
    for pair in (*matches, *near, *((smallest,) if smallest else ())):
        note(reader, pair.listing)
    counts = int(result.in_reach[0]), feasible
    return NeedMatches(need, matches, near, *counts, ENGINE_VERSION, reader.now, around.beyond, end - start, smallest)


def reached(need: NeedView, faces: Faces, metres: float) -> Faces:
    """Without what is surely beyond `metres` of the need: most of what is around it, and no near miss where something fits. A route may
    bend out of its box."""
    if need.shape == "route":
        return faces
    return faces.within(shapely.box(*box_around(need.geometry, metres * SURELY + 1)))


def _smallest(problem: Problem, faces: Mapping[int, ListingFace], policy: tuple[Term, ...]) -> Pair | None:
    """What the smallest change of the one need wins, over all listings."""
    change = smallest_change(problem, 0)
    if change is None:
        return None
    found = explain_each(problem, 0, [change.listing])[0]
    pair = pair_of(problem, found, faces[int(problem.listings.id[change.listing])], policy)
    return replace(pair, change=change.sentence)


def match_pair(reader: Reader, need_ref: str, listing_ref: str) -> Pair:
    """Why, or why not: one need against one listing, however far apart. Both must be visible to the viewer."""
    need, face = inside_need(reader, need_ref), listing_face(reader, listing_ref)
    if face.kind != need.kind:
        raise fail("not_found")
    note(reader, face)
    problem = problem_of(reader, need, {face.id: face})
    found = explain_each(problem, 0, [0])[0]
    policy = policy_terms(need)
    return (pair_of if found.matches else near_of)(problem, found, face, policy)


def inside_need(reader: Reader, ref: str) -> NeedView:
    """The need, whose matches are for its own organisation, the administration, regulators and evaluators."""
    need = need_detail(reader, ref)
    if not need.is_internal:
        raise fail("not_found")
    return need


def problem_of(reader: Reader, need: NeedView, faces: Mapping[int, ListingFace]) -> Problem:
    scope = Scope(kind=need.kind, listing_ids=list(faces), need_ids=[need.id])
    if isinstance(faces, Faces):
        return load_problem(reader.session, scope, lambda listing: Sight(*faces.seen(listing)))
    return load_problem(reader.session, scope, lambda listing: Sight(faces[listing].geometry, faces[listing].tier))


def policy_terms(need: NeedView) -> tuple[Term, ...]:
    """What the profile gives this need, the same beside every listing."""
    profile = get_profile(need.organisation.profile)
    given = granted(profile, Standing(need.purpose, need.submitted_on, need.round_opens_on, need.round_closes_on))
    return tuple(Term(g.term.term, g.term.label, g.milli / 1000, g.term.points, g.term.source) for g in given)


def pair_of(problem: Problem, found: Explanation, face: ListingFace, policy: tuple[Term, ...]) -> Pair:
    own = tuple(
        Term(r.criterion.name, r.criterion.label, r.points / 1000, r.criterion.weight)
        for r in found.reasons
        if r.criterion.weight
    )
    terms = own + policy
    reasons = tuple(
        ReasonView(r.criterion.name, r.criterion.label, r.passed, r.asked, r.stated, r.sentence, _window(r.spell))
        for r in found.reasons
    )
    return Pair(face, found.score / 1000, found.matches, found.distance_mm / 1000, terms, reasons, None, not face.is_exact)


def _window(days: tuple[int, int] | None) -> Window | None:
    return None if days is None else Window(date.fromordinal(days[0]), date.fromordinal(days[1]))


def near_of(problem: Problem, found: Explanation, face: ListingFace, policy: tuple[Term, ...]) -> Pair:
    """A pair that fails, with the smallest change that would win it."""
    pair = pair_of(problem, found, face, policy)
    change = smallest_change(problem, 0, found.listing)
    return replace(pair, change=change.sentence) if change is not None else pair


@dataclass(frozen=True, slots=True)
class ListingNeed:
    """A need that a listing fits, for its owner. Hidden needs are only counted; of one that is seen roughly neither score nor
    distance is told."""

    need: NeedView
    score: float | None
    distance_m: float | None


@dataclass(frozen=True, slots=True)
class ListingNeeds:
    results: tuple[ListingNeed, ...]
    hidden: int


def listing_face(reader: Reader, ref: str) -> ListingFace:
    """One listing as the actor may see it, or `not_found`."""
    number = reader.session.scalar(select(Listing.id).where(Listing.ref == ref))
    found = faces_of(reader, [number]) if number is not None else {}
    if number is None or number not in found:
        raise fail("not_found")
    return found[number]


def listing_needs(reader: Reader, listing_ref: str) -> ListingNeeds:
    """The needs that match a listing, for its owner and by its exact place: those it may see, and how many it may not. Best first;
    then those whose place it sees roughly, without score and distance, and in no order that would tell them."""
    listing = reader.session.scalar(select(Listing).where(Listing.ref == listing_ref))
    if listing is None or listing.owner_id not in reader.actor.subtree:
        raise fail("not_found")
    rows = _exact_needs(reader, listing) if listing.status == "published" else []
    visible = needs_by_ids(reader, [need_id for need_id, _, _ in rows])
    exact = [ListingNeed(visible[n], s / 1000, d / 1000) for n, s, d in rows if n in visible and visible[n].is_exact]
    rough = [ListingNeed(need, None, None) for _, need in sorted(visible.items()) if not need.is_exact]
    return ListingNeeds((*exact, *rough), len(rows) - len(visible))


def _exact_needs(reader: Reader, listing: Listing) -> list[tuple[int, int, int]]:
    """(need id, score, distance in mm) of the open needs that the listing serves, best first."""
    is_open = (Need.kind == listing.kind, Need.status.in_(OPEN_NEEDS))
    reach = reader.session.scalar(select(func.max(Need.radius_m)).where(*is_open)) or 0.0
    near = reader.session.scalars(select(Need.id).where(*is_open, bbox(Need.geom, *box_around(listing.geom, reach + 1)))).all()
    if not near:
        return []
    problem = load_problem(reader.session, Scope(kind=listing.kind, listing_ids=[listing.id], need_ids=list(near)))
    params = Params(top_k=1, listing_top_k=SHOWN, near_k=0, threads=1)
    result = solve(problem, params, Stop(deadline_s=ANSWER_S), 0)
    needs = problem.needs.id.tolist()
    return [(needs[need], score, distance) for need, score, distance in result.by_listing.of(0)]


def match_counts(reader: Reader, need_ids: list[int]) -> dict[int, int]:
    """Stored counts of feasible listings by need, for lists of needs."""
    statement = select(NeedResult.need_id, NeedResult.feasible).where(NeedResult.need_id.in_(need_ids))
    return dict(reader.session.execute(statement).all())


@dataclass(frozen=True, slots=True)
class RunView:
    """A stored run."""

    ref: str
    scope: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    engine_version: str
    input_hash: str | None
    answer_hash: str | None
    seed: int
    params: dict[str, object]
    listings: int
    needs: int
    matches: int
    matched_needs: int
    rejections: dict[str, object]
    timings: dict[str, object]
    message: str | None
    percent: int | None
    is_stored: bool  # it can be compared

    @property
    def is_partial(self) -> bool:
        """It matched what had changed, not everything."""
        return "changes_to" in self.params


def run_view(session: Session, run: MatchRun) -> RunView:
    job = job_view(session, run.job_id) if run.job_id is not None and run.status == "running" else None
    return RunView(
        run.ref,
        run.scope,
        run.status,
        run.started_at,
        run.finished_at,
        run.engine_version,
        run.input_hash,
        run.answer_hash,
        run.seed,
        dict(run.params),
        run.listings,
        run.needs,
        run.matches,
        run.matched_needs,
        dict(run.rejections),
        dict(run.timings),
        run.message,
        job.progress if job else None,
        run.step is not None,
    )


def run_list(reader: Reader, limit: int = 50) -> list[RunView]:
    """The newest runs first."""
    reader.permit("match_run.list")
    return [
        run_view(reader.session, run)
        for run in reader.session.scalars(select(MatchRun).order_by(MatchRun.id.desc()).limit(limit))
    ]


def run_detail(reader: Reader, ref: str) -> RunView:
    reader.permit("match_run.list")
    run = reader.session.scalar(select(MatchRun).where(MatchRun.ref == ref))
    if run is None:
        raise fail("not_found")
    return run_view(reader.session, run)
