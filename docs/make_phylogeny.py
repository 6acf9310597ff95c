"""Draw phylogeny.png: a tree of `visgen phylogeny` with its support values, and the sequences of each species.

Run from the root of the repository: `uv run python docs/make_phylogeny.py sequences.fasta ml/tree.nwk`.
"""

import sys
from collections import Counter
from pathlib import Path

from visgen_train.data.sequences import read_sequences
from visgen_train.report.figures import tree_exhibit
from visgen_train.report.given_tree import given_tree

if __name__ == "__main__":
    sequences, tree = map(Path, sys.argv[1:])
    counts = Counter(read_sequences(sequences)[1].values())
    drawn = given_tree(tree, counts)
    drawn.ladderize()
    figure = tree_exhibit(drawn, counts, "", "sequences").figure
    figure.savefig(Path(__file__).with_name("phylogeny.png"), dpi=110)
