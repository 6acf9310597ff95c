"""What the DNA contributes: anchors of species and controls in their place, distances, words of sequences."""
