"""Who should build together: unserved needs in groups, what each member gains, and the consents that open a group to its members."""
