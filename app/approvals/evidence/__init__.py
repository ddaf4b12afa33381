"""The evidence of one agreement as a zip that verifies itself, on any machine with Python and nothing else."""
