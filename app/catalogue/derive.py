"""Effective attributes: what the owner states, completed by the kind's derivations. Everything that compares an asset reads
these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.catalogue.declaration import AssetKind
from app.catalogue.profiles import Profile


def effective_attributes(kind: AssetKind, attributes: Mapping[str, Any], profile: Profile | None) -> dict[str, Any]:
    """The attributes with every derivation of `kind` applied where no value is stated.

    `profile`: of the asset's jurisdiction; without one, a rule that needs it promises nothing."""
    complete = dict(attributes)
    for derivation in kind.derived:
        if complete.get(derivation.attribute) is None:
            value = derivation.rule(complete, profile)
            if value is not None:
                complete[derivation.attribute] = value
    return complete


def derived_names(kind: AssetKind, attributes: Mapping[str, Any]) -> frozenset[str]:
    """The attributes of `kind` that are not stated and would be derived."""
    return frozenset(d.attribute for d in kind.derived if attributes.get(d.attribute) is None)
