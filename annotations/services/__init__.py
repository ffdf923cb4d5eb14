"""Use cases and their transactions. Edges call one of these and serialise its answer."""
