"""The register of physical things. What other rooms may use of it is listed here."""

from __future__ import annotations

from app.assets.models import Asset, AssetHost

__all__ = ["Asset", "AssetHost"]
