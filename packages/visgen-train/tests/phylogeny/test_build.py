"""From sequences to a tree in a folder, by each method, and by programs that only pretend."""

import json
import shutil
import sys

import numpy as np
import pytest
import sgt_dna
from visgen_train.errors import ConfigError, DataError, UsageError
from visgen_train.genetics.distances import patristic, species_distances
from visgen_train.phylogeny import Plan, build, cophenetic, groups
from visgen_train.phylogeny.aligned import aligned
from visgen_train.phylogeny.likeliest import Search
from visgen_train.phylogeny.newick import parse
from visgen_train.phylogeny.programs import IqTree, RaxmlNg
from visgen_train.phylogeny.steps import Steps
from visgen_train.simulate import SequenceParams, evolve, newick, yule_tree

NJ = Plan("nj")


@pytest.fixture(scope="module")
def simulated():
    """24 sequences of 8 species, their species, and the true tree."""
    rng = np.random.default_rng(1)
    tree = yule_tree(8, rng)
    made = evolve(tree, SequenceParams(), rng)
    number, records, labels = dict.fromkeys(range(8), 0), [], {}
    for row, (text, tip) in enumerate(zip(made.sequences, made.species, strict=True)):
        if number[tip] < 3:
            number[tip] += 1
            records.append(sgt_dna.Record(f"s{row}", "", text))
            labels[f"s{row}"] = tree.names[tip]
    return records, labels, parse(newick(tree))


def sides(tree):
    found = set()
    names = {tip.name for tip in tree.get_terminals()}
    for node in tree.find_clades():
        side = frozenset(tip.name for tip in node.get_terminals())
        found |= {side, frozenset(names - side)}
    return found


def test_one_tip_a_species_or_a_sequence(simulated, tmp_path):
    records, labels, true = simulated
    built = build(records, labels, NJ, tmp_path / "species")
    assert {tip.name for tip in built.tree.get_terminals()} == {tip.name for tip in true.get_terminals()}
    assert len(sides(built.tree) & sides(true)) >= len(sides(true)) - 4  # two branches of it missing at most
    every = build(records, labels, Plan("nj", every=True), tmp_path / "every")
    assert len(every.tree.get_terminals()) == len(records)
    assert all(one.whole for one in groups(every.tree, every.species).values())
    assert built.facts["method"] == "neighbour joining"
    assert built.facts["aligner"] is None
    names, along = patristic.distances(built.tree)  # the root does not matter
    apart = species_distances(records, labels)
    order = [names.index(name.replace(" ", "_")) for name in apart.species]
    assert built.facts["cophenetic"]["r"] == pytest.approx(
        cophenetic(along[np.ix_(order, order)], apart.matrix)
    )


def test_the_same_again_computes_nothing_and_another_is_refused(simulated, tmp_path, monkeypatch):
    records, labels, _ = simulated
    build(records, labels, NJ, tmp_path / "out")
    text = (tmp_path / "out" / "tree.nwk").read_text()
    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["visgen_train.phylogeny.build"], "joined_tree", None)
        build(records[::-1], labels, NJ, tmp_path / "out")
        assert (tmp_path / "out" / "tree.nwk").read_text() == text
        again = build(records, labels, Plan("nj", outgroup=(labels["s0"],), threads=2), tmp_path / "out")
    assert labels["s0"] in [half.name for half in again.tree.root.clades]
    with pytest.raises(UsageError, match="other sequences or options"):
        build(records[1:], labels, NJ, tmp_path / "out")
    build(records[1:], labels, NJ, tmp_path / "out", force=True)
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "mine.txt").write_text("x")
    with pytest.raises(UsageError, match="holds no phylogeny"):
        build(records, labels, NJ, tmp_path / "else")


def test_an_alignment_is_kept_and_made_anew_when_it_was_changed(simulated, tmp_path, monkeypatch, caplog):
    pytest.importorskip("pyfamsa")
    records, labels, _ = simulated
    told = []
    first = aligned(records, labels, "pyfamsa", Steps(tmp_path), 1, told.append)
    again = aligned(records, labels, "pyfamsa", Steps(tmp_path), 1, told.append)
    np.testing.assert_array_equal(first.codes, again.codes)
    assert [line.split(" ")[0] for line in told] == ["Aligning", "Alignment:"]
    path = tmp_path / "alignment.fasta"
    path.write_text(path.read_text().replace("A", "C", 1))
    aligned(records, labels, "pyfamsa", Steps(tmp_path), 1, told.append)
    assert "has been changed since" in caplog.text
    longer = [*records, sgt_dna.Record("long", "", records[0].sequence * 4)]
    found = aligned(longer, {**labels, "long": labels["s0"]}, "pyfamsa", Steps(tmp_path), 1, told.append)
    assert "long" not in found.ids
    assert "over 3 times the median length): long" in found.notes[0]
    with pytest.raises(DataError, match="No sequence of Zus unus can be aligned"):
        aligned(longer, {**labels, "long": "Zus unus"}, "pyfamsa", Steps(tmp_path), 1, told.append)


