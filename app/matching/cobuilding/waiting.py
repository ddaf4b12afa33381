"""Tasks of building together: consents to give, exemptions from the same-place rule to decide."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from app.db.work import Reader
from app.kernel.permission import OFFICERS, WRITERS, within
from app.kernel.text import Text
from app.matching.cobuilding.models import CobuildConsent, CobuildExemption, CobuildGroup, CobuildMember
from app.matching.cobuilding.queries import regions_watched
from app.needs import Need
from app.web.waiting import Waiting, task_kind

CONSENT = task_kind("cobuild.consent", Text("Say whether you build together", "答复是否参与共建"), WRITERS)
EXEMPT = task_kind("cobuild.exempt", Text("Decide an exemption from the same-place rule", "裁定同址规则豁免"), OFFICERS)
SUBJECT = "cobuild_group"
LATEST_START = Text("the latest start of the group's needs", "共建组需求的最迟开工日期")


def to_consent(reader: Reader) -> Iterator[Waiting]:
    """One task for each organisation of the reader's that is in a proposed group and has not consented."""
    mine = reader.actor.subtree
    found = (
        select(CobuildGroup, CobuildMember.organisation_id, Need.title)
        .join(CobuildMember, CobuildMember.group_id == CobuildGroup.id)
        .join(Need, Need.id == CobuildMember.need_id)
        .outerjoin(
            CobuildConsent,
            (CobuildConsent.group_id == CobuildGroup.id)
            & (CobuildConsent.organisation_id == CobuildMember.organisation_id)
            & CobuildConsent.withdrawn_at.is_(None),
        )
        .where(CobuildGroup.status == "proposed", CobuildMember.organisation_id.in_(mine), CobuildConsent.id.is_(None))
        .order_by(CobuildGroup.id, Need.id)
    )
    titles: dict[int, list[str]] = {}
    first: dict[int, tuple[CobuildGroup, int]] = {}
    for group, organisation_id, title in reader.session.execute(found):
        first.setdefault(group.id, (group, organisation_id))
        titles.setdefault(group.id, []).append(title)
    for number, (group, organisation_id) in first.items():
        yield Waiting(
            CONSENT,
            SUBJECT,
            group.ref,
            " · ".join(titles[number]),
            organisation_id,
            group.created_at,
            group.region,
            due_on=group.start_until,
            why=LATEST_START,
        )


def to_exempt(reader: Reader) -> Iterator[Waiting]:
    regions = regions_watched(reader)
    if not regions or reader.actor.organisation_id is None:
        return
    found = select(CobuildExemption, CobuildGroup).join(CobuildGroup, CobuildGroup.id == CobuildExemption.group_id)
    for case, group in reader.session.execute(found.where(CobuildExemption.status == "requested")):
        if within(group.region, regions):
            yield Waiting(
                EXEMPT,
                SUBJECT,
                group.ref,
                case.grounds,
                reader.actor.organisation_id,
                case.requested_at,
                group.region,
                case.requested_by,
            )


WAITING = [to_consent, to_exempt]
