"""Surveys on site: either party asks, a day is set, the result is recorded with its report. The owner's clocks stand meanwhile
where the profile says so, and where it sets a time for the survey that runs for what the requester asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.access import clocks
from app.access.evidence import check_attached
from app.access.models import AccessRequest, Survey
from app.access.rules import ANSWERABLE, REQUEST
from app.access.service import event_of, load, touch, units_of
from app.db.work import UnitOfWork
from app.kernel.errors import Problem, fail
from app.kernel.text import Text

PAUSED = (clocks.ANSWER, clocks.ESCALATION)


@dataclass(frozen=True, slots=True)
class AskSurvey:
    """`held_on`: a day that is proposed."""

    ref: str
    reason: str
    held_on: date | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class DateSurvey:
    ref: str
    held_on: date
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class RecordSurvey:
    """`attachment_ref`: the report, attached to the request before."""

    ref: str
    result: str
    attachment_ref: str
    held_on: date | None = None
    seen_version: int | None = None


def ask_survey(work: UnitOfWork, command: AskSurvey) -> int:
    """Ask for a survey while the request waits for its answer. Who may: managers of either party. Raises `survey_open`."""
    request = load(work, command.ref, "access.survey", command.seen_version)
    _check_waiting(request)
    if open_survey(work, request) is not None:
        raise fail("survey_open")
    asked_by = request.owner_id if request.owner_id in work.actor.subtree else request.requester_id
    survey = Survey(
        request_id=request.id,
        asked_by=asked_by,
        reason=_said(command.reason, "/reason"),
        status="dated" if command.held_on else "asked",
        held_on=command.held_on,
        created_at=work.now,
    )
    work.session.add(survey)
    clocks.pause(work, request, "joint_survey", *PAUSED)
    if asked_by == request.requester_id:
        clocks.start(work, request, clocks.SURVEY, request.owner_id, units_of(work, request))
    return _told(work, request, "survey_asked", {"reason": survey.reason, "held_on": _day(survey.held_on)})


def date_survey(work: UnitOfWork, command: DateSurvey) -> int:
    """Set or move the day. Raises `no_open_survey`."""
    request = load(work, command.ref, "access.survey", command.seen_version)
    survey = _the_open(work, request)
    before = survey.held_on
    survey.status, survey.held_on, survey.updated_at = "dated", command.held_on, work.now
    return _told(work, request, "survey_dated", {"held_on": _day(survey.held_on)}, {"held_on": _day(before)})


def record_survey(work: UnitOfWork, command: RecordSurvey) -> int:
    """Record what the survey found, with its report: the clocks go on, and an estimate falls due where the profile asks for one.
    Raises `no_open_survey`, `reason_missing`, `refusal_evidence_missing`."""
    request = load(work, command.ref, "access.survey", command.seen_version)
    survey = _the_open(work, request)
    result = _said(command.result, "/result")
    check_attached(work, request, {command.attachment_ref}, ("survey",))
    survey.status, survey.result, survey.attachment_ref = "done", result, command.attachment_ref
    survey.held_on = command.held_on or survey.held_on or work.today
    survey.done_at = survey.updated_at = work.now
    clocks.resume(work, request, *PAUSED)
    clocks.stop(work, request, clocks.SURVEY)
    if request.status in ANSWERABLE:
        clocks.end(work, request, clocks.ESTIMATE)  # of an earlier survey
        clocks.start(work, request, clocks.ESTIMATE, request.owner_id, units_of(work, request))
    facts = {"result": result, "held_on": _day(survey.held_on), "report": command.attachment_ref}
    return _told(work, request, "survey_recorded", facts)


def open_survey(work: UnitOfWork, request: AccessRequest) -> Survey | None:
    return work.session.scalar(select(Survey).where(Survey.request_id == request.id, Survey.status.in_(("asked", "dated"))))


def _the_open(work: UnitOfWork, request: AccessRequest) -> Survey:
    survey = open_survey(work, request)
    if survey is None:
        raise fail("no_open_survey")
    return survey


def _check_waiting(request: AccessRequest) -> None:
    if request.status not in ANSWERABLE:
        words = Text("survey", "勘察")
        raise fail("illegal_transition", subject=REQUEST.subject, state=REQUEST.states[request.status], action=words)


def _said(words: str, pointer: str) -> str:
    if not words.strip():
        raise fail("reason_missing", [Problem("required", Text("Say it in your own words.", "请填写。"), pointer=pointer)])
    return words.strip()


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _told(
    work: UnitOfWork,
    request: AccessRequest,
    action: str,
    after: dict[str, str | None],
    before: dict[str, str | None] | None = None,
) -> int:
    touch(work, request)
    work.emit(event_of(request, action, before or {}, after))
    return request.version
