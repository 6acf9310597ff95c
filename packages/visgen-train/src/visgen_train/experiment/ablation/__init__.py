"""Recipes, targets and seeds side by side: whether the DNA helped (`visgen ablate`, `visgen run --features`)."""
