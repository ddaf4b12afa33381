"""The room of approvals."""
