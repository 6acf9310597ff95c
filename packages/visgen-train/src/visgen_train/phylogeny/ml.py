"""Maximum likelihood by piqtree, which is IQ-TREE as a library.

Minh et al., "IQ-TREE 2", Mol. Biol. Evol. 37: 1530-1534, 2020; models by Kalyaanamoorthy et al., "ModelFinder", Nature
Methods 14: 587-589, 2017; support by Hoang et al., "UFBoot2", Mol. Biol. Evol. 35: 518-522, 2018.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from visgen_train.errors import ConfigError, DataError
from visgen_train.phylogeny.likeliest import Likeliest, Search

_CHILD = "from visgen_train.phylogeny.ml import answer; answer()"


def installed() -> bool:
    """Whether piqtree is."""
    return find_spec("piqtree") is not None


class Piqtree:
    """IQ-TREE in a process of its own: it can be interrupted there, and an error inside it ends that process alone."""

    name = "piqtree"

    def choose(self, rows: Mapping[str, str], search: Search) -> str:
        """The model of the least BIC."""
        return str(_asked({"rows": dict(rows), "model": None, **search._asdict()})["model"])

    def search(self, rows: Mapping[str, str], model: str, search: Search) -> Likeliest:
        """The tree of the greatest likelihood that is found, with ultrafast bootstrap support."""
        found = _asked({"rows": dict(rows), "model": model, **search._asdict()})
        return Likeliest(found["newick"], found["log_likelihood"])


def _asked(question: Mapping[str, Any]) -> dict[str, Any]:
    if not installed():
        raise ConfigError(
            "Maximum likelihood needs piqtree: pip install 'visgen-train[phylo]'. Without it take --method nj, or an "
            "installed program by --engine."
        )
    done = subprocess.run(
        [sys.executable, "-c", _CHILD],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        told = "\n".join(done.stderr.strip().splitlines()[-3:]) or "It said nothing."
        raise DataError(
            f"piqtree ended with {done.returncode} (model {question['model'] or 'to be chosen'}):\n{told}"
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def answer() -> None:
    """Read a question from standard input, print its answer: what the process of its own does."""
    question = json.load(sys.stdin)
    import piqtree
    from cogent3 import make_aligned_seqs

    alignment = make_aligned_seqs(question["rows"], moltype="dna")
    common = {"rand_seed": question["seed"], "num_threads": question["threads"]}
    if question["model"] is None:
        found = {"model": str(piqtree.model_finder(alignment, **common).best_bic)}
    else:
        tree = piqtree.build_tree(
            alignment, question["model"], bootstrap_replicates=question["bootstrap"], **common
        )
        newick = tree.get_newick(with_distances=True, with_support=True)
        found = {"newick": newick, "log_likelihood": tree.params["lnL"]}
    print(json.dumps(found))
