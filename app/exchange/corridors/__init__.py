"""Corridor layers from files: read lines of any vector format, hand them to the rooms that lay trenches along them."""
