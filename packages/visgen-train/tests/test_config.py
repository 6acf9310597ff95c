"""Settings: presets, files and single values in their order, ranges, and YAML that reads back."""

import dataclasses

import numpy as np
import pytest
from visgen_train.config import PRESETS, AlignConfig, Config, TrainConfig, load_config, to_yaml
from visgen_train.data.sampling import balanced_batches
from visgen_train.errors import ConfigError
from visgen_train.losses import ALIGNMENT_LOSSES, METRIC_LOSSES, MINERS


def test_sound_is_the_default():
    assert load_config() == Config() == load_config("sound")
    assert Config().model.weights == "default"  # which torchvision and timm both have


def test_light_changes_only_what_its_file_says():
    light = load_config("light")
    assert (light.model.backbone, light.data.image_size) == ("resnet18", 64)
    assert light.train.momentum == Config().train.momentum


def test_later_sources_win(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("train: {lr: 0.5, epochs: 3}\nseed: 4\n")
    config = load_config("light", file, ["train.lr=1e-3", "model.weights=none"])
    assert (config.train.lr, config.train.epochs, config.seed) == (0.001, 3, 4)
    assert config.model.weights == "none"


@pytest.mark.parametrize("preset", PRESETS)
def test_yaml_reads_back_and_explains_every_key(tmp_path, preset):
    config = load_config(preset, settings=["train.lr=0.00001", "seed=9"])
    text = to_yaml(config, "two\nlines")
    (tmp_path / "config.yaml").write_text(text)
    assert load_config("sound", tmp_path / "config.yaml") == config
    assert all("# " in line or line.endswith(":") for line in text.splitlines() if line)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["train.lrr=1"], "no setting train.lrr; perhaps train.lr"),
        (["trian.lr=1"], "no setting trian; perhaps train"),
        (["zzz=1"], "no setting zzz; there are data, model"),
        (["train=1"], "train is a section"),
        (["train.lr"], "--set takes section.key=value"),
        (["train.lr=fast"], "train.lr must be float, found 'fast'"),
        (["train.lr=["], "not valid YAML"),
        (["train.epochs=.inf"], "train.epochs must be int"),
        (["train.epochs=2.5"], "train.epochs must be int, found 2.5"),
        (["train.epochs=-1"], "train.epochs is -1, but must lie between 0 and"),
        (["train.metric_weight=-0.1"], "train.metric_weight is -0.1, but must lie between 0 and"),
        (["train.metric_margin=inf"], "train.metric_margin is inf"),
        (["train.miner=hardset"], "must be one of all, random, semihard, hardest; perhaps hardest"),
        (
            ["train.metric_loss=tripet"],
            "must be one of reciprocal_triplet, triplet, contrastive.*; perhaps triplet",
        ),
        (
            ["epochs=3"],
            r"There is no setting epochs; perhaps train\.epochs or balance\.epochs or align\.epochs\.$",
        ),
        (["train.batch=3"], "train.batch is 3, too small for a triplet: 4 images at least"),
        (
            ["train.batch=2", "train.sampling=paper"],
            "train.batch is 2, too small for a triplet: 3 images at least",
        ),
        (["train.batch=2", "train.metric_weight=0"], "too small for a triplet: 4 images at least"),
        (["train.batch=2", "align.epochs=0"], "too small for a triplet: 4 images at least"),
        (
            ["train.batch=1", "train.metric_weight=0", "align.epochs=0"],
            "train.batch is 1, too small for two species: 2 images at least",
        ),
        (["train.logit_adjustment=1"], "does nothing with balanced batches"),
        (["train.sampling=paper", "train.miner=hardest"], "train.miner=hardest does nothing with .*=paper"),
        (["data.colour=gray"], "data.colour is 'gray', but must be one of auto, grey; perhaps grey"),
        (["align.loss=l2"], "align.loss is 'l2', but must be one of cosine, euclidean"),
        (["align.anchor_k=3"], "anchors of 4096 numbers, .* set align.projection=true"),
        (["model.freeze=1"], "model.freeze must be true or false, found 1"),
        (["train.lr=nan"], "train.lr is nan"),
        (["align.margin=2"], "align.margin is 2, but must lie between -1 and 1"),
        (["align.anchor_method=mode"], "must be one of median, mean"),
        (["data.test_fraction=0.6", "data.validation_fraction=0.5"], "leave no images to train on"),
    ],
)
def test_bad_settings_say_what_and_what_else(settings, message):
    with pytest.raises(ConfigError, match=message):
        load_config(settings=settings)


