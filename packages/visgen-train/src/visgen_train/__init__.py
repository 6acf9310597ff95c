"""Train image classifiers for rare species with the help of DNA barcodes, and see whether the DNA helped.

After Karaderi, Burghardt, Morard, Schmidt: Deep Visual-Genetic Biometrics for Taxonomic Classification of Rare
Species, WACV 2024. The command is `visgen`; `visgen demo` shows all of it. `evidence` asks of features of any model
whether DNA helps them, `dna_signal` whether it informs them at all. `run` trains on pictures and sequences, `load`
names new pictures by a run.
"""

from importlib.metadata import version as _version

from visgen_train.api import Evidence, evidence, load
from visgen_train.api_run import Run, run
from visgen_train.api_signal import DnaSignal, dna_signal, dna_signal_of_run

__version__ = _version("visgen-train")

__all__ = ["DnaSignal", "Evidence", "Run", "dna_signal", "dna_signal_of_run", "evidence", "load", "run"]
