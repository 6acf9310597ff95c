"""An ablation goes on where it stopped, and only with what it was made of."""

import json
from dataclasses import replace

import pytest
from visgen_train.errors import DataError, TrainingError, UsageError, WeightsError
from visgen_train.experiment.ablation import ablation as engine
from visgen_train.experiment.ablation.run import ablate
from visgen_train.experiment.run import run
from visgen_train.training.rundir import RunFolder


def test_what_is_there_is_not_made_again(made, inputs, collection, monkeypatch):
    plan, content = made
    (collection / "ab" / "cells/seed-0/naive-aligned/shuffled-2.npz").unlink()
    (collection / "ab" / "ablation.json").unlink()
    (checkpoints,) = (collection / "ab" / "stage1").glob("*/*/checkpoints")
    left = checkpoints / "images.resume-0.safetensors"  # killed before it was taken away
    left.write_bytes(b"as good as any")
    names = []
    make = engine.make_cell
    monkeypatch.setattr(engine, "make_cell", lambda *given: names.append(given[1]) or make(*given))
    monkeypatch.setattr("visgen_train.experiment.session.pretrain", None)  # stage 1 is there
    assert ablate(inputs, collection / "ab", plan, resume=True) == content
    assert [name.target for name in names] == ["shuffled-2"]
    assert not left.exists()


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


def test_more_seeds_recipes_and_controls_can_be_added(made, inputs, collection, plan_of, figures_of):
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


def test_a_folder_with_an_ablation_is_not_touched_unasked(made, inputs, collection, plan_of):
    plan, content = made
    before = {path: path.read_bytes() for path in (collection / "ab").rglob("*") if path.is_file()}
    with pytest.raises(
        UsageError, match=r"holds an ablation. Go on with it \(--resume\), replace it \(--force"
    ):
        ablate(inputs, collection / "ab", plan)
    other = plan_of("naive", "naive-aligned", more=["align.lr=0.001"])
    with pytest.raises(UsageError, match=r"other settings \(align\.lr was 0\.05, now 0\.001\)"):
        ablate(inputs, collection / "ab", other, resume=True)
    other = plan_of("naive", "naive-aligned", more=["precision=bfloat16"])
    with pytest.raises(UsageError, match=r"other settings \(precision was auto, now bfloat16\)"):
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


def test_killed_before_there_was_a_plan_it_begins_and_an_ordinary_run_is_left_alone(
    inputs, collection, plan_of
):
    out = collection / "ab"
    with RunFolder(out) as folder:
        folder.start()
    (out / "data.json").touch()
    with pytest.raises(UsageError, match="holds a run and no ablation"):
        ablate(inputs, out, plan_of("naive"), resume=True)
    (out / "data.json").unlink()
    (collection / "images" / "Aus_albus" / "00.png").write_bytes(b"")
    with pytest.raises(DataError, match="1 of 24 images cannot be read"):  # past the folder
        ablate(inputs, out, plan_of("naive"), resume=True)


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
    data = network.parents[1] / "data.json"
    said = data.read_text()
    for begun in (False, True):  # trained, and killed in the midst of it
        if begun:
            network.rename(network.with_suffix(".kept"))
        data.write_text(said[:200])
        with pytest.raises(DataError, match=r"data\.json: cannot be read") as refused:
            ablate(inputs, collection / "ab", plan, resume=True)
        assert refused.value.__notes__ == [f"Delete {data.parent}; --resume trains it again."]
    network.with_suffix(".kept").rename(network)
    data.write_text(said)
    (collection / "ab" / "plan.json").write_text("{")
    with pytest.raises(DataError, match=r"plan\.json: cannot be read as the plan of an ablation"):
        ablate(inputs, collection / "ab", plan, resume=True)


def test_a_promise_is_kept_and_added_seeds_are_told(made, inputs, collection, plan_of):
    """The sentence stays about the recipe it was to be about; who adds seeds to a verdict is told so."""
    plan, content = made
    assert content["seeds_before"] == []
    path = collection / "ab" / "plan.json"
    held = json.loads(path.read_text())
    for settings in held["recipes"].values():
        del settings["precision"]  # made before there was this setting
    path.write_text(json.dumps(held))
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


def test_force_leaves_what_is_not_its_own(made, inputs, collection, settings_of):
    assert made
    (collection / "ab" / "notes.txt").write_text("mine")
    run(inputs, collection / "ab", settings_of("naive"), force=True)
    left = {path.name for path in (collection / "ab").iterdir()}
    assert "notes.txt" in left
    assert not left & {"cells", "stage1", "plan.json", "ablation.json"}
