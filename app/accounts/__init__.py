"""Organisations in a tree, people, memberships, competences, agencies, credentials. What other features may use is exported here."""

from __future__ import annotations

from app.accounts.acting import actor_again
from app.accounts.directory import (
    OrganisationName,
    administration_of,
    all_organisations,
    competences,
    names,
    organisation_by_ref,
    people_names,
    subtree_ids,
)
from app.accounts.models import Organisation
from app.accounts.service import create_organisation

__all__ = [
    "Organisation", "OrganisationName", "actor_again", "administration_of", "all_organisations", "competences", "create_organisation", "names",
    "organisation_by_ref", "people_names", "subtree_ids",
]
