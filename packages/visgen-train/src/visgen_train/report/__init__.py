"""One page about a run that a biologist can read."""
