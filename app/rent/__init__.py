"""Rent by formula: who is on an asset when, what each pays from which day, statements that reconcile line by line."""
