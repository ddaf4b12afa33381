"""The room of saved searches: what a person looks for again and again, and who tells them of what is new."""
