"""Species left out of features in turn, and the distances' own control."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import visgen_train
from visgen_train.config import load_config
from visgen_train.data.sequences import read_sequences
from visgen_train.errors import DataError, UsageError
from visgen_train.experiment.ablation.fold_cells import make_fold_cell
from visgen_train.experiment.ablation.leaving_out import Fold
from visgen_train.experiment.ablation.plan import Plan, feature_rows
from visgen_train.experiment.ablation.run import ablate_features
from visgen_train.experiment.ablation.sources import FeatureSource
from visgen_train.experiment.ablation.zero_shot import Trials
from visgen_train.experiment.labelled import match_labels
from visgen_train.genetics.distances import SpeciesDistances
from visgen_train.instrument.readings import trait_table
from visgen_train.report.evidence_relatives import relatives_lines
from visgen_train.simulate import BenchmarkParams
from visgen_train.simulate.benchmark import genes, species_tree

CONFIG = load_config(
    "light",
    settings=("model.hidden=32", "train.epochs=1", "align.epochs=1", "evaluate.bootstrap=100", "device=cpu"),
)


def simulated(species):
    params = BenchmarkParams(species=species, images_max=12, images_min=6, test=4, variation=0.3)
    tree = species_tree(params)
    found, _ = genes(tree, params)
    sequences = {f"s{number}": sequence for number, sequence in enumerate(found.sequences)}
    named = {f"s{number}": tree.names[one] for number, one in enumerate(found.species.tolist())}
    return trait_table(params), *read_sequences(sequences, named)


@pytest.fixture(scope="module")
def collection():
    return simulated(8)


@pytest.fixture(scope="module")
def evidence(collection, tmp_path_factory):
    """From Python, and the content."""
    table, records, named = collection
    out = tmp_path_factory.mktemp("zero") / "out"
    found = visgen_train.evidence(
        table.vectors,
        [item.species for item in table.items],
        {record.id: record.sequence for record in records},
        sequence_labels=named,
        splits=[item.split for item in table.items],
        seeds=1,
        zero_shot=True,
        config=CONFIG,
        out=out,
    )
    return found, json.loads((out / "ablation.json").read_text())


@pytest.fixture(scope="module")
def content(evidence):
    return evidence[1]


@pytest.fixture(scope="module")
def labelled(collection):
    table, records, named = collection
    return match_labels(table.items, records, named, ("a", "b"), False, CONFIG)


def test_nothing_of_a_species_left_out_is_known(collection, labelled):
    table = collection[0]
    examples = FeatureSource(table, labelled).examples(labelled, CONFIG)
    fold = Fold(labelled, examples, np.array([1, 6]))
    gone = {labelled.species[1], labelled.species[6]}
    alone, kept = fold.alone()
    assert len(kept.sha256) == len(kept.sides) == len(kept.content) == len(alone.items)
    assert not gone & {item.species for item in alone.items}
    assert alone.species == tuple(name for name in labelled.species if name not in gone)
    known = fold.known(lambda rows: examples.content[rows], 5)
    left = np.isin(labelled.classes, [1, 6])
    expected = np.flatnonzero((np.array(examples.sides) == "train") & ~left)
    np.testing.assert_array_equal(known.train.vectors, examples.content[expected])
    assert known.classes == known.scored == 6
    assert [labelled.species[number] for number in fold.order[6:]] == [
        labelled.species[1],
        labelled.species[6],
    ]
    assert fold.columns[fold.order].tolist() == list(range(8))


def test_every_recipe_and_method_has_its_figures(content):
    table = content["zero_shot"]
    held = {(row["recipe"], row["method"]): row["figures"] for row in table["rows"]}
    assert table["species_left_out"] == 2
    assert {recipe for recipe, method in held if method == "anchor"} == {"heads-aligned"}
    for recipe in ("features", "heads", "heads-aligned"):
        assert held[recipe, "chance"]["top1"]["mean"] == pytest.approx(0.5)
        assert held[recipe, "chance"]["unseen"] is None
        assert 0 <= held[recipe, "kriging"]["unseen"]["mean"] <= 1
        assert len(table["constants"][recipe]) == 4
    minus = next(
        row for row in table["differences"] if (row["recipe"], row["against"]) == ("features", "shuffled")
    )
    gain = held["features", "kriging"]["top1"]["mean"] - held["features", "shuffled"]["top1"]["mean"]
    assert minus["figures"]["top1"]["mean"] == pytest.approx(gain)
    assert "features: first among them" in " ".join(relatives_lines(content))


def test_its_tables_are_data_frames(evidence):
    found, content = evidence
    rows = found.zero_shot.query("recipe == 'heads' and method == 'kriging'").set_index("figure")["mean"]
    (held,) = (
        row["figures"]
        for row in content["zero_shot"]["rows"]
        if (row["recipe"], row["method"]) == ("heads", "kriging")
    )
    assert rows.to_dict() == {name: value["mean"] for name, value in held.items()}
    assert set(found.zero_shot_differences.against) == {"shuffled", "anchor", "chance"}
    assert set(found.kriging.against) == {"shuffled", "shrinkage", "fused-shrinkage"}


def test_without_validation_images_nothing_is_taken_off_the_others(collection, labelled):
    found = FeatureSource(collection[0], labelled).examples(labelled, CONFIG)
    sides = ["train" if side == "validation" else side for side in found.sides]
    fold = Fold(labelled, replace(found, sides=sides), np.array([1, 6]))
    cell = make_fold_cell(fold, lambda rows: found.content[rows], CONFIG)
    assert cell.constant == 0
    assert np.isfinite(cell.hits["kriging"][0]["top1"][np.isin(cell.truth, [1, 6])]).all()


def test_kriging_has_its_own_control(content):
    """Before alignment distances alone are shuffled; after it the whole DNA, as in the table of differences."""
    held = {
        (row["recipe"], row["target"], row["classifier"], row["against"]): row["figures"]
        for row in content["kriging"]
    }
    assert ("features", "none", "kriging", "shuffled") in held
    assert ("heads", "none", "fused", "fused-shrinkage") in held
    differences = {
        (row["recipe"], row["against"], row["classifier"]): row["figures"] for row in content["differences"]
    }
    after = held["heads-aligned", "dna", "kriging", "shuffled"]
    assert after == differences["heads-aligned", "shuffled", "kriging"]
    rows = {(row["recipe"], row["target"], row["classifier"]): row["figures"] for row in content["rows"]}
    one, other = (rows["features", "none", name]["per_class"]["mean"] for name in ("kriging", "shrinkage"))
    minus = held["features", "none", "kriging", "shrinkage"]["per_class"]["mean"]
    assert minus == pytest.approx(one - other)


def test_too_few_species_are_refused(tmp_path):
    with pytest.raises(UsageError, match="needs 8 with images and sequences; there are 6"):
        ablate_features(*simulated(6), ("a", "b"), tmp_path / "out", CONFIG, 1, zero_shot=True)
    assert not (tmp_path / "out").exists()


def test_distances_that_tell_nothing_are_refused_before_any_training(collection, labelled):
    names = labelled.match.species
    alike = SimpleNamespace(distances=SpeciesDistances(names, 1 - np.eye(8), "kmer"))
    plan = Plan(feature_rows(CONFIG), (0,))
    source = FeatureSource(collection[0], labelled)
    with pytest.raises(DataError, match="distances of the species with images are equal") as raised:
        Trials.of(None, source, plan, replace(labelled, sequences=alike)).check()
    assert "leave --zero-shot out" in raised.value.__notes__[0]
