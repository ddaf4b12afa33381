"""Proofs that run as commands: `make prove-capacity` and `make prove-faults`. docs/proofs.md says what each of them shows."""
