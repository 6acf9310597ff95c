"""`train`, `align` and `evaluate` one by one: the same as the run, and again with other settings."""

import dataclasses
import json

import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from visgen_train.config import load_config
from visgen_train.errors import DataError, TrainingError, UsageError, WeightsError
from visgen_train.experiment import start
from visgen_train.experiment.again import Moved
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import align, evaluate, run, train


def inputs_of(folder):
    return Inputs(folder / "images", folder / "sequences.fasta")


def metrics_of(folder):
    return json.loads((folder / "metrics.json").read_text())


@pytest.fixture
def trained(collection, small):
    train(inputs_of(collection), collection / "run", small)
    return collection / "run"


def test_the_parts_one_by_one_are_the_run(collection, trained, small):
    assert not {"metrics.json", "model.safetensors", "embeddings.npz"} & {
        path.name for path in trained.iterdir()
    }
    align(trained, small)
    metrics = evaluate(trained, small)
    assert metrics == metrics_of(trained) == run(inputs_of(collection), collection / "whole", small)
    one, two = (load_file(folder / "model.safetensors") for folder in (trained, collection / "whole"))
    assert all(torch.equal(one[key], two[key]) for key in one)
    stages = [line.split(",")[0] for line in (trained / "metrics.csv").read_text().splitlines()]
    assert stages == ["stage", "images", "images", "align", "align"]


def test_a_runs_config_run_again_gives_the_same_figures(collection, small):
    """Every part that draws at random: the paper's sampling, a random miner's, new layers, balance."""
    settings = ["train.sampling=paper", "train.max_norm=0.1", "train.logit_adjustment=1", "balance.epochs=1"]
    settings += ["align.extra_layers=2", "align.anchor_k=1", "align.projection=true", "seed=5"]
    config = load_config(settings=settings, direct=_leaves(small, settings))
    first = run(inputs_of(collection), collection / "one", config)
    again = load_config(file=collection / "one" / "config.yaml")
    assert again == config
    assert run(inputs_of(collection), collection / "two", again) == first
    align(collection / "two", again)
    assert evaluate(collection / "two", again) == first


def test_the_k_of_the_evaluation_does_not_choose_the_epoch(trained, small, monkeypatch):
    chosen = []
    knn = start.cosine_knn
    monkeypatch.setattr(start, "cosine_knn", lambda *parts: chosen.append(parts[-1]) or knn(*parts))
    evaluation = dataclasses.replace(small.evaluate, neighbours=1)
    align(trained, dataclasses.replace(small, evaluate=evaluation))
    assert chosen
    assert set(chosen) == {start.CHOOSING_NEIGHBOURS}


def _leaves(config, without):
    taken = {text.split("=")[0] for text in without}
    sections = {name: value for name, value in vars(config).items() if dataclasses.is_dataclass(value)}
    values = {
        f"{name}.{key}": value for name, section in sections.items() for key, value in vars(section).items()
    }
    return {key: value for key, value in values.items() if key not in taken} | {"device": "cpu"}


def test_align_again_and_evaluate_again_with_other_settings(trained, small):
    align(trained, small)
    first = evaluate(trained, small)
    other = dataclasses.replace(small, align=dataclasses.replace(small.align, anchor_method="mean", epochs=1))
    align(trained, other)
    assert not (trained / "metrics.json").exists()  # what was found of the earlier alignment is gone
    assert load_config(file=trained / "config.yaml") == other
    second = evaluate(
        trained, dataclasses.replace(other, evaluate=dataclasses.replace(small.evaluate, tail_below=5))
    )
    assert second["visual"]["per_class"] == first["visual"]["per_class"]
    assert (second["epochs"]["align"], second["tail_below"]) == (1, 5)
    assert len(second["tail_species"]) < len(first["tail_species"])


def test_without_alignment_there_is_one_model(trained, small):
    unaligned = dataclasses.replace(small, align=dataclasses.replace(small.align, epochs=0))
    metrics = evaluate(trained, unaligned)
    assert load_config(file=trained / "config.yaml") == unaligned  # run again, it gives these figures
    assert "aligned" not in metrics
    assert "aligned_minus_visual" not in metrics
    assert not (trained / "checkpoints" / "aligned.safetensors").exists()
    visual, model = (
        load_file(trained / name) for name in ("checkpoints/visual.safetensors", "model.safetensors")
    )
    assert all(torch.equal(visual[key], model[key]) for key in model)


