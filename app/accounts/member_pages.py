"""Pages of belonging: invite, accept, change and end memberships; agents."""

from __future__ import annotations

from datetime import date

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response

from app.accounts import rules
from app.accounts.agencies import EndAgency, GrantAgency, end_agency, grant_agency
from app.accounts.blueprint import blueprint
from app.accounts.members import (
    Accept,
    ChangeMember,
    EndMembership,
    InvitationView,
    Invite,
    Leave,
    WithdrawInvitation,
    accept,
    change_member,
    end_membership,
    invitation,
    invite,
    leave,
    withdraw_invitation,
)
from app.accounts.organisation_pages import back, refused
from app.accounts.passwords import hash_password
from app.accounts.people import DeactivatePerson, deactivate_person
from app.accounts.signin import sign_out
from app.kernel.actor import Role
from app.kernel.errors import DomainError, fail
from app.web.execute import ask, bus, current_actor, execute
from app.web.formatting import current_locale
from app.web.forms import field_errors, typed, typed_list
from app.web.limits import limiter
from app.web.policy import policy


@blueprint.post("/organisations/<ref>/invitations")
@limiter.limit("30 per hour")
@policy("member.invite")
def member_invite(ref: str) -> Response | tuple[str, int]:
    link = current_app.config["SETTINGS"].base_url + url_for("accounts.invitation_page", secret="")
    try:
        execute(invite, Invite(ref, typed("email"), typed("role"), tuple(typed_list("regions")), link))
    except DomainError as error:
        return refused(ref, error)
    return back(ref, _("The invitation is on its way to %(email)s.", email=typed("email")))


@blueprint.post("/organisations/<ref>/invitations/<invitation>/withdraw")
@policy("member.invite")
def invitation_withdraw(ref: str, invitation: str) -> Response:
    execute(withdraw_invitation, WithdrawInvitation(ref, invitation))
    return back(ref, _("The invitation is withdrawn."))


@blueprint.post("/organisations/<ref>/members/<membership>")
@policy("member.invite")
def member_change(ref: str, membership: str) -> Response | tuple[str, int]:
    try:
        execute(change_member, ChangeMember(ref, membership, typed("role"), tuple(typed_list("regions"))))
    except DomainError as error:
        return refused(ref, error)
    return back(ref, _("Saved."))


@blueprint.post("/organisations/<ref>/members/<membership>/end")
@policy("member.end")
def member_end(ref: str, membership: str) -> Response | tuple[str, int]:
    try:
        execute(end_membership, EndMembership(ref, membership))
    except DomainError as error:
        return refused(ref, error)
    return back(ref, _("The membership is ended."))


@blueprint.post("/organisations/<ref>/leave")
@policy("account.edit")
def leave_organisation(ref: str) -> Response:
    execute(leave, Leave(ref))
    if current_actor().organisation_ref == ref:
        sign_out()
        flash(_("You left the organisation. Sign in again to act for another."), "ok")
        return redirect(url_for("accounts.sign_in"), 303)
    flash(_("You left the organisation."), "ok")
    return redirect(url_for("accounts.account"), 303)


@blueprint.post("/people/<ref>/deactivate")
@policy("person.deactivate")
def person_deactivate(ref: str) -> Response:
    execute(deactivate_person, DeactivatePerson(ref))
    flash(_("The account is closed."), "ok")
    return redirect(url_for("accounts.organisations"), 303)


@blueprint.get("/invitation/", defaults={"secret": ""})
@blueprint.get("/invitation/<secret>")
@policy("session.start")
def invitation_page(secret: str) -> str:
    return _invitation(ask(invitation, secret), secret, {})


@blueprint.post("/invitation/<secret>")
@limiter.limit("10 per minute", key_func=get_remote_address)
@policy("session.start")
def invitation_accept(secret: str) -> Response | tuple[str, int]:
    view, name, password = ask(invitation, secret), typed("name"), request.form.get("password", "")
    password_hash = None
    if not view.has_account:
        wrong = [*rules.name_problems(name), *rules.password_problems(password, view.email)]
        if wrong:
            return _invitation(view, secret, field_errors(fail("invalid", wrong))), 422
        password_hash = hash_password(password)
    execute(accept, Accept(secret, name, current_locale(), password_hash))
    flash(_("Welcome. Sign in now."), "ok")
    return redirect(url_for("accounts.sign_in"), 303)


def _invitation(view: InvitationView, secret: str, errors: dict[str, str]) -> str:
    name = view.organisation_zh if view.organisation_zh and current_locale().startswith("zh") else view.organisation
    return render_template(
        "accounts/invitation.html",
        view=view,
        organisation=name,
        role=rules.ROLE_NAMES[Role(view.role)],
        secret=secret,
        errors=errors,
        name=typed("name"),
    )


@blueprint.post("/organisations/<ref>/agents")
@policy("agency.grant")
def agency_grant(ref: str) -> Response | tuple[str, int]:
    try:
        if not typed("agent"):
            raise fail("invalid", rules.choice_problems("", (), "/agent"))
        starts = _day("starts") or bus().today()
        execute(grant_agency, GrantAgency(ref, typed("agent"), starts, _day("ends"), tuple(typed_list("regions"))))
    except DomainError as error:
        return refused(ref, error)
    return back(ref, _("The agent may act for this organisation now."))


@blueprint.post("/organisations/<ref>/agents/<agency>/end")
@policy("agency.end")
def agency_end(ref: str, agency: str) -> Response:
    execute(end_agency, EndAgency(ref, agency))
    return back(ref, _("The agency is ended."))


def _day(name: str) -> date | None:
    """A day as the browser sends it. Raises `invalid` naming the field."""
    written = typed(name)
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise fail(
            "invalid", [rules.problem(f"/{name}", "Give a day as 2027-01-31.", "请按 2027-01-31 的格式填写日期。")]
        ) from None
