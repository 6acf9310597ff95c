"""Recipes: each runs, says the whole of its row of Table 1, and leaves sizes to the preset."""

import dataclasses
import json
import math
from dataclasses import fields

import numpy as np
import pytest
from visgen_train.config import Config, load_config
from visgen_train.errors import ConfigError, DataError
from visgen_train.experiment.examples import read_pictures
from visgen_train.experiment.inputs import Inputs, read_labels
from visgen_train.experiment.recipes import RECIPES, listing, recipe_settings
from visgen_train.experiment.run import run
from visgen_train.experiment.start import scored_recall
from visgen_train.report.html import write_report
from visgen_train.simulate import BenchmarkParams, write_benchmark

TINY = (
    "data.image_size=32",
    "model.weights=none",
    "model.hidden=32",
    "train.epochs=1",
    "align.epochs=1",
    "align.views=1",
    "evaluate.bootstrap=100",
    "device=cpu",
)
# Rows 1 to 7 of Table 1 as the paper prints them: weight decay, MaxNorm, alignment.
TABLE_1 = {
    "vgg16-softmax": (None, False, False),
    "resnet50-all": (True, False, False),
    "naive": (False, False, False),
    "weight-decay": (True, False, False),
    "ltr": (True, True, False),
    "naive-aligned": (False, False, True),
    "ltr-aligned": (True, True, True),
}


@pytest.fixture(scope="module")
def shells(tmp_path_factory):
    """A simulated set of four species, a dozen pictures of the commonest."""
    folder = tmp_path_factory.mktemp("shells")
    write_benchmark(folder, BenchmarkParams(seed=1, species=4, images_max=12, test=3))
    return folder


def tiny(name):
    """The recipe but for the sizes; vgg16, half a gigabyte of it, is tried in tests/models."""
    kept = [text for text in TINY if text.split("=")[0] not in recipe_settings(name)] + [
        "model.backbone=resnet18"
    ]
    return load_config("light", settings=kept, recipe=recipe_settings(name))


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_runs_from_images_to_report(shells, tmp_path, name):
    config = tiny(name)
    inputs = Inputs(shells / "images", shells / "sequences.fasta", metadata=shells / "metadata.csv")
    metrics = run(inputs, tmp_path / "run", config)
    assert ("aligned" in metrics) == bool(config.align.epochs)
    assert ("softmax" in metrics) == bool(config.train.epochs)
    assert all(
        math.isfinite(metrics[model]["per_class"]) for model in ("visual", "softmax") if model in metrics
    )
    assert (tmp_path / "run" / "model.safetensors").is_file()
    assert (
        "aligned to the DNA" in write_report(tmp_path / "run").read_text(encoding="utf-8")
        or not config.align.epochs
    )


@pytest.mark.parametrize("name", TABLE_1)
@pytest.mark.parametrize("preset", ["paper", "sound", "light"])
def test_a_row_of_table_1_is_what_the_paper_says(name, preset):
    decay, max_norm, aligned = TABLE_1[name]
    config = load_config(preset, recipe=recipe_settings(name))
    if decay is not None:
        assert bool(config.train.weight_decay) == decay
    assert (bool(config.train.max_norm), bool(config.align.epochs)) == (max_norm, aligned)
    assert config.balance.epochs == 0
    assert (config.data.species == "all") == (name in ("vgg16-softmax", "resnet50-all"))
    assert config.model.backbone == (
        "vgg16" if name == "vgg16-softmax" else load_config(preset).model.backbone
    )
    assert set(RECIPES[name].paper) == {"per_class", "tail", "head", "overall"}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_names_settings_there_are_and_leaves_sizes_to_the_preset(name):
    sections = {item.name: {leaf.name for leaf in fields(item.type)} for item in fields(Config)[:6]}
    for key in recipe_settings(name):
        section, leaf = key.split(".")
        assert leaf in sections[section]
        assert leaf not in {"image_size", "batch", "views", "hidden"}
    assert ("model.backbone" in recipe_settings(name)) == (name == "vgg16-softmax")


@pytest.mark.parametrize(("name", "recipe"), RECIPES.items())
def test_a_recipe_says_the_whole_of_its_row(name, recipe):
    assert {"data.species", "balance.epochs"} <= recipe.settings.keys()
    aligned = name.startswith("align-") or name.endswith("-aligned")
    assert recipe.aligns == aligned
    assert ({"align.loss", "align.extra_layers"} <= recipe.settings.keys()) == aligned
    assert ("train.max_norm" in recipe.settings) != (recipe.settings.get("train.epochs") == 0)


