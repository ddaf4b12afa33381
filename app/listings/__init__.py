"""The room of listings: offers on assets. What other rooms may use is exported here; importing it puts the ledger behind the
register."""

from __future__ import annotations

from app.assets import install_capacity_book
from app.listings.book import LedgerBook
from app.listings.bulk import BulkListing, delete_imported, insert_listings
from app.listings.filters import ListingFilter, Near
from app.listings.mark import WORLD, mark_of
from app.listings.models import Listing
from app.listings.queries import (
    HiddenCell,
    ListingDetail,
    ListingPage,
    ListingRow,
    Opened,
    hidden_cells,
    list_listings,
    listing_detail,
    listings_of,
)
from app.listings.rules import LIFE, STATUSES
from app.listings.service import CreateListing, EditListing, ListingTerms, MoveListing, create_listing, edit_listing, move_listing

install_capacity_book(LedgerBook())

__all__ = [
    "LIFE",
    "STATUSES",
    "WORLD",
    "BulkListing",
    "CreateListing",
    "EditListing",
    "HiddenCell",
    "Listing",
    "ListingDetail",
    "ListingFilter",
    "ListingPage",
    "ListingRow",
    "ListingTerms",
    "MoveListing",
    "Near",
    "Opened",
    "create_listing",
    "delete_imported",
    "edit_listing",
    "hidden_cells",
    "insert_listings",
    "list_listings",
    "listing_detail",
    "listings_of",
    "mark_of",
    "move_listing",
]
