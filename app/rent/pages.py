"""Pages of rent: what it is and why, the statements, one statement to print or take away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.errors import DomainError
from app.kernel.timewindow import day_after
from app.rent.export import KINDS, workbook
from app.rent.paper import statement_paper
from app.rent.queries import rent_of, statement
from app.rent.service import IssueStatement, issue_statement
from app.web.execute import ask, execute
from app.web.forms import day_typed, field_errors, version_typed
from app.web.i18n import current_locale
from app.web.papers import as_file, base_url
from app.web.policy import policy

blueprint = Blueprint("rent", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {"line_kinds": KINDS}


@blueprint.get("/agreements/<ref>/rent")
@policy("rent.view")
def show(ref: str) -> str:
    return _page(ref, {}, {})


def _page(ref: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    return render_template("rent/show.html", view=ask(rent_of, ref), values=values, errors=errors)


@blueprint.post("/agreements/<ref>/rent")
@policy("rent.bill")
def issue(ref: str) -> AnyResponse | tuple[str, int]:
    """Issue the statement up to and including the day that was typed."""
    try:
        last = day_typed("last")
        made = execute(issue_statement, IssueStatement(ref, day_after(last) if last else None, version_typed()))
    except DomainError as error:
        if int(error.type.status) not in (409, 412, 422):
            raise
        return _page(ref, dict(request.form), field_errors(error, until="last")), 422
    flash(_("Issued. The other party sees it now; what turns out otherwise later is taken back on the next statement."), "ok")
    return redirect(url_for("rent.show_statement", ref=made.refs[0]), 303)


@blueprint.get("/statements/<ref>")
@policy("rent.view")
def show_statement(ref: str) -> str:
    return render_template("rent/statement.html", view=ask(statement, ref))


@blueprint.get("/statements/<ref>/statement.pdf")
@policy("rent.view")
def statement_document(ref: str) -> Response:
    """The statement as a paper, in the language of the page or of `?lang=`."""
    return as_file(ask(statement_paper, ref, request.args.get("lang") or current_locale(), base_url()))


@blueprint.get("/statements/<ref>/statement.xlsx")
@policy("rent.view")
def statement_file(ref: str) -> Response:
    view = ask(statement, ref)
    headers = {"Content-Disposition": f'attachment; filename="statement-{view.row.ref}.xlsx"'}
    return Response(workbook(view), mimetype=XLSX, headers=headers)
