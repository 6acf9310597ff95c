"""What an ablation trains and compares."""

import json

import numpy as np
import pytest
from visgen_train.errors import UsageError
from visgen_train.experiment.ablation import ablation as engine
from visgen_train.experiment.ablation.plan import Plan, Row
from visgen_train.experiment.ablation.run import ablate
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.recipes import RECIPES
from visgen_train.experiment.run import run


def test_the_tables_hold_every_recipe_target_and_control(made, collection, figures_of):
    _, content = made
    assert json.loads((collection / "ab" / "ablation.json").read_text()) == content
    held = {(row["recipe"], row["target"]): row["cells"] for row in content["rows"]}
    assert held == {
        ("naive", "none"): 1,
        ("naive-aligned", "none"): 1,
        ("naive-aligned", "dna"): 1,
        ("naive-aligned", "same-steps"): 1,
        ("naive-aligned", "shuffled"): 2,  # three species have two derangements
    }
    assert content["primary_recipe"] == "naive-aligned"
    assert {row["against"] for row in content["differences"]} == {"none", "same-steps", "shuffled"}
    assert content["skipped"] == ["shuffled: 2 in place of 5, since there are no more permutations"]
    assert figures_of(content, "naive", "none") == figures_of(content, "naive-aligned", "none")
    assert "softmax" in {row["classifier"] for row in content["rows"] if row["target"] == "same-steps"}
    assert "softmax" not in {row["classifier"] for row in content["rows"] if row["target"] == "dna"}
    assert "anchor" in {row["classifier"] for row in content["rows"] if row["target"] == "shuffled"}
    assert len(list((collection / "ab" / "stage1" / "seed-0").iterdir())) == 1  # trained once for both


def test_its_models_are_those_of_an_ordinary_run(made, inputs, collection, settings_of, figures_of):
    """`visgen run` with the same recipe and seed gives the same figures, before and after alignment."""
    _, content = made
    metrics = run(inputs, collection / "run", settings_of("naive-aligned"))
    for target, model in (("none", "visual"), ("dna", "aligned")):
        for classifier, ordinary in metrics["classifiers"][model].items():
            found = figures_of(content, "naive-aligned", target, classifier)
            for name, estimate in found.items():
                assert (estimate and estimate["mean"]) == (
                    None if ordinary[name] is None else pytest.approx(ordinary[name], abs=1e-12)
                )
    difference = figures_of(content, "naive-aligned", "none", table="differences", key="against")
    assert difference["overall"]["mean"] == pytest.approx(metrics["aligned_minus_visual"]["overall"])


def test_a_difference_is_real_minus_the_mean_of_its_controls(made, figures_of):
    _, content = made
    real, shuffled = (figures_of(content, "naive-aligned", target) for target in ("dna", "shuffled"))
    minus = figures_of(content, "naive-aligned", "shuffled", table="differences", key="against")
    for name in ("overall", "per_class", "tail", "macro_f1"):
        expected = [
            one - other for one, other in zip(real[name]["seeds"], shuffled[name]["seeds"], strict=True)
        ]
        assert minus[name]["seeds"] == pytest.approx(expected)
        assert minus[name]["low"] <= minus[name]["mean"] <= minus[name]["high"]


def test_without_validation_images_it_goes_through(inputs, collection, plan_of, settings_of, figures_of):
    plan = plan_of("naive-aligned", more=["data.validation_fraction=0"])
    content = ablate(inputs, collection / "ab", plan)
    found = figures_of(content, "naive-aligned", "dna")
    assert found["overall"]["mean"] >= 0
    assert found["calibration_error"] is None
    metrics = run(inputs, collection / "run", settings_of("naive-aligned", "data.validation_fraction=0"))
    assert metrics["aligned"]["overall"] == found["overall"]["mean"]


def test_anchors_that_differ_between_recipes_are_refused(settings_of):
    rows = {
        "ltr-aligned": Row(RECIPES["ltr-aligned"], settings_of("ltr-aligned")),
        "naive-aligned": Row(
            RECIPES["naive-aligned"], settings_of("naive-aligned", "align.anchor_method=mean")
        ),
    }
    with pytest.raises(UsageError, match=r"different settings align\.anchor"):
        Plan(rows, (0,))


def test_an_untrained_stage_1_has_no_steps_to_go_on_with(inputs, collection, plan_of):
    """Without a loss of stage 1 its softmax is random, and would be a target of its own."""
    content = ablate(inputs, collection / "ab", plan_of("pretrained-aligned", more=["train.epochs=0"]))
    assert "same-steps" not in {row["target"] for row in content["rows"]}
    assert any(told.startswith("same-steps: stage 1 was not trained") for told in content["skipped"])


