"""The room of listings: offers on assets. What other rooms may use is exported here; importing it puts the ledger behind the
register."""

from __future__ import annotations

from app.assets import install_capacity_book
from app.listings.book import LedgerBook
from app.listings.bulk import BulkListing, close_imported, delete_imported, insert_listings, open_imported
from app.listings.explore import search_words
from app.listings.filters import ListingFilter, public_conditions
from app.listings.hidden import HiddenCell, hidden_cells
from app.listings.mark import WORLD, mark_of
from app.listings.models import Listing
from app.listings.place import Near
from app.listings.queries import (
    ListingDetail,
    ListingPage,
    ListingRow,
    Opened,
    Standing,
    list_listings,
    listing_detail,
    listings_of,
    owner_currency,
    rows_by_ids,
    standing,
)
from app.listings.rules import LIFE, STATUSES
from app.listings.search import Search, args_of, kept_query, read_search, tile_filter
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
    "Search",
    "Standing",
    "args_of",
    "close_imported",
    "create_listing",
    "delete_imported",
    "edit_listing",
    "hidden_cells",
    "insert_listings",
    "kept_query",
    "list_listings",
    "listing_detail",
    "listings_of",
    "mark_of",
    "move_listing",
    "open_imported",
    "owner_currency",
    "public_conditions",
    "read_search",
    "rows_by_ids",
    "search_words",
    "standing",
    "tile_filter",
]
