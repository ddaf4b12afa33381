"""The room of maps."""
