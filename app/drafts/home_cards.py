"""Home: the reader's own unfinished forms, while there are any."""

from __future__ import annotations

from app.db.work import Reader
from app.drafts.queries import unfinished_forms
from app.kernel.text import Text
from app.web.cards import SHOWN, HomeCard, HomeRow, page_url


def unfinished(reader: Reader) -> HomeCard | None:
    forms = unfinished_forms(reader)
    if not forms:
        return None
    rows = tuple(
        HomeRow(one.title or one.what, one.href, one.what if one.title else "", one.kept_until.date()) for one in forms[:SHOWN]
    )
    return HomeCard(
        Text("Forms that you did not finish", "未完成的表单"),
        len(forms),
        Text("None.", "无。"),
        rows,
        page_url("drafts.index"),
        50,
    )


CARDS = [unfinished]
