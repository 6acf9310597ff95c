"""Does the comparison itself work? Simulated sets whose truth is known, each put through an ablation."""
