import json
from dataclasses import replace

import numpy as np
import pytest
from visgen_train.config import load_config
from visgen_train.errors import DataError, TrainingError, UsageError, WeightsError
from visgen_train.experiment.ablation import ablation as engine
from visgen_train.experiment.ablation.plan import Plan, Row
from visgen_train.experiment.ablation.run import ablate
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.recipes import RECIPES, recipe_settings
from visgen_train.experiment.run import run

SETTINGS = (
    "data.image_size=32",
    "model.weights=none",
    "model.hidden=32",
    "train.epochs=1",
    "train.lr=0.02",
    "train.batch=6",
    "align.views=1",
    "evaluate.bootstrap=100",
    "device=cpu",
)


def settings_of(recipe, *more):
    return load_config("light", settings=[*SETTINGS, *more], recipe=recipe_settings(recipe))


def plan_of(*recipes, seeds=(0,), controls=("same-steps", "shuffled"), more=()):
    rows = {name: Row(RECIPES[name], settings_of(name, *more)) for name in recipes}
    return Plan(rows, seeds, controls)


@pytest.fixture
def inputs(collection):
    return Inputs(collection / "images", collection / "sequences.fasta")


def figures_of(content, recipe, target, classifier="knn", table="rows", key="target"):
    (found,) = (
        row["figures"]
        for row in content[table]
        if (row["recipe"], row[key], row["classifier"]) == (recipe, target, classifier)
    )
    return found


@pytest.fixture
def made(inputs, collection):
    """An ablation of two recipes that share stage 1, with its content."""
    plan = plan_of("naive", "naive-aligned")
    return plan, ablate(inputs, collection / "ab", plan)


def test_the_tables_hold_every_recipe_target_and_control(made, collection):
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


def test_its_models_are_those_of_an_ordinary_run(made, inputs, collection):
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


def test_a_difference_is_real_minus_the_mean_of_its_controls(made):
    _, content = made
    real, shuffled = (figures_of(content, "naive-aligned", target) for target in ("dna", "shuffled"))
    minus = figures_of(content, "naive-aligned", "shuffled", table="differences", key="against")
    for name in ("overall", "per_class", "tail", "macro_f1"):
        expected = [
            one - other for one, other in zip(real[name]["seeds"], shuffled[name]["seeds"], strict=True)
        ]
        assert minus[name]["seeds"] == pytest.approx(expected)
        assert minus[name]["low"] <= minus[name]["mean"] <= minus[name]["high"]


def test_what_is_there_is_not_made_again(made, inputs, collection, monkeypatch):
    plan, content = made
    (collection / "ab" / "cells/seed-0/naive-aligned/shuffled-2.npz").unlink()
    (collection / "ab" / "ablation.json").unlink()
    names = []
    make = engine.make_cell
    monkeypatch.setattr(engine, "make_cell", lambda *given: names.append(given[1]) or make(*given))
    monkeypatch.setattr("visgen_train.experiment.session.pretrain", None)  # stage 1 is there
    assert ablate(inputs, collection / "ab", plan, resume=True) == content
    assert [name.target for name in names] == ["shuffled-2"]


def test_interrupted_anywhere_it_goes_on_to_the_same_tables(made, inputs, collection, monkeypatch):
    plan, content = made
    make = engine.make_cell
    for stop in ("none", "dna", "same-steps", "shuffled-1"):
        out = collection / f"stopped-at-{stop}"

        def broken(session, name, config, stop=stop):
            if name.target == stop:
                raise TrainingError("killed")
            return make(session, name, config)

        monkeypatch.setattr(engine, "make_cell", broken)
        with pytest.raises(TrainingError):
            ablate(inputs, out, plan)
        assert not (out / "ablation.json").exists()
        monkeypatch.setattr(engine, "make_cell", make)
        assert ablate(inputs, out, plan, resume=True) == content


def test_more_seeds_recipes_and_controls_can_be_added(made, inputs, collection):
    plan, content = made
    cell = collection / "ab" / "cells/seed-0/naive-aligned/dna.npz"
    written = cell.stat().st_mtime_ns
    wider = plan_of(
        "naive", "weight-decay", "naive-aligned", seeds=(0, 1), controls=(*plan.controls, "orthogonal")
    )
    grown = ablate(inputs, collection / "ab", wider, resume=True)
    assert cell.stat().st_mtime_ns == written
    assert grown["seeds"] == [0, 1]
    for target in ("none", "dna", "shuffled"):
        before, after = (figures_of(c, "naive-aligned", target)["overall"] for c in (content, grown))
        assert after["seeds"][0] == before["seeds"][0]
    assert ("naive-aligned", "orthogonal") in {(row["recipe"], row["target"]) for row in grown["rows"]}
    assert list(grown["recipes"]) == ["naive", "weight-decay", "naive-aligned"]


