"""`visgen run --features` and `visgen_train.evidence`: from features of any model to tables."""

import json
import logging
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
import visgen_train
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.neighbors import KNeighborsClassifier
from visgen_train.config import load_config
from visgen_train.errors import ConfigError, DataError, UsageError
from visgen_train.experiment.ablation.making import make_cell

SPECIES = [f"{genus} {epithet}" for genus in ("Aus", "Bus") for epithet in ("albus", "niger", "ruber")]
COUNTS = (30, 24, 18, 12, 10, 8)
CONFIG = load_config(
    "light",
    settings=("model.hidden=32", "train.epochs=2", "align.epochs=2", "evaluate.bootstrap=100", "device=cpu"),
)

UNALIGNED = replace(CONFIG, align=replace(CONFIG.align, epochs=0))


@pytest.fixture(scope="module")
def features():
    rng = np.random.default_rng(0)
    means = rng.normal(size=(len(SPECIES), 8))
    return np.concatenate(
        [mean + rng.normal(size=(number, 8)) for mean, number in zip(means, COUNTS, strict=True)]
    )


@pytest.fixture(scope="module")
def labels():
    return [name for name, number in zip(SPECIES, COUNTS, strict=True) for _ in range(number)]


@pytest.fixture(scope="module")
def sequences():
    rng = np.random.default_rng(1)
    return {name: "".join(rng.choice(list("ACGT"), 300)) for name in SPECIES}


@pytest.fixture(scope="module")
def named():
    return {name: name for name in SPECIES}


@pytest.fixture(scope="module")
def splits():
    return [("train", "test", "train", "validation")[row % 4] for row in range(sum(COUNTS))]


@pytest.fixture(scope="module")
def found(features, labels, sequences, named, splits, tmp_path_factory):
    out = tmp_path_factory.mktemp("evidence") / "out"
    given = {"sequence_labels": named, "splits": splits, "seeds": 2, "config": CONFIG, "out": out}
    return out, visgen_train.evidence(features, labels, sequences, **given)


def test_the_features_themselves_are_classified_as_scikit_learn_does(found, features, labels, splits):
    _, evidence = found
    labels, splits = np.array(labels), np.array(splits)
    train, test = splits == "train", splits == "test"
    neighbours = KNeighborsClassifier(5, metric="cosine").fit(features[train], labels[train])
    predicted = neighbours.predict(features[test])
    rows = evidence.rows.query("recipe == 'features' and classifier == 'knn'").set_index("figure")
    votes = np.sort(neighbours.predict_proba(features[test]), axis=1)
    ties = np.isclose(votes[:, -1], votes[:, -2]).sum()  # parted otherwise there
    assert rows.loc["overall", "mean"] == pytest.approx(
        accuracy_score(labels[test], predicted), abs=ties / 26
    )
    if not ties:
        expected = balanced_accuracy_score(labels[test], predicted)
        assert rows.loc["per_class", "mean"] == pytest.approx(expected)


def test_the_tables_are_data_frames_with_everything_compared(found):
    _, evidence = found
    assert set(evidence.rows.recipe) == {"features", "heads", "heads-aligned"}
    assert set(evidence.differences.against) == {
        "none",
        "same-steps",
        "shuffled",
        "genus-shuffled",
        "orthogonal",
        "collinear",
        "class-means",
    }
    assert evidence.rows.query("target == 'shuffled'").cells.unique().tolist() == [10]  # 5 in each of 2 seeds
    row = evidence.differences.query("against == 'shuffled' and figure == 'overall' and classifier == 'knn'")
    assert row["seed 0"].item() + row["seed 1"].item() == pytest.approx(2 * row["mean"].item())
    assert evidence.species.set_index("species").train.to_dict()["Aus albus"] == 15
    assert "shuffled DNA" in evidence.verdict
    assert repr(evidence) == f"Evidence: {evidence.verdict}"
    assert not evidence.space.empty


