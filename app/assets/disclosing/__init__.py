"""Access to hidden assets: closer looks asked for, grants given by owners, orders of regulators, exemptions."""
