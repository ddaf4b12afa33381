"""The room of assets."""
