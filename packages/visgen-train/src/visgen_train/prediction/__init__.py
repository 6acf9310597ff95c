"""A trained run put to use: which species new pictures and new sequences are of, and when to say none of these."""
