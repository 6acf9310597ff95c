"""Genetic distances between species, one method a file, in a table by name.

>>> import sgt_dna
>>> texts = ["ACGTACGTAAC", "ACGTACGTAAC", "TTGACGTACGT"]
>>> records = [sgt_dna.Record(f"r{row}", "", text) for row, text in enumerate(texts)]
>>> labels = {"r0": "Aus albus", "r1": "Aus niger", "r2": "Bus ruber"}
>>> species_distances(records, labels, "kmer").matrix
array([[0. , 0. , 0.6],
       [0. , 0. , 0.6],
       [0.6, 0.6, 0. ]])
"""

from visgen_train.genetics.distances.comparison import spearman
from visgen_train.genetics.distances.result import SpeciesDistances
from visgen_train.genetics.distances.species import METHODS, species_distances

__all__ = ["METHODS", "SpeciesDistances", "spearman", "species_distances"]
