"""Organisations in a tree, people, memberships, competences, agencies, credentials. What other features may use is exported
here."""

from __future__ import annotations

from app.accounts.acting import actor_again
from app.accounts.again import is_fresh, prove_in_session, require_fresh
from app.accounts.directory import (
    Officer,
    OrganisationName,
    above_ids,
    administration_of,
    all_organisations,
    colleagues_of,
    competences,
    mailbox_of,
    names,
    officers_of,
    organisation_by_ref,
    organisation_ref,
    people_names,
    person_ref,
    subtree_ids,
)
from app.accounts.models import Organisation, User
from app.accounts.service import add_membership, create_organisation, create_person, grant_competence

__all__ = [
    "Officer",
    "Organisation",
    "OrganisationName",
    "User",
    "above_ids",
    "actor_again",
    "add_membership",
    "administration_of",
    "all_organisations",
    "colleagues_of",
    "competences",
    "create_organisation",
    "create_person",
    "grant_competence",
    "is_fresh",
    "mailbox_of",
    "names",
    "officers_of",
    "organisation_by_ref",
    "organisation_ref",
    "people_names",
    "person_ref",
    "prove_in_session",
    "require_fresh",
    "subtree_ids",
]
