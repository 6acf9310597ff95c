"""The instrument: quiet where all is well, loud where the pipeline is broken on purpose."""

import numpy as np
import pandas as pd
import pytest
from visgen_train.config import load_config
from visgen_train.experiment import labelled
from visgen_train.experiment.examples import Examples
from visgen_train.experiment.recipes import recipe_settings
from visgen_train.instrument.readings import dealt, read_pictures, read_traits, trait_table
from visgen_train.instrument.summary import collect, faults, rate
from visgen_train.simulate import BenchmarkParams

QUICK = ("model.hidden=64", "train.epochs=2", "train.batch=64", "evaluate.bootstrap=100", "device=cpu")
CONFIG = load_config("light", settings=(*QUICK, "align.epochs=30", "align.lr=0.3"))


def params(seed):
    """Many species of few specimens: there, anchors that know how species look would help most."""
    size = {"species": 40, "images_max": 3, "images_min": 2, "validation": 4, "test": 10}
    return BenchmarkParams(**size, seed=seed, signal=0, variation=0.7)


def readings(folder):
    return [
        read_traits(params(seed), CONFIG, folder / str(seed), controls=("shuffled",)) for seed in range(3)
    ]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return readings(tmp_path_factory.mktemp("sound"))


def test_where_all_is_well_it_is_quiet(sound, tmp_path):
    labels_dealt = read_traits(params(3), CONFIG, tmp_path, deal=True)
    assert faults(sound, [labels_dealt]) == []
    chance = sound[0].content["chance"]
    assert chance == 1 / 40
    assert all(reading.accuracy("none", "knn", "per_class") > 10 * chance for reading in sound)
    assert labels_dealt.accuracy("none", "knn", "per_class") < 3 * chance


def test_anchors_that_know_the_test_images_are_noticed(monkeypatch, tmp_path):
    tables = [trait_table(params(seed)) for seed in range(3)]
    queue = iter(tables)

    def leaking(records, labels, species, config):
        table = next(queue)
        tested = np.array([item.split == "test" for item in table.items])
        names = np.array([item.species for item in table.items])
        means = np.array([table.vectors[tested & (names == name)].mean(0) for name in species])
        return (means - means.mean(0)) @ np.random.default_rng(0).normal(size=(means.shape[1], 256))

    monkeypatch.setattr(labelled, "species_anchors", leaking)
    found = faults(readings(tmp_path), [])
    assert any("by anchor real DNA beats shuffled DNA" in fault for fault in found)


def test_test_images_in_the_gallery_are_noticed(monkeypatch, tmp_path):
    rows = Examples.rows

    def leaking(self, side):
        own = rows(self, side)
        return np.concatenate([own, rows(self, "test")]) if side == "train" else own

    monkeypatch.setattr(Examples, "rows", leaking)
    found = faults([], [read_traits(params(3), CONFIG, tmp_path, deal=True)])
    assert found
    assert all("seen before, or told" in fault for fault in found)


def test_placebos_are_chance_by_construction(sound):
    """Each shuffle minus the mean of the others: over all of them the differences cancel."""
    for reading in sound:
        means = [figures["per_class"]["mean"] for figures in reading.content["placebos"]]
        assert len(means) == len(reading.placebo_claims) == 5
        assert sum(means) == pytest.approx(0, abs=1e-12)
        assert len(set(means)) > 1
        (row,) = (
            row
            for row in reading.content["rows"]
            if (row["target"], row["classifier"]) == ("shuffled", "knn")
        )
        assert row["cells"] == 5


def test_figures_over_sets(sound):
    values = [reading.real_minus("shuffled", "knn", "per_class") for reading in sound]
    found = collect(sound, lambda reading: reading.real_minus("shuffled", "knn", "per_class"))
    assert found.mean == pytest.approx(np.mean(values))
    assert found.high - found.mean == pytest.approx(4.3027 * np.std(values, ddof=1) / np.sqrt(3), rel=1e-4)
    assert collect(sound, lambda reading: reading.accuracy("none", "anchor", "per_class")) is None


def test_rates():
    """Clopper and Pearson: with none in n, the upper end is 1 - 0.025^(1/n)."""
    found = rate([False] * 20)
    assert (found.happened, found.trials, found.low) == (0, 20, 0)
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 20))


def test_labels_are_dealt_within_each_side():
    names, sides = ["a"] * 6 + ["b"] * 3, ["train", "train", "test"] * 3
    found = dealt(names, sides, seed=1)
    assert found != names
    for side in ("train", "test"):
        of_side = [
            [name for name, at in zip(some, sides, strict=True) if at == side] for some in (names, found)
        ]
        assert sorted(of_side[0]) == sorted(of_side[1])
    assert dealt(names, sides, seed=1) == found


def test_pictures_go_the_way_of_a_users(tmp_path):
    """A set is drawn once, and what is done is not done again; labels dealt out keep counts."""
    small = BenchmarkParams(species=4, images_max=6, images_min=3, validation=2, test=3, size=32, seed=1)
    quick = (
        *QUICK,
        "data.image_size=32",
        "train.epochs=1",
        "align.epochs=1",
        "align.views=1",
        "model.weights=none",
    )
    config = load_config("light", settings=quick, recipe=recipe_settings("naive-aligned"))
    reading = read_pictures(small, config, tmp_path)
    assert reading.content["test_images"] == 12
    cells = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("cells/**/*.npz")}
    assert cells
    assert read_pictures(small, config, tmp_path).content["rows"] == reading.content["rows"]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("cells/**/*.npz")} == cells
    read_pictures(small, config, tmp_path / "dealt", deal=True)
    held = {name: pd.read_csv(tmp_path / "dealt/data" / name) for name in ("metadata.csv", "dealt.csv")}
    counts = [table.groupby(["species", "split"]).size() for table in held.values()]
    assert counts[0].equals(counts[1])
    assert not held["metadata.csv"].species.equals(held["dealt.csv"].species)