def test_recipes_on_all_species_share_a_stage_only_where_all_have_dna(collection, inputs, plan_of):
    plan = plan_of("resnet50-all", "weight-decay", controls=())
    assert list(plan.stages(all_have_dna=True).values()) == [["resnet50-all", "weight-decay"]]
    assert list(plan.stages(all_have_dna=False).values()) == [["resnet50-all"], ["weight-decay"]]
    alone = plan_of("weight-decay", controls=()).stages(all_have_dna=True)
    assert list(alone) == list(plan.stages(all_have_dna=True))  # named by what it is, not by who came first
    fasta = collection / "sequences.fasta"
    fasta.write_text("".join(">" + part for part in fasta.read_text().split(">")[1:] if "ruber" not in part))
    paths = sorted((collection / "images").rglob("*.png"))
    rows = [f"{path.relative_to(collection)},{int(path.stem) // 2}-{path.parent.name}" for path in paths]
    rows[0] = rows[0].rpartition(",")[0] + ",shared"
    rows[-1] = (
        rows[-1].rpartition(",")[0] + ",shared"
    )  # a group of a scored species and one that is trained only
    (collection / "meta.csv").write_text("file,specimen\n" + "\n".join(rows) + "\n")
    without = Inputs(
        collection / "images", fasta, None, collection / "meta.csv", "specimen", matched_only=True
    )
    content = ablate(without, collection / "ab", plan)
    assert content["chance"] == 1 / 2
    tests = [dict(np.load(path)) for path in (collection / "ab" / "cells").rglob("none.npz")]
    assert len(tests) == 2
    assert tests[0]["units"].tolist() == tests[1]["units"].tolist()  # the recipes met the same test
    assert content["primary_recipe"] is None
    assert content["differences"] == []
    assert {row["recipe"]: row["cells"] for row in content["rows"]} == {"resnet50-all": 1, "weight-decay": 1}
    assert [held["species"] for held in content["species"]] == ["Aus niger", "Aus albus"]


def test_every_alignment_recipe_has_its_own_controls(inputs, collection, plan_of):
    """The Euclidean loss, new layers, and anchors of another size go through the same controls."""
    plan = plan_of(
        "align-euclidean", "align-extra-layers", controls=("same-steps", "class-means", "collinear")
    )
    content = ablate(inputs, collection / "ab", plan)
    for recipe in plan.rows:
        targets = {row["target"] for row in content["rows"] if row["recipe"] == recipe}
        assert targets == {"none", "dna", "same-steps", "class-means", "collinear"}
    projected = plan_of("ltr-aligned", more=["align.anchor_k=1", "align.projection=true"])
    content = ablate(inputs, collection / "projected", projected)
    assert "anchor" in {row["classifier"] for row in content["rows"] if row["target"] == "dna"}


def test_a_model_meets_the_test_once(inputs, collection, monkeypatch, plan_of):
    met = []
    score = engine.make_cell.__globals__["SealedTest"].score

    def counted(self, model, *rest):
        met.append(model)
        if len(met) == 2:
            with pytest.raises(RuntimeError, match="naive-aligned, dna has met the test images before"):
                score(self, met[-1], *rest)
                score(self, met[-1], *rest)
            self._met.discard(model)
        return score(self, model, *rest)

    monkeypatch.setattr("visgen_train.experiment.start.SealedTest.score", counted)
    ablate(inputs, collection / "ab", plan_of("naive-aligned", controls=()))
    assert [name.split(", ")[1] for name in met] == ["none", "dna"]


def test_other_test_images_change_no_choice(collection, inputs, plan_of):
    """Every choice of every cell is the same with other pictures in the test; its predictions are not."""
    paths = sorted((collection / "images").rglob("*.png"))
    sides = {path: ("test", "validation", "train", "train")[int(path.stem) % 4] for path in paths}
    rows = [f"{path.relative_to(collection).as_posix()},{side}" for path, side in sides.items()]
    (collection / "meta.csv").write_text("file,split\n" + "\n".join(rows) + "\n")
    given = Inputs(inputs.images, inputs.sequences, metadata=collection / "meta.csv")
    plan = plan_of("naive", "naive-aligned")
    ablate(given, collection / "one", plan)
    tests = [path for path, side in sides.items() if side == "test"]
    turned = [tests[-1], *tests[:-1]]
    contents = [path.read_bytes() for path in turned]
    for path, content in zip(tests, contents, strict=True):
        path.write_bytes(content)
    ablate(given, collection / "two", plan)
    differ = 0
    for one in sorted((collection / "one" / "cells").rglob("*.npz")):
        other = collection / "two" / one.relative_to(collection / "one")
        first, second = (dict(np.load(path)) for path in (one, other))
        facts = [json.loads(str(cell["facts"])) for cell in (first, second)]
        assert facts[0]["chosen"] == facts[1]["chosen"]
        assert facts[0]["chosen"]["whitened-means"]
        differ += not np.array_equal(first["knn confidence"], second["knn confidence"])
    assert differ