def test_preset_recipe_file_and_settings_in_this_order(tmp_path):
    (tmp_path / "mine.yaml").write_text("train: {max_norm: 0.3}\n")
    config = load_config("light", recipe=recipe_settings("ltr"))
    assert (config.train.max_norm, config.align.epochs, config.model.backbone) == (0.1, 0, "resnet18")
    config = load_config("light", tmp_path / "mine.yaml", ["align.epochs=2"], recipe=recipe_settings("ltr"))
    assert (config.train.max_norm, config.align.epochs) == (0.3, 2)


def test_unknown_recipes_get_near_ones():
    with pytest.raises(
        ConfigError, match=r"no recipe 'ltr-alined'; there are vgg16-softmax, .*; perhaps ltr-aligned"
    ):
        recipe_settings("ltr-alined")


def test_the_listing_is_json_with_a_version_and_says_whose_figures_these_are():
    found = json.loads(json.dumps(listing()))
    assert found["schema_version"] == 1
    assert "none is a result of visgen" in found["note"]
    rows = {recipe["name"]: recipe for recipe in found["recipes"]}
    assert list(rows) == list(RECIPES)
    assert rows["ltr-aligned"]["paper"] == {"per_class": 77.6, "tail": 59.7, "head": 87.4, "overall": 88.0}
    assert rows["pretrained-aligned"]["paper"] is None


def test_all_images_are_trained_on_and_those_with_dna_scored(collection, small):
    fasta = collection / "sequences.fasta"
    fasta.write_text("".join(">" + part for part in fasta.read_text().split(">")[1:] if "ruber" not in part))
    inputs = Inputs(collection / "images", fasta)
    take_all = dataclasses.replace(small.data, species="all")
    none = dataclasses.replace(small.align, epochs=0)
    metrics = run(inputs, collection / "run", dataclasses.replace(small, data=take_all, align=none))
    assert list(metrics["visual"]["species"]) == ["Aus albus", "Aus niger"]
    assert metrics["trained_only_species"] == ["Bus ruber"]
    assert (metrics["test_images"], metrics["chance"]) == (4, pytest.approx(1 / 3))
    held = json.loads((collection / "run" / "data.json").read_text())["species"]["Bus ruber"]
    assert held == {"train": 4, "validation": 0, "test": 0, "sequences": 0}  # none is of use elsewhere
    assert "Trained on, but not scored" in write_report(collection / "run").read_text(encoding="utf-8")
    with pytest.raises(DataError, match="no sequences of Bus ruber, so nothing to align them to"):
        run(inputs, collection / "other", dataclasses.replace(small, data=take_all))
    assert not (collection / "other").exists()


def test_the_epoch_is_chosen_on_the_scored_species_alone(collection, small):
    """Validation images of a species that is never scored, given by a column `split`, do not count."""
    fasta = collection / "sequences.fasta"
    fasta.write_text("".join(">" + part for part in fasta.read_text().split(">")[1:] if "ruber" not in part))
    sides = ("train", "validation", "test", "train")
    paths = sorted((collection / "images").rglob("*.png"))
    rows = [f"{path.relative_to(collection).as_posix()},{sides[int(path.stem) % 4]}" for path in paths]
    (collection / "meta.csv").write_text("file,split\n" + "\n".join(rows) + "\n")
    inputs = Inputs(collection / "images", fasta, metadata=collection / "meta.csv")
    config = dataclasses.replace(small, data=dataclasses.replace(small.data, species="all"))
    config = dataclasses.replace(config, align=dataclasses.replace(small.align, epochs=0))
    labelled = read_labels(inputs, config)
    examples = read_pictures(labelled, inputs, config, collection)
    truth = labelled.classes[examples.rows("validation")]
    assert 2 in truth
    assert scored_recall(np.where(truth == 2, 0, truth), truth, 3, labelled.scored) == 1
    assert scored_recall(np.full_like(truth, 2), truth, 3, labelled.scored) == 0  # taken for it: an error


def test_what_is_left_out_is_listed_and_what_is_trained_on_is_not(collection, small, caplog):
    fasta = collection / "sequences.fasta"
    fasta.write_text(fasta.read_text().replace("Bus ruber", "Zus zus"))
    config = dataclasses.replace(small, data=dataclasses.replace(small.data, species="all"))
    config = dataclasses.replace(config, align=dataclasses.replace(small.align, epochs=0))
    with pytest.raises(
        DataError, match=r"(?s)Zus zus .*--matched-only .*to go on with those that have images"
    ):
        read_labels(Inputs(collection / "images", fasta), config)
    labelled = read_labels(Inputs(collection / "images", fasta, matched_only=True), config)
    assert labelled.trained_only == ("Bus ruber",)
    assert "Zus zus" in caplog.text
    assert "Bus ruber" not in caplog.text
