"""Boards: what an owner, a requester and who oversees can see in numbers. Reads across features, owns no rule of theirs; every number
counts only what the reader may see."""
