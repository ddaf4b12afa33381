"""Changing many listings at once: what is to change, what it would do to each, carrying it out and taking it back."""
