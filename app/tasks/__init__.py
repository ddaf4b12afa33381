"""The inbox of tasks: what waits for an organisation, by when and why, who has taken it, and how it reaches a calendar or a mailbox."""