def test_a_folder_holds_tables_and_report(found):
    out, evidence = found
    names = {path.name for path in out.iterdir()}
    assert names >= {
        "report.html",
        "ablation.json",
        "ablation.csv",
        "ablation.md",
        "plan.json",
        "config.yaml",
    }
    content = json.loads((out / "ablation.json").read_text())
    assert content["kind"] == "features"
    assert evidence.verdict.split(".")[0] in (out / "ablation.md").read_text()


def test_pandas_and_torch_give_the_same(features, labels, sequences, named, splits):
    given = {"sequence_labels": named, "splits": splits, "seeds": 1, "config": UNALIGNED}
    rows = visgen_train.evidence(features, labels, sequences, **given).rows
    frame = visgen_train.evidence(pd.DataFrame(features), pd.Series(labels), pd.Series(sequences), **given)
    pd.testing.assert_frame_equal(frame.rows, rows)
    tensor = visgen_train.evidence(torch.from_numpy(features), labels, sequences, **given)
    pd.testing.assert_frame_equal(tensor.rows, rows)


def test_without_splits_each_seed_has_its_own(features, labels, sequences, named, tmp_path):
    given = {"sequence_labels": named, "seeds": 2, "config": UNALIGNED, "out": tmp_path / "out"}
    visgen_train.evidence(features, labels, sequences, **given)
    content = json.loads((tmp_path / "out" / "ablation.json").read_text())
    assert content["split_varies"] is True
    units = [
        np.load(tmp_path / "out" / "cells" / f"seed-{seed}" / "features" / "none.npz")["units"]
        for seed in (0, 1)
    ]
    assert set(units[0]) != set(units[1])


def test_a_group_is_never_parted(features, labels, sequences, named, tmp_path):
    groups = [f"{name} {number // 3}" for name, number in zip(labels, range(len(labels)), strict=True)]
    given = {"sequence_labels": named, "groups": groups, "seeds": 1, "config": CONFIG}
    visgen_train.evidence(features, labels, sequences, **given, out=tmp_path / "out")
    cell = np.load(tmp_path / "out" / "cells/seed-0/features/none.npz")
    size = {group: groups.count(group) for group in groups}
    units, numbers = np.unique(cell["units"], return_counts=True)
    assert all(number == size[unit] for unit, number in zip(units, numbers, strict=True))


def test_other_test_features_change_no_choice_and_no_head(
    features, labels, sequences, named, splits, tmp_path, monkeypatch
):
    """Test features replaced by noise: all that was chosen, and every trained head, is the same."""
    heads = {"one": [], "two": []}
    for name, shown in (("one", features), ("two", np.random.default_rng(9).normal(size=features.shape))):
        mixed = np.where((np.array(splits) == "test")[:, None], shown, features)

        def kept(session, cell, config, name=name):
            heads[name].append({key: value.clone() for key, value in session.start.head.state_dict().items()})
            return make_cell(session, cell, config)

        monkeypatch.setattr("visgen_train.experiment.ablation.ablation.make_cell", kept)
        given = {"sequence_labels": named, "splits": splits, "seeds": 1, "config": CONFIG}
        visgen_train.evidence(mixed, labels, sequences, **given, out=tmp_path / name)
    for one, other in zip(heads["one"], heads["two"], strict=True):
        assert all(torch.equal(one[key], other[key]) for key in one)
    differ = 0
    for path in sorted((tmp_path / "one" / "cells").rglob("*.npz")):
        other = tmp_path / "two" / path.relative_to(tmp_path / "one")
        cells = [dict(np.load(file)) for file in (path, other)]
        facts = [json.loads(str(cell["facts"])) for cell in cells]
        assert facts[0]["chosen"] == facts[1]["chosen"]
        differ += not np.array_equal(cells[0]["knn predicted"], cells[1]["knn predicted"])
    assert differ == len(list((tmp_path / "one" / "cells").rglob("*.npz")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": lambda x: np.where(np.arange(len(x))[:, None] == 4, np.nan, x)}, r"NaN.*row 5"),
        ({"features": lambda x: np.where(np.arange(len(x))[:, None] == 2, 0, x)}, r"row 3"),
        ({"features": lambda x: x[:-1]}, r"101 vectors, but 102 labels"),
        ({"labels": lambda y: ["Aus albus"] * len(y)}, r"one species"),
        ({"labels": lambda y: ["Zus zus", *y[1:]]}, r"(?s)Zus zus .*matched_only=True"),
        ({"ids": lambda y: ["a"] * len(y)}, r"stand on more than one row, the first is 'a' \(rows 1 and 2\)"),
        (
            {"sequence_labels": lambda y: {"Aus albus": "Aus albus"}},
            r"sequence_labels: no species for Aus niger",
        ),
    ],
)
def test_bad_input_is_refused_with_its_rows(features, labels, sequences, named, change, message, tmp_path):
    given = {"features": features, "labels": labels, "sequence_labels": named}
    for name, changed in change.items():
        given[name] = changed(given.get(name, labels))
    with pytest.raises(DataError, match=message):
        visgen_train.evidence(
            given.pop("features"),
            given.pop("labels"),
            sequences,
            **given,
            config=CONFIG,
            out=tmp_path / "out",
        )
    assert not (tmp_path / "out").exists()


