"""Installed programs, for those who ask for them: MAFFT, IQ-TREE 2, RAxML-NG.

Katoh and Standley, Mol. Biol. Evol. 30: 772-780, 2013; Minh et al., Mol. Biol. Evol. 37: 1530-1534, 2020; Kozlov et
al., Bioinformatics 35: 4453-4455, 2019.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from visgen_train.errors import ConfigError, DataError
from visgen_train.phylogeny.likeliest import Likeliest, Search

PAPER_MODEL = "GTR+I+G"
"""What ModelTest-NG chose for the paper's sequences (Karaderi et al. 2024, sec. 4); RAxML-NG itself chooses none."""


def mafft(sequences: Mapping[str, str], threads: int) -> dict[str, str]:
    """Align sequences: name -> text with gaps.

    Raises
    ------
    ConfigError, DataError
        There is no program mafft; it failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        given = _write(Path(folder), sequences)
        call = ["--auto", "--nuc", "--thread", str(threads), given.name]
        return parse_fasta(_run("mafft", call, Path(folder), "--aligner"))


class IqTree:
    """IQ-TREE 2: ModelFinder by BIC, ultrafast bootstrap."""

    name = "iqtree2"

    def choose(self, rows: Mapping[str, str], search: Search) -> str:
        """The model of the least BIC."""
        with tempfile.TemporaryDirectory() as folder:
            report = self._run(Path(folder), rows, search, ["-m", "MF"])
        found = re.search(r"^Best-fit model according to BIC: (\S+)$", report, re.MULTILINE)
        if found is None:
            raise DataError("iqtree2 names no best-fit model in its report. Name one by --model.")
        return found[1]

    def search(self, rows: Mapping[str, str], model: str, search: Search) -> Likeliest:
        """The tree of the greatest likelihood that is found."""
        boot = ["-B", str(search.bootstrap)] if search.bootstrap else []
        with tempfile.TemporaryDirectory() as folder:
            report = self._run(Path(folder), rows, search, ["-m", model, *boot])
            newick = (Path(folder) / "out.treefile").read_text(encoding="utf-8")
        found = re.search(r"^Log-likelihood of the tree: (\S+)", report, re.MULTILINE)
        return Likeliest(newick, None if found is None else float(found[1]))

    def _run(self, folder: Path, rows: Mapping[str, str], search: Search, words: Sequence[str]) -> str:
        given = _write(folder, rows)
        call = ["-s", given.name, "--prefix", "out", "-T", str(search.threads), "--seed", str(search.seed)]
        _run(self.name, [*call, *words], folder, "--engine")
        return (folder / "out.iqtree").read_text(encoding="utf-8")


class RaxmlNg:
    """RAxML-NG: the model of the paper unless another is named, Felsenstein's bootstrap."""

    name = "raxml-ng"

    def choose(self, rows: Mapping[str, str], search: Search) -> str:
        """The paper's."""
        return PAPER_MODEL

    def search(self, rows: Mapping[str, str], model: str, search: Search) -> Likeliest:
        """The tree of the greatest likelihood that is found."""
        boot = ["--all", "--bs-trees", str(search.bootstrap)] if search.bootstrap else ["--search"]
        ending = "support" if search.bootstrap else "bestTree"
        with tempfile.TemporaryDirectory() as folder:
            given = _write(Path(folder), rows)
            call = ["--msa", given.name, "--model", model, "--prefix", "out"]
            call += ["--threads", str(search.threads), "--seed", str(search.seed)]
            told = _run(self.name, [*boot, *call], Path(folder), "--engine")
            newick = (Path(folder) / f"out.raxml.{ending}").read_text(encoding="utf-8")
        found = re.search(r"^Final LogLikelihood: (\S+)", told, re.MULTILINE)
        return Likeliest(newick, None if found is None else float(found[1]))


def parse_fasta(text: str) -> dict[str, str]:
    """Name -> sequence, of what a program wrote."""
    found: dict[str, str] = {}
    for block in text.split(">")[1:]:
        name, _, sequence = block.partition("\n")
        found[name.strip()] = "".join(sequence.split())
    return found


def _write(folder: Path, sequences: Mapping[str, str]) -> Path:
    path = folder / "given.fasta"
    path.write_text("".join(f">{name}\n{text}\n" for name, text in sequences.items()), encoding="utf-8")
    return path


def _run(program: str, words: Sequence[str], folder: Path, option: str) -> str:
    """Standard output of a program; the program ends with this one."""
    path = shutil.which(program)
    if path is None:
        raise ConfigError(
            f"{option} {program} needs the program {program}, and the PATH has none. Install it or leave out {option}: "
            "what pip install 'visgen-train[phylo]' brings needs no program."
        )
    done = subprocess.run([path, *words], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        told = "\n".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-5:])
        raise DataError(f"{path} ended with {done.returncode}. Its last words:\n{told}")
    return done.stdout
