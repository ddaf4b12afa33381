"""What the field declares: sectors, regions, kinds of asset, tiers, jurisdiction profiles. Pure data and lookups."""
