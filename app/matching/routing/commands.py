"""`flask match route`: a route on everything that is listed, as the platform sees it."""

from __future__ import annotations

from datetime import datetime

import click

from app.kernel.actor import SYSTEM
from app.kernel.money import format_money
from app.matching.commands import group
from app.matching.routing.queries import find_routes
from app.matching.routing.question import End, RouteQuestion, line_kinds
from app.matching.routing.views import RouteView
from app.web.execute import bus


def _place(context: click.Context, parameter: click.Parameter, value: str) -> End:
    try:
        lon, lat = (float(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter("expected lon,lat in degrees") from None
    return End(lon, lat)


@group.command("route")
@click.option("--kind", type=click.Choice([kind.name for kind in line_kinds()]), required=True)
@click.option("--from", "start", callback=_place, required=True, help="lon,lat")
@click.option("--to", "goal", callback=_place, required=True, help="lon,lat")
@click.option("--quantity", type=click.IntRange(1), default=1, show_default=True)
@click.option("--window", type=(click.DateTime(["%Y-%m-%d"]), click.DateTime(["%Y-%m-%d"])), required=True, help="FIRST END")
@click.option("--loss-db", type=float, default=None, help="Loss budget.")
@click.option("--diversity", type=click.Choice(["none", "edge", "node", "risk"]), default="risk", show_default=True)
def route(
    kind: str, start: End, goal: End, quantity: int, window: tuple[datetime, datetime], loss_db: float | None, diversity: str
) -> None:
    """The best route from A to B, the pair that fails apart, or what stands in the way."""
    question = RouteQuestion(
        kind,
        start,
        goal,
        quantity,
        window[0].date(),
        window[1].date(),
        loss_budget_db=loss_db,
        diversity=diversity,
    )
    found = bus().ask(find_routes, SYSTEM, question)
    for number, one in enumerate(found.routes, 1):
        _tell(f"route {number}", one, question.currency)
    if found.obstacle is not None:
        click.echo(f"no route: {found.obstacle.sentence.en}")
    if found.pair is not None and found.pair.diverse and found.pair.second is not None:
        click.echo(f"diverse pair, {'proven the cheapest' if found.pair.proven else 'not proven the cheapest'}:")
        _tell("  first", found.pair.first, question.currency)
        _tell("  second", found.pair.second, question.currency)
    elif found.pair is not None:
        named = ", ".join(risk.title.en for risk in found.pair.unavoidable or found.pair.shared)
        click.echo(
            f"no diverse pair: every route shares {named}" if found.pair.unavoidable else f"no pair found: {named} is shared"
        )


def _tell(name: str, one: RouteView, currency: str) -> None:
    owners = " + ".join(owner.name for owner in one.owners)
    loss = "" if one.loss_db is None else f", {one.loss_db:.2f} dB"
    click.echo(f"{name}: {one.length_m:,.0f} m, {format_money(one.price_minor, currency, 'en')}{loss}, over {owners or 'nobody'}")


GROUPS = ()
