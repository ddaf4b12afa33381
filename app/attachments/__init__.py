"""The room of attachments."""
