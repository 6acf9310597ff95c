"""Everything that is wrong with a collection, found at once and before any training: `visgen check`."""
