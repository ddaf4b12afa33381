"""The room of disclosure."""
