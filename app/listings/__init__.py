"""The room of listings."""
