"""Species left out of pictures in turn: stage 1 is trained without them."""

import json
import logging
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file
from visgen_train.data.image_table import read_items
from visgen_train.errors import DataError, WeightsError
from visgen_train.experiment.ablation.run import ablate
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import train
from visgen_train.training.loop import Optimiser
from visgen_train.training.resume import Checkpoints
from visgen_train.training.rundir import VISUAL


@pytest.fixture(scope="module")
def inputs(eight_species):
    return Inputs(eight_species / "images", eight_species / "sequences.fasta")


@pytest.fixture(scope="module")
def plan(plan_of):
    """Two recipes that share stage 1, and one that does not."""
    return plan_of("weight-decay", "naive", "naive-aligned", controls=())


@pytest.fixture(scope="module")
def out(eight_species):
    return eight_species / "ab"


@pytest.fixture(scope="module")
def made(inputs, plan, out):
    """The content, and what was said before."""
    told = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())
    log = logging.getLogger("visgen_train.experiment.ablation.zero_shot")
    log.addHandler(handler)
    content = ablate(inputs, out, plan, zero_shot=True)
    log.removeHandler(handler)
    return content, told


def folds(out):
    return sorted((out / "stage1" / "seed-0").glob("fold-*/stage-*"))


def test_it_says_how_many_trainings_it_makes_and_of_what(made, out):
    _, told = made
    assert told[0] == (
        "--zero-shot: 4 more trainings of stage 1 (4 quarters of the species left out x 1 seed), of naive and "
        "naive-aligned alone: each other first stage would take as many again"
    )
    assert len(folds(out)) == 4


def test_every_species_is_left_out_once_and_asked_for(made, inputs, out):
    table = made[0]["zero_shot"]
    held = {(row["recipe"], row["method"]): row["figures"] for row in table["rows"]}
    assert list(held) == [
        *(("naive", method) for method in ("kriging", "shuffled", "chance")),
        *(("naive-aligned", method) for method in ("kriging", "shuffled", "anchor", "chance")),
    ]
    assert held["naive", "chance"]["top1"]["mean"] == pytest.approx(0.5)
    gone = [
        json.loads((fold / "data.json").read_text())["sequences_without_images"].keys() for fold in folds(out)
    ]
    assert sorted(name for names in gone for name in names) == sorted(
        {item.species for item in read_items(inputs.images)}
    )


def test_stage_1_is_that_of_a_collection_without_the_species(made, inputs, out, plan, tmp_path):
    """`visgen train` on the other species' pictures, split alike, gives the same network, bit for bit."""
    assert made
    fold = folds(out)[1]
    rest = json.loads((fold / "data.json").read_text())["species"]
    for folder in sorted(inputs.images.iterdir()):
        if folder.name.replace("_", " ") in rest:
            shutil.copytree(folder, tmp_path / "images" / folder.name)
    assert len(rest) == len(list((tmp_path / "images").iterdir())) == 6
    given = Inputs(tmp_path / "images", inputs.sequences, matched_only=True, split=fold / "split.csv")
    train(given, tmp_path / "run", plan.rows["naive-aligned"].config)
    ours, theirs = (load_file(folder / VISUAL) for folder in (fold, tmp_path / "run"))
    assert ours.keys() == theirs.keys()
    for name, values in ours.items():
        np.testing.assert_array_equal(values, theirs[name])


def test_killed_in_the_midst_of_a_quarter_it_goes_on_from_its_checkpoint(
    made, inputs, out, plan, monkeypatch, caplog
):
    fold, step, taken = folds(out)[1], Optimiser.step, []

    def broken(self, loss):
        taken.append(loss)
        if len(taken) == 3:
            raise KeyboardInterrupt
        return step(self, loss)

    shutil.rmtree(fold)
    shutil.rmtree(out / "cells" / "seed-0" / "fold-2")
    monkeypatch.setattr(Checkpoints, "due", lambda self, epoch_ended: True)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Optimiser, "step", broken)
        ablate(inputs, out, plan, resume=True, zero_shot=True)
    assert not (fold / VISUAL).exists()
    assert ablate(inputs, out, plan, resume=True, zero_shot=True) == made[0]
    assert "going on with stage images from its checkpoint after batch 2 of epoch 1" in caplog.text
    assert [path.name for path in (fold / "checkpoints").iterdir()] == ["visual.safetensors"]


def test_what_is_there_is_not_trained_again(made, inputs, out, plan, monkeypatch, caplog):
    cells = out / "cells" / "seed-0"
    (cells / "fold-2" / "naive-aligned.npz").unlink()
    (cells / "fold-4" / "naive.npz").write_bytes(b"PK")
    left = folds(out)[1] / "checkpoints" / "images.resume-0.safetensors"  # killed before it was taken away
    left.write_bytes(b"as good as any")
    monkeypatch.setattr("visgen_train.experiment.session.pretrain", None)
    assert ablate(inputs, out, plan, resume=True, zero_shot=True) == made[0]
    assert "naive.npz: cannot be read as a cell of --zero-shot" in caplog.text
    assert "2 of them are left to do" in caplog.text
    assert not left.exists()
    (cells / "fold-3" / "naive.npz").unlink()
    network = folds(out)[2] / VISUAL
    held = network.read_bytes()
    network.write_bytes(held[:200])
    with pytest.raises(WeightsError) as raised:
        ablate(inputs, out, plan, resume=True, zero_shot=True)
    assert "--resume trains it again" in raised.value.__notes__[0]
    network.write_bytes(held)


def test_changed_pictures_are_noticed(made, inputs, out, plan):
    assert made
    (out / "cells" / "seed-0" / "fold-3" / "naive.npz").unlink(missing_ok=True)
    picture, other = (inputs.images / "Aus_albus" / name for name in ("00.png", "01.png"))
    held = picture.read_bytes()
    picture.write_bytes(other.read_bytes() + b"\0")
    with pytest.raises(DataError, match=r"1 images have changed since .* first 'Aus_albus/00\.png'"):
        ablate(inputs, out, plan, resume=True, zero_shot=True)
    picture.write_bytes(held)
