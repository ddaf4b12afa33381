"""The pages of needs: entries and needs lists. The page of one need, with its matches, is in matching."""

from app.needs import entry_pages as entry_pages
from app.needs import round_pages as round_pages
from app.needs.blueprint import blueprint as blueprint