def test_no_epochs_of_alignment_are_refused_before_anything_goes(trained, small):
    align(trained, small)
    evaluate(trained, small)
    before = {path: path.read_bytes() for path in trained.rglob("*") if path.is_file()}
    unaligned = dataclasses.replace(small, align=dataclasses.replace(small.align, epochs=0))
    with pytest.raises(UsageError, match=r"align\.epochs is 0, .* visgen align .* --set align\.epochs=5"):
        align(trained, unaligned)
    assert {path: path.read_bytes() for path in trained.rglob("*") if path.is_file()} == before


def test_an_interrupted_alignment_is_not_evaluated_as_none(trained, small, monkeypatch):
    align(trained, small)
    evaluate(trained, small)

    def broken(*arguments, **more):
        raise TrainingError("interrupted")

    monkeypatch.setattr("visgen_train.experiment.start.align", broken)
    with pytest.raises(TrainingError):
        align(trained, small)
    with pytest.raises(
        UsageError, match=r"not aligned yet: visgen align .*/run \(or .* --set align\.epochs=0"
    ):
        evaluate(trained, small)


def test_a_hand_edited_config_is_not_believed(trained, small):
    """What counts is what the checkpoints were trained with, not what config.yaml says of it."""
    file = trained / "config.yaml"
    original = file.read_text()
    for old, new, message in (
        ("  lr: 0.02 ", "  lr: 0.5 ", r"not of train \(train\.lr was 0\.02, now 0\.5\): .*visgen train"),
        ("  image_size: 32 ", "  image_size: 48 ", r"data\.image_size was 32, now 48"),
        ("seed: 0 ", "seed: 1 ", r"not of seed \(seed was 0, now 1\)"),
    ):
        assert original.count(old) == 1
        file.write_text(original.replace(old, new))
        with pytest.raises(UsageError, match=message):
            align(trained, load_config(file=file))
    align(trained, small)
    original = file.read_text()
    file.write_text(original.replace("  margin: 0.5 ", "  margin: 0.1 "))
    with pytest.raises(UsageError, match=r"align\.margin was 0\.5, now 0\.1.*visgen align"):
        evaluate(trained, load_config(file=file))


def test_the_network_must_be_of_these_species_and_of_this_size(trained, small):
    data = json.loads((trained / "data.json").read_text())
    other = {**data, "species": dict(reversed(data["species"].items()))}
    (trained / "data.json").write_text(json.dumps(other))
    with pytest.raises(DataError, match=r"data\.json: its species are not those .* was trained on"):
        align(trained, small)
    (trained / "data.json").write_text(json.dumps(data))
    description = _described(trained)
    _describe(trained, {**description, "image_size": 64})
    with pytest.raises(DataError, match=r"trained on pictures of 64 px, but data\.image_size is 32"):
        align(trained, small)
    _describe(trained, {"species": description["species"]})
    with pytest.raises(WeightsError, match="does not hold the settings it was trained with. Train again"):
        align(trained, small)
    _describe(trained, None)
    with pytest.raises(WeightsError, match="its header does not say how it was trained"):
        align(trained, small)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda text: text[: len(text) // 2],
            "cannot be read as the data.json of a run .*back, or train anew",
        ),
        (lambda text: "[1, 2]", "cannot be read as the data.json of a run"),
        (lambda text: '{"name": "of another program"}', "cannot be read as the data.json of a run"),
        (
            lambda text: text.replace('"schema_version": 1', '"schema_version": 2'),
            "of version 2, .* version 1",
        ),
        (lambda text: text.replace('"sha256"', '"md5"'), "not the data.json of a run .*sha256"),
        (lambda text: text.replace('"items": [', '"items": [3, '), "not the data.json of a run"),
    ],
)
def test_a_damaged_or_foreign_data_json_is_named(trained, small, spoil, message):
    text = (trained / "data.json").read_text()
    (trained / "data.json").write_text(spoil(text))
    with pytest.raises(DataError, match=rf"data\.json: {message}"):
        align(trained, small)


def test_the_model_that_goes_out_names_no_paths(trained, small):
    align(trained, small)
    evaluate(trained, small)
    assert "config" in _described(trained)
    assert "config" not in _described(trained, "model.safetensors")


