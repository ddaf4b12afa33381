"""Demo data: an invented story in a real city with its true boundaries. On top of everything; owns no rule."""
