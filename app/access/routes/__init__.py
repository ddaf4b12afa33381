"""A request by route: one request, one leg for each owner on the way, an agreement only when every leg stands."""
