"""Who should get what when not everybody can: runs of the allocation over a needs list, their scenarios, and what they answer.

Builds an `AllocationProblem` from what matching says, stores the answer with its bound. It changes no need and no listing.
"""
