"""Runs that take their pictures from a store, and what becomes of pictures that change while a run is on."""

import json
import shutil
from dataclasses import replace

import pytest
from typer.testing import CliRunner
from visgen_train.cli.main import app
from visgen_train.config import to_yaml
from visgen_train.data import images
from visgen_train.errors import DataError
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import align, evaluate, new_session, run, train
from visgen_train.io.progress import silent


@pytest.fixture
def small(small):
    """One epoch a stage."""
    once = {name: replace(getattr(small, name), epochs=1) for name in ("train", "align")}
    return replace(small, **once)


@pytest.fixture
def inputs(collection):
    return Inputs(collection / "images", collection / "sequences.fasta")


@pytest.fixture
def stored(collection):
    return Inputs(collection / "images", collection / "sequences.fasta", store=collection / "store")


@pytest.fixture
def decodings(monkeypatch):
    """One entry a decoded picture."""
    calls = []
    original = images.decode
    monkeypatch.setattr(images, "decode", lambda *arguments: calls.append(1) or original(*arguments))
    return calls


def test_every_part_of_a_run_takes_the_pictures_from_the_store(collection, inputs, stored, small, decodings):
    expected = run(inputs, collection / "plain", small)
    decodings.clear()
    train(stored, collection / "run", small)
    align(collection / "run", small)
    assert evaluate(collection / "run", small) == expected
    assert len(decodings) == 24
    data = json.loads((collection / "run" / "data.json").read_text())
    assert data["store"] == str(collection / "store")


def test_without_its_store_a_run_decodes_again(collection, stored, small, decodings):
    train(stored, collection / "run", small)
    shutil.rmtree(collection / "store")
    decodings.clear()
    align(collection / "run", small)
    assert len(decodings) == 24
    assert not (collection / "store").exists()


def test_pictures_removed_during_the_training_are_not_missed(collection, inputs, small):
    with new_session(inputs, collection / "run", small, False, silent, False) as session:
        shutil.rmtree(collection / "images")
        session.train()
        assert 0 <= session.evaluate()["visual"]["per_class"] <= 1


def test_pictures_changed_after_the_training_are_named(collection, stored, small):
    train(stored, collection / "run", small)
    changed = collection / "images" / "Aus_niger" / "03.png"
    shutil.copy(collection / "images" / "Aus_niger" / "04.png", changed)
    with pytest.raises(DataError, match=r"first 'Aus_niger/03.png'"):
        align(collection / "run", small)


def test_the_option(collection, small):
    (collection / "small.yaml").write_text(to_yaml(small, "small"))
    words = ["train", collection / "images", collection / "sequences.fasta", "--out", collection / "run"]
    words += ["--config", collection / "small.yaml", "--store", collection / "store"]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    assert (collection / "store" / "pixels.u8").stat().st_size == 24 * 3 * 32 * 32
    words = ["run", "--features", "f.npz", collection / "sequences.fasta", "--out", "x", "--store", "y"]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert (result.exit_code, "features need no decoding" in result.stderr) == (2, True)
