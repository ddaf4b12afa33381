"""What the platform's administrator looks after: work in the background that has failed."""