def test_importing_visgen_train_is_light():
    code = "import sys, visgen_train; print('torch' in sys.modules, 'pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def test_heads_only_and_what_cannot_be(features, labels, sequences, named, splits, tmp_path):
    given = {"sequence_labels": named, "splits": splits, "seeds": 1}
    alone = load_config(
        "light", settings=["model.hidden=16", "train.epochs=1", "align.epochs=0", "device=cpu"]
    )
    found = visgen_train.evidence(features, labels, sequences, **given, config=alone, out=tmp_path / "out")
    assert set(found.rows.recipe) == {"features", "heads"}
    assert found.differences.empty
    assert "Nothing was aligned" in found.verdict
    with pytest.raises(UsageError, match=r"replace it \(--force; in Python force=True\)"):
        visgen_train.evidence(features, labels, sequences, **given, config=alone, out=tmp_path / "out")
    visgen_train.evidence(
        features, labels, sequences, **given, config=alone, out=tmp_path / "out", force=True
    )
    untrained = load_config("light", settings=["train.epochs=0"])
    with pytest.raises(ConfigError, match=r"train\.epochs is 0, so nothing would be trained"):
        visgen_train.evidence(features, labels, sequences, **given, config=untrained)
    with pytest.raises(UsageError, match="seeds is how many trainings"):
        visgen_train.evidence(features, labels, sequences, sequence_labels=named, seeds="3")


def test_the_callers_generators_are_left_alone(features, labels, sequences, named, splits):
    config = load_config(
        "light", settings=["model.hidden=16", "train.epochs=1", "align.epochs=0", "device=cpu"]
    )
    torch.manual_seed(4)
    np.random.seed(4)  # noqa: NPY002
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), logging.getLogger("visgen_train").level  # noqa: NPY002
    visgen_train.evidence(
        features, labels, sequences, sequence_labels=named, splits=splits, seeds=1, config=config
    )
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[1].tolist() == before[1]  # noqa: NPY002
    assert logging.getLogger("visgen_train").level == before[2]


def test_without_validation_images_nothing_is_calibrated(features, labels, sequences, named):
    splits = [("train", "test")[row % 2] for row in range(sum(COUNTS))]
    given = {"sequence_labels": named, "splits": splits, "seeds": 1, "config": CONFIG}
    rows = visgen_train.evidence(features, labels, sequences, **given).rows
    assert rows.query("figure == 'calibration_error'")["mean"].isna().all()
    assert rows.query("figure == 'per_class'")["mean"].notna().all()
