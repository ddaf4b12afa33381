"""The room of access."""
