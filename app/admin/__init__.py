"""The room of admin."""
