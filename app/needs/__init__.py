"""The room of needs."""
