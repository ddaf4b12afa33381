"""Pages of organisations: the administrator's list, one organisation, its form, its competences and its place in the tree."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import rules
from app.accounts.blueprint import blueprint
from app.accounts.organisation_queries import Filter, OrganisationView, organisation_list, organisation_options, organisation_view
from app.accounts.organisations import (
    CreateOrganisation,
    EditOrganisation,
    EndCompetence,
    Governed,
    GrantCompetence,
    SetStatus,
    create,
    edit,
    end_competence,
    grant,
    set_status,
)
from app.catalogue.profiles import all_profiles
from app.catalogue.regions import LEVEL_NAMES
from app.catalogue.sectors import SECTORS
from app.kernel.errors import DomainError, fail
from app.kernel.text import Text
from app.web.execute import ask, current_actor, execute
from app.web.formatting import text
from app.web.forms import field_errors, typed, typed_list
from app.web.pagination import asked, links
from app.web.policy import may, policy

PAGE_SIZE = 50
SHOWN_ERRORS = ("invalid", "parent_loop", "unknown_profile", "role_not_granted", "already_member", "agency_exists", "last_admin")
STATUS_NAMES = {"active": Text("Active", "正常"), "deactivated": Text("Deactivated", "已停用")}


def options(names: dict[str, Text]) -> list[tuple[str, str]]:
    return [(code, text(name)) for code, name in names.items()]


def sector_options() -> list[tuple[str, str]]:
    return [(sector.code, text(sector.label)) for sector in SECTORS.values()]


@blueprint.get("/organisations")
@policy("organisation.manage")
def organisations() -> str:
    wanted = Filter(*(request.args.get(name, "").strip() for name in ("q", "sector", "kind", "status")))
    page = ask(organisation_list, wanted, asked(PAGE_SIZE))
    following, previous = links(page)
    return render_template(
        "accounts/organisations.html",
        page=page,
        wanted=wanted,
        following=following,
        previous=previous,
        sectors=sector_options(),
        kinds=options(rules.KIND_NAMES),
        statuses=options(STATUS_NAMES),
    )


@blueprint.get("/organisation")
@policy("site.use")
def own_organisation() -> Response:
    ref = current_actor().organisation_ref
    return redirect(url_for("accounts.organisation", ref=ref) if ref else url_for("accounts.account"))


@blueprint.get("/organisations/<ref>")
@policy("organisation.view")
def organisation(ref: str) -> tuple[str, int]:
    return show(ref)


def show(ref: str, errors: dict[str, str] | None = None, status: int = 200) -> tuple[str, int]:
    """The page of an organisation, perhaps with what was wrong in one of its forms."""
    view: OrganisationView = ask(organisation_view, ref)
    governs, leads = may("organisation.govern", view.subject), may("agency.grant", view.subject)
    return render_template(
        "accounts/organisation.html",
        view=view,
        row=view.row,
        errors=errors or {},
        typed=request.form,
        governs=governs,
        leads=leads,
        edits=may("organisation.edit", view.subject),
        invites=may("member.invite", view.subject),
        roles=[(role.value, f"{text(rules.ROLE_NAMES[role])}{_(': ')}{text(rules.ROLE_HELP[role])}") for role in view.roles],
        role_names=[(role.value, text(rules.ROLE_NAMES[role])) for role in view.roles],
        sectors=sector_options(),
        others=[pair for pair in ask(organisation_options) if pair[0] != ref] if leads else [],
        authorities=options(rules.AUTHORITY_NAMES),
        levels=[(level, text(LEVEL_NAMES[level])) for level in rules.COMPETENCE_LEVELS],
        level_names=LEVEL_NAMES,
        status_names=STATUS_NAMES,
    ), status


def refused(ref: str, error: DomainError) -> tuple[str, int]:
    """Show the organisation again with the refusal beside the form, or pass on what no form can mend."""
    if error.code not in SHOWN_ERRORS:
        raise error
    return show(ref, field_errors(error), int(error.type.status))


def back(ref: str, said: str) -> Response:
    flash(said, "ok")
    return redirect(url_for("accounts.organisation", ref=ref), 303)


@blueprint.get("/organisations/new")
@policy("organisation.create")
def organisation_new() -> str:
    return _form(None, {}, {})


@blueprint.post("/organisations/new")
@policy("organisation.create")
def organisation_create() -> Response | tuple[str, int]:
    try:
        ref = execute(
            create,
            CreateOrganisation(
                typed("name"),
                _governed(),
                typed("name_zh") or None,
                typed("short_name") or None,
                typed("home_region") or None,
            ),
        )
    except DomainError as error:
        if error.code not in SHOWN_ERRORS:
            raise
        return _form(None, request.form, field_errors(error)), 422
    return back(ref, _("The organisation is added. Invite its first administrator."))


@blueprint.get("/organisations/<ref>/edit")
@policy("organisation.edit")
def organisation_edit(ref: str) -> str:
    view: OrganisationView = ask(organisation_view, ref)
    if not may("organisation.edit", view.subject):
        raise fail("forbidden")
    row = view.row
    values = {
        "name": row.name,
        "name_zh": row.name_zh,
        "short_name": view.short_name,
        "home_region": row.home_region,
        "sector": row.sector_code,
        "kind": row.kind_code,
        "profile": row.profile,
        "parent": view.parent.ref if view.parent else None,
        "version": view.version,
    }
    return _form(view, values, {})


@blueprint.post("/organisations/<ref>/edit")
@policy("organisation.edit")
def organisation_edit_post(ref: str) -> Response | tuple[str, int]:
    version = typed("version")
    command = EditOrganisation(
        ref,
        int(version) if version.isdigit() else 0,
        typed("name"),
        typed("name_zh") or None,
        typed("short_name") or None,
        typed("home_region") or None,
        _governed() if may("organisation.manage") else None,
    )
    try:
        execute(edit, command)
    except DomainError as error:
        if error.code not in SHOWN_ERRORS:
            raise
        return _form(ask(organisation_view, ref), request.form, field_errors(error)), 422
    return back(ref, _("Saved."))


def _governed() -> Governed:
    return Governed(typed("sector"), typed("kind"), typed("profile"), typed("parent") or None)


def _form(view: OrganisationView | None, values: object, errors: dict[str, str]) -> str:
    governs = may("organisation.manage")
    return render_template(
        "accounts/organisation_form.html",
        view=view,
        values=values,
        errors=errors,
        governs=governs,
        sectors=sector_options(),
        kinds=options(rules.KIND_NAMES),
        profiles=[(p.code, text(p.name)) for p in all_profiles()] if governs else [],
        parents=ask(organisation_options) if governs else [],
    )


@blueprint.post("/organisations/<ref>/status")
@policy("organisation.govern")
def organisation_status(ref: str) -> Response | tuple[str, int]:
    wanted = "active" if typed("status") == "active" else "deactivated"
    try:
        execute(set_status, SetStatus(ref, wanted))
    except DomainError as error:
        return refused(ref, error)
    return back(
        ref,
        _("The organisation is active again.")
        if wanted == "active"
        else _("The organisation is deactivated: nobody acts for it."),
    )


@blueprint.post("/organisations/<ref>/competences")
@policy("organisation.govern")
def competence_grant(ref: str) -> Response | tuple[str, int]:
    command = GrantCompetence(
        ref,
        typed("authority"),
        typed("level"),
        tuple(request.form.getlist("sectors")),
        tuple(typed_list("regions")),
        tuple(typed_list("host_kinds")),
    )
    try:
        execute(grant, command)
    except DomainError as error:
        return refused(ref, error)
    return back(ref, _("The competence is granted."))


@blueprint.post("/organisations/<ref>/competences/<competence>/end")
@policy("organisation.govern")
def competence_end(ref: str, competence: str) -> Response:
    execute(end_competence, EndCompetence(ref, competence))
    return back(ref, _("The competence is ended."))
