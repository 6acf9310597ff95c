"""Whole experiments, from what the user brings to figures with intervals."""