def _described(folder, name="checkpoints/visual.safetensors"):
    with safe_open(folder / name, framework="pt") as file:
        return json.loads(file.metadata()["visgen"])


def _describe(folder, description):
    path = folder / "checkpoints/visual.safetensors"
    save_file(load_file(path), path, metadata={"visgen": json.dumps(description)})


def test_other_settings_take_training_anew(trained, small):
    other = dataclasses.replace(small, train=dataclasses.replace(small.train, lr=0.5))
    with pytest.raises(
        UsageError, match=r"only settings of align, evaluate, device .*not of train .*: .*visgen train"
    ):
        align(trained, other)
    align(trained, small)
    other = dataclasses.replace(small, align=dataclasses.replace(small.align, lr=0.5))
    with pytest.raises(
        UsageError, match=r"only settings of evaluate, device .*not of align .*: .*visgen align"
    ):
        evaluate(trained, other)


def test_inputs_that_moved_can_be_given_anew(collection, trained, small):
    (collection / "images").rename(collection / "pictures")
    (collection / "sequences.fasta").rename(collection / "dna.fasta")
    with pytest.raises(Exception, match=r"sequences\.fasta") as raised:
        align(trained, small)
    assert "by --sequences" in raised.value.__notes__[0]
    with pytest.raises(DataError, match="24 of 24 images cannot be read") as raised:
        align(trained, small, Moved(sequences=collection / "dna.fasta"))
    assert "by --images" in raised.value.__notes__[0]
    align(trained, small, Moved(collection / "pictures", collection / "dna.fasta"))
    evaluate(trained, small)  # it knows now where they are


def test_inputs_that_changed_are_refused(collection, trained, small):
    align(trained, small)
    fasta = collection / "sequences.fasta"
    text = fasta.read_text()
    fasta.write_text(text.replace("ACG", "ACC", 1))
    with pytest.raises(DataError, match="not the sequences .* the run was trained with"):
        evaluate(trained, small)
    fasta.write_text(text)
    Image.new("RGB", (40, 30)).save(collection / "images/Aus_niger/00.png")
    with pytest.raises(DataError, match=r"1 of 24 images are not those .* first 'Aus_niger/00\.png'"):
        evaluate(trained, small)


def test_no_trained_run_and_a_damaged_checkpoint(collection, trained, small):
    with pytest.raises(UsageError, match="holds no trained run. Make one: visgen train"):
        align(collection / "none", small)
    (trained / "checkpoints" / "visual.safetensors").write_bytes(b"x")
    with pytest.raises(WeightsError, match=r"visual\.safetensors: cannot be read as the network of this run"):
        align(trained, small)


def test_a_frozen_backbone_is_trained_as_little_as_one_without_stage_1(collection, small):
    frozen = dataclasses.replace(small, model=dataclasses.replace(small.model, freeze=True))
    untrained = dataclasses.replace(small, train=dataclasses.replace(small.train, epochs=0))
    train(inputs_of(collection), collection / "frozen", frozen)
    train(inputs_of(collection), collection / "untrained", untrained)
    name = "checkpoints/visual.safetensors"
    one, two = (load_file(collection / folder / name) for folder in ("frozen", "untrained"))
    moved = {key for key in one if not torch.equal(one[key], two[key])}
    assert moved == {key for key in one if key.startswith("head.")}
    metrics = evaluate(
        collection / "untrained",
        dataclasses.replace(untrained, align=dataclasses.replace(small.align, epochs=0)),
    )
    assert "softmax" not in metrics
    assert metrics["epochs"]["images"] == 0


def test_tail_and_head_by_training_images_or_by_all_as_in_the_paper(trained, small):
    """Of 12, 8 and 4 images 9, 5 and 2 (or so) are trained on: under 6 of these are two species, of all one."""
    found = {}
    for count in ("train", "all"):
        evaluation = dataclasses.replace(small.evaluate, tail_below=6, tail_count=count)
        config = dataclasses.replace(
            small, evaluate=evaluation, align=dataclasses.replace(small.align, epochs=0)
        )
        found[count] = evaluate(trained, config)["tail_species"]
    assert found == {"train": ["Aus niger", "Bus ruber"], "all": ["Bus ruber"]}