def test_a_folder_with_an_ablation_is_not_touched_unasked(made, inputs, collection):
    plan, content = made
    before = {path: path.read_bytes() for path in (collection / "ab").rglob("*") if path.is_file()}
    with pytest.raises(
        UsageError, match=r"holds an ablation. Go on with it \(--resume, .* replace it \(--force"
    ):
        ablate(inputs, collection / "ab", plan)
    other = plan_of("naive", "naive-aligned", more=["align.lr=0.001"])
    with pytest.raises(UsageError, match=r"other settings \(align\.lr was 0\.05, now 0\.001\)"):
        ablate(inputs, collection / "ab", other, resume=True)
    fasta = collection / "sequences.fasta"
    text = fasta.read_text()
    fasta.write_text(text.rstrip() + "A\n")
    with pytest.raises(UsageError, match="made of other sequences"):
        ablate(inputs, collection / "ab", plan, resume=True)
    fasta.write_text(text)
    (collection / "images/Aus_albus/00.png").rename(collection / "images/Aus_albus/99.png")
    with pytest.raises(UsageError, match="made of other images, or of another split"):
        ablate(inputs, collection / "ab", plan, resume=True)
    (collection / "images/Aus_albus/99.png").rename(collection / "images/Aus_albus/00.png")
    after = {path: path.read_bytes() for path in (collection / "ab").rglob("*") if path.is_file()}
    assert after == before
    with pytest.raises(UsageError, match="take one"):
        ablate(inputs, collection / "ab", plan, resume=True, force=True)
    assert ablate(inputs, collection / "ab", plan, force=True) == content


def test_damaged_files_are_named_or_made_again(made, inputs, collection, caplog):
    plan, content = made
    cell = collection / "ab" / "cells/seed-0/naive-aligned/dna.npz"
    cell.write_bytes(cell.read_bytes()[:200])
    assert ablate(inputs, collection / "ab", plan, resume=True) == content
    assert "dna.npz: cannot be read as a cell" in caplog.text
    (network,) = (collection / "ab" / "stage1").rglob("visual.safetensors")
    held = network.read_bytes()
    network.write_bytes(held[:200])
    cell.unlink()
    with pytest.raises(WeightsError) as raised:
        ablate(inputs, collection / "ab", plan, resume=True)
    assert "--resume trains it again" in raised.value.__notes__[0]
    network.write_bytes(held)
    (collection / "ab" / "plan.json").write_text("{")
    with pytest.raises(DataError, match=r"plan\.json: cannot be read as the plan of an ablation"):
        ablate(inputs, collection / "ab", plan, resume=True)


def test_a_promise_is_kept_and_added_seeds_are_told(made, inputs, collection):
    """The sentence stays about the recipe it was to be about; who adds seeds to a verdict is told so."""
    plan, content = made
    assert content["seeds_before"] == []
    assert ablate(inputs, collection / "ab", plan, resume=True)["seeds_before"] == []
    wider = plan_of("naive", "naive-aligned", "align-euclidean", seeds=(0, 1), controls=("shuffled",))
    assert wider.primary == "align-euclidean"
    grown = ablate(inputs, collection / "ab", wider, resume=True)
    assert grown["primary_recipe"] == "naive-aligned"
    assert grown["seeds_before"] == [1]
    with pytest.raises(UsageError, match="to be about naive-aligned before any figure was seen"):
        ablate(inputs, collection / "ab", plan_of("naive", "align-euclidean"), resume=True)


def test_changed_pictures_are_noticed_by_a_new_seed(made, inputs, collection):
    plan, _ = made
    picture, other = (collection / "images" / name for name in ("Aus_albus/00.png", "Aus_albus/01.png"))
    picture.write_bytes(other.read_bytes() + b"\0")
    with pytest.raises(DataError, match=r"1 images have changed since .* first 'Aus_albus/00\.png'"):
        ablate(inputs, collection / "ab", replace(plan, seeds=(0, 1)), resume=True)


def test_without_validation_images_it_goes_through(inputs, collection):
    plan = plan_of("naive-aligned", more=["data.validation_fraction=0"])
    content = ablate(inputs, collection / "ab", plan)
    found = figures_of(content, "naive-aligned", "dna")
    assert found["overall"]["mean"] >= 0
    assert found["calibration_error"] is None
    metrics = run(inputs, collection / "run", settings_of("naive-aligned", "data.validation_fraction=0"))
    assert metrics["aligned"]["overall"] == found["overall"]["mean"]


def test_anchors_that_differ_between_recipes_are_refused():
    rows = {
        "ltr-aligned": Row(RECIPES["ltr-aligned"], settings_of("ltr-aligned")),
        "naive-aligned": Row(
            RECIPES["naive-aligned"], settings_of("naive-aligned", "align.anchor_method=mean")
        ),
    }
    with pytest.raises(UsageError, match=r"different settings align\.anchor"):
        Plan(rows, (0,))


def test_an_untrained_stage_1_has_no_steps_to_go_on_with(inputs, collection):
    """Without a loss of stage 1 its softmax is random, and would be a target of its own."""
    content = ablate(inputs, collection / "ab", plan_of("pretrained-aligned", more=["train.epochs=0"]))
    assert "same-steps" not in {row["target"] for row in content["rows"]}
    assert any(told.startswith("same-steps: stage 1 was not trained") for told in content["skipped"])


def test_force_leaves_what_is_not_its_own(made, inputs, collection):
    assert made
    (collection / "ab" / "notes.txt").write_text("mine")
    run(inputs, collection / "ab", settings_of("naive"), force=True)
    left = {path.name for path in (collection / "ab").iterdir()}
    assert "notes.txt" in left
    assert not left & {"cells", "stage1", "plan.json", "ablation.json"}


def test_recipes_on_all_species_share_a_stage_only_where_all_have_dna(collection, inputs):
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


def test_every_alignment_recipe_has_its_own_controls(inputs, collection):
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


def test_a_model_meets_the_test_once(inputs, collection, monkeypatch):
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


def test_other_test_images_change_no_choice(collection, inputs):
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
