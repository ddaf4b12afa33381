"""Routes over the ducts and cables that a viewer may see: the question, the network it is asked of, the answer in words."""
