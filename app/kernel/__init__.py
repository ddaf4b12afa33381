"""The pure vocabulary of the product: no web, no database, no clock of its own."""
