"""Train image classifiers for rare species with the help of DNA barcodes, and see whether the DNA helped.

After Karaderi, Burghardt, Morard, Schmidt: Deep Visual-Genetic Biometrics for Taxonomic Classification of Rare
Species, WACV 2024. The command is `visgen`; `visgen demo` shows all of it. `evidence` asks of features of any model
whether DNA helps them.
"""

from visgen_train.api import Evidence, evidence

__all__ = ["Evidence", "evidence"]
