"""Co-construction in the top bar, and the page of a group for inboxes and histories."""

from __future__ import annotations

from flask import Flask

from app.kernel.text import Text
from app.web.execute import current_actor
from app.web.shell import NavLink, add_links
from app.web.subjects import subject_page


def init(app: Flask) -> None:
    def signed_in() -> bool:
        return not current_actor().is_anonymous

    subject_page("cobuild_group", "cobuilding.show")
    add_links(
        app,
        NavLink(
            "cobuilding.index",
            Text("Groups and gaps", "共建组与缺口"),
            "cobuilding",
            order=35,
            visible=signed_in,
            menu="together",
        ),
    )
