"""Embed DNA sequences with the Sequence Graph Transform over mono-, di- or trinucleotides.

If this package helps your work, please cite the transform and its use for anchors:

- C. Ranjan, S. Ebrahimi, K. Paynabar: Sequence Graph Transform (SGT): A Feature Embedding Function for
  Sequence Data Mining. arXiv:1608.03533, 2016.
- T. Karaderi, T. Burghardt, R. Morard, D. N. Schmidt: Deep Visual-Genetic Biometrics for Taxonomic
  Classification of Rare Species. WACV 2024.
"""

from importlib.metadata import version as _version

from sgt_dna._anchors import anchors
from sgt_dna._label_table import LabelRow, label_table
from sgt_dna.embedding import Embedding
from sgt_dna.errors import (
    AlphabetError,
    AnchorWarning,
    FastaError,
    FormatError,
    LabelError,
    MissingExtraError,
    ParameterError,
    SgtError,
)
from sgt_dna.fasta import read_fasta
from sgt_dna.params import SGTParams
from sgt_dna.records import Limits, Record
from sgt_dna.sources import read_records
from sgt_dna.state import SGTState
from sgt_dna.transform import embed, embed_windows

__version__ = _version("sgt-dna")

__all__ = [
    "AlphabetError",
    "AnchorWarning",
    "Embedding",
    "FastaError",
    "FormatError",
    "LabelError",
    "LabelRow",
    "Limits",
    "MissingExtraError",
    "ParameterError",
    "Record",
    "SGTParams",
    "SGTState",
    "SgtError",
    "anchors",
    "embed",
    "embed_windows",
    "label_table",
    "read_fasta",
    "read_records",
]
