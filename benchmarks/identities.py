"""Identities among the sequences of a file, between species, within them and along the gene, as rows of a table.

``python benchmarks/identities.py SEQUENCES`` prints quantiles. Pairs are aligned end to end with the scores of
blastn; identity is the share of equal bases where both have one.
"""

import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
from Bio.Align import PairwiseAligner
from visgen_train.data.sequences import read_sequences

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
WINDOW = 50
MOST = 10
"""Sequences of a species that are compared with its first."""


def equal_bases(first: str, second: str) -> np.ndarray:
    """Whether the bases are equal, for each place of the alignment where both sequences have one."""
    rows = np.array(PairwiseAligner(scoring="blastn").align(first, second)[0]).view("S1")
    both = (rows != b"-").all(0)
    return rows[0, both] == rows[1, both]


def windows(equal: np.ndarray) -> np.ndarray:
    """Identity in each window along an alignment."""
    whole = len(equal) // WINDOW * WINDOW
    return equal[:whole].reshape(-1, WINDOW).mean(1)


def main(path: Path) -> None:
    """Print a row of quantiles for each question."""
    records, labels = read_sequences(path)
    species = defaultdict(list)
    for record in records:
        species[labels[record.id]].append(record.sequence.upper())
    between = [equal_bases(a[0], b[0]) for a, b in combinations(species.values(), 2)]
    within = [equal_bases(own[0], other).mean() for own in species.values() for other in own[1 : MOST + 1]]
    rows = {
        "identity between species": [equal.mean() for equal in between],
        f"the same in windows of {WINDOW} bases": np.concatenate([windows(equal) for equal in between]),
        "identity within species": within,
        "length, median of a species": [np.median([len(text) for text in own]) for own in species.values()],
    }
    print(f"{path}: {len(species)} species, {len(records)} sequences")
    for name, values in rows.items():
        print(f"| {name} |", " | ".join(f"{value:.4g}" for value in np.quantile(values, QUANTILES)), "|")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