def test_without_triplets_two_images_are_a_batch():
    config = load_config(settings=["train.batch=2", "train.metric_weight=0", "align.epochs=0"])
    labels, rng = np.array([0, 0, 0, 1, 2]), np.random.default_rng(0)
    batches = list(balanced_batches(labels, config.train.batch, config.train.images_per_class, rng))
    assert [len(rows) for rows in batches] == [2, 2, 2]
    assert load_config(settings=["train.batch=2", "train.epochs=0", "align.epochs=0"]).train.batch == 2


def test_every_name_offered_is_one_there_is():
    choices = {
        (section, item.name): item.metadata["choices"]
        for section in (TrainConfig, AlignConfig)
        for item in dataclasses.fields(section)
        if "choices" in item.metadata
    }
    assert set(choices[TrainConfig, "metric_loss"]) == set(METRIC_LOSSES)
    assert set(choices[TrainConfig, "miner"]) == set(MINERS)
    assert set(choices[AlignConfig, "loss"]) == set(ALIGNMENT_LOSSES)


def test_paper_is_what_the_paper_or_its_code_says():
    train, align = load_config("paper").train, load_config("paper").align
    assert (train.sampling, train.metric_loss, train.metric_weight) == ("paper", "reciprocal_triplet", 0.01)
    assert (train.epochs, train.lr, train.momentum, train.weight_decay) == (20, 0.001, 0, 1e-4)
    assert (train.schedule, train.select) == ("constant", "last")
    assert (align.epochs, align.lr, align.momentum, align.margin) == (5, 0.001, 0, 0.5)
    assert (align.anchor_method, align.anchor_transform, align.anchor_k) == ("median", "none", 2)
    assert load_config("paper").evaluate.neighbours == 5
    assert [load_config(preset).evaluate.use_dna for preset in ("paper", "sound", "light")] == [
        "never",
        "auto",
        "auto",
    ]
    data = load_config("paper").data
    assert (data.image_size, data.colour) == (160, "grey")
    assert load_config("sound").data.colour == load_config("light").data.colour == "auto"


def test_settings_are_checked_together_not_one_by_one():
    config = load_config("light", settings=["train.images_per_class=40", "train.batch=100"])
    assert (config.train.images_per_class, config.train.batch) == (40, 100)


def test_direct_values_are_taken_as_they_are():
    config = load_config(direct={"model.weights": "/data/run #2/@w.pth", "seed": 3})
    assert (config.model.weights, config.seed) == ("/data/run #2/@w.pth", 3)


def test_unknown_preset_and_unreadable_files(tmp_path):
    with pytest.raises(ConfigError, match="no preset 'heavy'; there are sound, paper, light"):
        load_config("heavy")
    with pytest.raises(ConfigError, match="perhaps paper"):
        load_config("papper")
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read"):
        load_config(file=tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("a: [")
    with pytest.raises(ConfigError, match=r"bad\.yaml: not valid YAML"):
        load_config(file=tmp_path / "bad.yaml")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    with pytest.raises(ConfigError, match=r"picture\.png: not a text file"):
        load_config(file=tmp_path / "picture.png")
    (tmp_path / "list.yaml").write_text("- 1\n")
    with pytest.raises(ConfigError, match="expected `section:` lines"):
        load_config(file=tmp_path / "list.yaml")
