"""The pages that a biologist can read: of a run, of an ablation, of named pictures; and their figures in words."""