def test_maximum_likelihood_finds_the_tree_with_support(simulated, tmp_path):
    pytest.importorskip("piqtree", reason="the extra phylo is not installed")
    records, labels, true = simulated
    plan = Plan("ml", model="HKY+G4", outgroup=(sorted(set(labels.values()))[0],))
    built = build(records, labels, plan, tmp_path)
    assert len(sides(built.tree) & sides(true)) >= len(sides(true)) - 4
    supports = [node.confidence for node in built.tree.get_nonterminals() if node.confidence is not None]
    assert supports
    assert all(0 <= one <= 100 for one in supports)
    halves = [{tip.name for tip in half.get_terminals()} for half in built.tree.root.clades]
    assert set(plan.outgroup) in halves
    assert built.facts["log_likelihood"] < 0
    assert built.facts["cophenetic"]["r"] > 0.8


@pytest.mark.parametrize(
    ("number", "copies", "message"),
    [
        (3, 1, "A tree needs 4 tips or more, and there are 3"),
        (2, 3, "Take --all"),
        (5, 0, "are only 1 different"),
    ],
)
def test_too_few(tmp_path, number, copies, message):
    rng = np.random.default_rng(0)
    text = "".join(rng.choice(list("ACGT"), 300))
    records, labels = [], {}
    for row in range(number * max(copies, 1)):
        own = text if not copies else "".join(rng.choice(list("ACGT"), 300))
        records.append(sgt_dna.Record(f"r{row}", "", own))
        labels[f"r{row}"] = f"Aus {'abcdefgh'[row % number] * 3}us"
    with pytest.raises(DataError, match=message):
        build(records, labels, NJ, tmp_path / "out")


def test_an_outgroup_that_is_no_species(simulated, tmp_path):
    records, labels, _ = simulated
    with pytest.raises(DataError, match="--outgroup 'tip99' is none of the species; perhaps tip"):
        build(records, labels, Plan("nj", outgroup=("tip99",)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


FAKES = {
    "mafft": "rows = [b.partition('\\n')[::2] for b in open(sys.argv[-1]).read().split('>')[1:]]\n"
    "width = max(len(s.strip()) for _, s in rows)\n"
    "for name, s in rows: print(f'>{name}\\n{s.strip().lower():-<{width}}')",
    "iqtree2": "assert sys.argv[sys.argv.index('--seed') + 1] == '1'\n"
    "report = 'Best-fit model according to BIC: K2P+I\\nLog-likelihood of the tree: -12.5 (s.e. 1)\\n'\n"
    "open('out.iqtree', 'w').write(report)\n"
    "open('out.treefile', 'w').write('(t0:1,t1:1,(t2:1,(t3:1,(t4:1,(t5:1,(t6:1,t7:1)9:1)8:1)7:1)6:1)5:1);')",
    "raxml-ng": "assert '--all' in sys.argv and 'GTR+I+G' in sys.argv\nprint('Final LogLikelihood: -7.5')\n"
    "open('out.raxml.support', 'w').write('(t0:1,t1:1,(t2:1,(t3:1,(t4:1,(t5:1,(t6:1,t7:1)9:1)8:1)7:1)6:1)5:1);')",
}


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Programs on the PATH that check what they are asked and write what the real ones write."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, body in FAKES.items():
        (folder / name).write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="scripts are no programs on Windows")
@pytest.mark.parametrize(
    ("engine", "model", "likelihood"), [("iqtree2", "K2P+I", -12.5), ("raxml-ng", "GTR+I+G", -7.5)]
)
def test_programs_are_asked_what_they_understand(simulated, tmp_path, programs, engine, model, likelihood):
    records, labels, _ = simulated
    plan = Plan("ml", aligner="mafft", engine=engine, bootstrap=1000)
    built = build(records, labels, plan, tmp_path / "out")
    assert (built.facts["model"], built.facts["log_likelihood"]) == (model, likelihood)
    assert {tip.name for tip in built.tree.get_terminals()} == {n.replace(" ", "_") for n in labels.values()}
    assert json.loads((tmp_path / "out" / "steps.json").read_text())["model"]["name"] == model


def test_a_program_that_is_absent_or_fails(simulated, tmp_path, programs):
    records, labels, _ = simulated
    shutil.copy(programs / "mafft", programs / "raxml-ng")
    (programs / "mafft").write_text("#!/bin/sh\necho no memory >&2\nexit 3\n")
    (programs / "iqtree2").unlink()
    with pytest.raises(DataError, match="mafft ended with 3.*\n.*no memory"):
        build(records, labels, Plan("ml", aligner="mafft"), tmp_path / "out")
    with pytest.raises(ConfigError, match="--engine iqtree2 needs the program iqtree2"):
        IqTree().choose({"t0": "ACGT"}, Search(0, 1, 1))
    with pytest.raises(DataError, match="raxml-ng ended with 1"):
        (programs / "raxml-ng").write_text(f"#!{sys.executable}\nimport sys; sys.exit('bad alignment')\n")
        RaxmlNg().search({"t0": "ACGT"}, "JC", Search(0, 1, 1))
