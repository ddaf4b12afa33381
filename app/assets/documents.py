"""Documents on an asset: test reports, drawings, consents. Only for the people of its owner; no face of an asset includes
them."""

from __future__ import annotations

from sqlalchemy import select

from app.assets.facts import subject_of
from app.assets.models import Asset
from app.attachments import register_subject
from app.db.work import Reader
from app.kernel.errors import fail
from app.kernel.permission import Relation, Subject, policy

policy("asset_document.view", Relation.OWNER)


def documented(reader: Reader, ref: str) -> Subject:
    """The facts of an asset for the policies of its documents, or `not_found`."""
    asset = reader.session.scalar(select(Asset).where(Asset.ref == ref))
    if asset is None:
        raise fail("not_found")
    return subject_of(asset)


def init() -> None:
    register_subject("asset", documented, view="asset_document.view", attach="asset.edit")
