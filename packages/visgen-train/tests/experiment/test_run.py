"""Whole runs: the folder and its figures, equal seeds, untouched test images, and bad input."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from Bio import SeqIO
from PIL import Image
from safetensors.torch import load_file
from visgen_train.config import load_config
from visgen_train.errors import ConfigError, DataError, TrainingError, UsageError
from visgen_train.evaluation.classifiers.softmax_adjusted import TAUS
from visgen_train.evaluation.classifiers.whitened_means import NOISES
from visgen_train.evaluation.intervals import WITH_INTERVALS
from visgen_train.evaluation.metrics import FIGURES
from visgen_train.evaluation.space import describe_space
from visgen_train.experiment import session
from visgen_train.experiment.inputs import Inputs, read_labels
from visgen_train.experiment.run import run
from visgen_train.experiment.start import SealedTest

FILES = {
    "checkpoints",
    "config.yaml",
    "data.json",
    "embeddings.npz",
    "environment.json",
    "log.txt",
    "metrics.csv",
    "metrics.json",
    "model.safetensors",
    "split.csv",
}


def inputs_of(folder, **more):
    return Inputs(folder / "images", folder / "sequences.fasta", **more)


def test_a_run_writes_the_whole_folder_and_its_figures_hang_together(collection, small):
    out = collection / "run"
    metrics = run(inputs_of(collection), out, small)
    assert {path.name for path in out.iterdir()} == FILES
    assert json.loads((out / "metrics.json").read_text()) == metrics
    data = json.loads((out / "data.json").read_text())
    held = metrics["aligned"]["species"]
    varying = {"recall": 0, "most_often_taken_for": 0, "nearest_by_dna": 0}
    assert held["Aus albus"] | varying == varying | {
        "train": 9,
        "validation": 1,
        "test": 2,
        "sequences": 2,
    }
    assert metrics["chance"] == pytest.approx(1 / 3)
    assert metrics["tail_species"] == ["Aus albus", "Aus niger", "Bus ruber"]
    for model in ("visual", "aligned"):
        recall = [entry["recall"] for entry in metrics[model]["species"].values()]
        assert metrics[model]["per_class"] == pytest.approx(np.mean(recall))
        assert metrics[model]["tail"] == pytest.approx(metrics[model]["per_class"])
        assert metrics[model]["head"] is None
        assert metrics[model]["genus"] >= metrics[model]["per_class"]
        assert 0 <= metrics[model]["intervals"]["macro_f1"][0] <= metrics[model]["macro_f1"]
        low, high = metrics[model]["intervals"]["overall"]
        assert low <= metrics[model]["overall"] <= high
    with np.load(out / "embeddings.npz") as stored:
        test = stored["split"] == "test"
        right = stored["aligned_predicted"] == stored["species"][test]
        assert right.mean() == pytest.approx(metrics["aligned"]["overall"])
        assert stored["visual_embedding"].shape == (24, 256)
        assert ((stored["softmax_confidence"] > 1 / 3) & (stored["softmax_confidence"] <= 1)).all()
        assert stored["sequence_ids"].tolist() == ["AUS_A0", "AUS_A1", "AUS_N0", "AUS_N1", "BUS_R0", "BUS_R1"]
        assert stored["sequence_species"].tolist()[1:3] == ["Aus albus", "Aus niger"]
        raw = np.array([stored["sequence_vectors"][pair].mean(0) for pair in ([0, 1], [2, 3], [4, 5])])
        np.testing.assert_allclose(
            raw - raw.mean(0), stored["anchors"], atol=1e-7
        )  # of two the median is the mean
        assert (stored["distances"] > 0).tolist() == (~np.eye(3, dtype=bool)).tolist()
    assert metrics["distance_method"] == "kmer"
    assert {item["file"]: item["split"] for item in data["items"]}.keys() == {
        str(path.relative_to(collection / "images")) for path in (collection / "images").rglob("*.png")
    }
    assert load_config(file=out / "config.yaml") == small


def test_the_classifiers_and_the_space_of_a_run_hang_together(collection, small):
    metrics = run(inputs_of(collection), collection / "run", small)
    by_model = metrics["classifiers"]
    everywhere = ["knn", "weighted-knn", "centroid", "whitened-means", "shrinkage", "kriging"]
    assert list(by_model) == list(metrics["space"]) == ["visual", "aligned"]
    assert list(by_model["aligned"]) == everywhere
    assert list(by_model["visual"]) == [
        *(*everywhere[:3], "softmax", "softmax-adjusted", *everywhere[3:5]),
        *("fused-shrinkage", "kriging", "fused"),
    ]
    for model, name, key in (
        ("visual", "knn", "visual"),
        ("visual", "softmax", "softmax"),
        ("aligned", "knn", "aligned"),
    ):
        main = {figure: value for figure, value in metrics[key].items() if figure != "species"}
        assert by_model[model][name] == {**main, "chosen": {}}
    for held in (found for model in by_model.values() for found in model.values()):
        assert held.keys() == {*FIGURES, "intervals", "chosen"}
        assert held["intervals"].keys() == set(WITH_INTERVALS)
        assert held["top3"] is None  # of three classes
        assert 0 <= held["calibration_error"] <= 1
        for figure in ("overall", "per_class", "tail", "macro_f1", "genus"):
            low, high = held["intervals"][figure]
            assert 0 <= low <= held[figure] <= high <= 1
    assert by_model["aligned"]["whitened-means"]["chosen"]["s2"] in NOISES
    assert by_model["visual"]["softmax-adjusted"]["chosen"]["tau"] in TAUS
    with np.load(collection / "run" / "embeddings.npz") as stored:
        test, names = stored["split"] == "test", sorted(set(stored["species"]))
        assert stored["tested_files"].tolist() == stored["files"][test].tolist()
        labels = np.array([names.index(name) for name in stored["species"][test]])
        for model, held in metrics["space"].items():
            assert held == describe_space(stored[f"{model}_embedding"][test], labels, names)
    assert metrics["space"]["visual"] != metrics["space"]["aligned"]


def test_what_names_species_is_settled_before_any_test_image_is_met(collection, small, monkeypatch):
    calls = []

    def noted(name, function):
        def call(*arguments, **more):
            calls.append(name)
            return function(*arguments, **more)

        return call

    monkeypatch.setattr(session, "recommend", noted("settled", session.recommend))
    monkeypatch.setattr(SealedTest, "score", noted("met", SealedTest.score))
    metrics = run(inputs_of(collection), collection / "run", small)
    assert calls == ["settled", "met", "met"]
    found = metrics["recommended"]
    assert (found["classifier"], found["embedding"]) == ("softmax-adjusted", "visual")
    assert found["why"].startswith("Too few species to say whether DNA informs looks: 3, ")


def test_alignment_freezes_the_backbone_and_the_softmax_head(collection, small):
    out = collection / "run"
    run(inputs_of(collection), out, small)
    visual, aligned = (load_file(out / f"checkpoints/{name}.safetensors") for name in ("visual", "aligned"))
    moved = {key for key in visual if not torch.equal(visual[key], aligned[key])}
    assert moved == {
        f"head.{layer}.{part}" for layer in ("hidden", "embedding") for part in ("weight", "bias")
    }
    final = load_file(out / "model.safetensors")
    assert all(torch.equal(final[key], aligned[key]) for key in aligned)


def test_equal_seeds_give_equal_figures(collection, small):
    first = run(inputs_of(collection), collection / "one", small)
    again = run(inputs_of(collection), collection / "two", small)
    assert first == again
    one, two = (load_file(collection / name / "model.safetensors") for name in ("one", "two"))
    assert all(torch.equal(one[key], two[key]) for key in one)


def test_test_images_play_no_part_in_training(collection, small):
    """Spoil every test image after the split is known: the trained weights stay, the figures do not."""
    run(inputs_of(collection), collection / "one", small)
    items = json.loads((collection / "one" / "data.json").read_text())["items"]
    table = collection / "meta.csv"
    table.write_text("file,split\n" + "".join(f"images/{item['file']},{item['split']}\n" for item in items))
    metadata = inputs_of(collection, metadata=table)
    before = run(metadata, collection / "two", small)
    for item in items:
        if item["split"] == "test":
            source = next(i for i in items if i["split"] == "train" and i["species"] != item["species"])
            picture = Image.open(collection / "images" / source["file"]).rotate(90, expand=True)
            picture.save(collection / "images" / item["file"])
    after = run(metadata, collection / "three", small)
    assert before["visual"] != after["visual"]
    two, three = (load_file(collection / name / "model.safetensors") for name in ("two", "three"))
    assert all(torch.equal(two[key], three[key]) for key in two)


def test_a_group_stays_on_one_side(collection, small):
    table = collection / "meta.csv"
    rows = [
        f"{path.relative_to(collection)},{path.parent.name}-{int(path.stem) // 2}"
        for path in sorted((collection / "images").rglob("*.png"))
    ]
    table.write_text("file,specimen\n" + "\n".join(rows) + "\n")
    run(inputs_of(collection, metadata=table, group="specimen"), collection / "run", small)
    sides = {}
    for item in json.loads((collection / "run" / "data.json").read_text())["items"]:
        assert item["group"] is not None
        sides.setdefault(item["group"], set()).add(item["split"])
    assert all(len(side) == 1 for side in sides.values())


def test_genbank_does_as_well_as_fasta(collection, small, tmp_path):
    written = read_labels(inputs_of(collection), small)
    with (collection / "sequences.fasta").open() as handle:
        records = list(SeqIO.parse(handle, "fasta"))
    for record in records:
        record.description = record.description.removeprefix(record.id)
        record.annotations["molecule_type"] = "DNA"
    SeqIO.write(records, tmp_path / "sequences.gb", "genbank")
    found = read_labels(Inputs(collection / "images", tmp_path / "sequences.gb"), small)
    assert found.sequence_counts == written.sequence_counts
    assert found.anchors.tobytes() == written.anchors.tobytes()


def test_species_on_one_side_only_need_a_flag(collection, small):
    fasta = collection / "sequences.fasta"
    fasta.write_text(fasta.read_text().replace("Bus ruber", "Bus rubber"))
    with pytest.raises(
        DataError, match=r"(?s)Bus rubber +- +2 +Bus ruber.*--matched-only .*the 2 species"
    ) as raised:
        run(inputs_of(collection), collection / "run", small)
    assert "Bus ruber" in str(raised.value)
    assert not (collection / "run").exists()
    run(inputs_of(collection, matched_only=True), collection / "run", small)
    data = json.loads((collection / "run" / "data.json").read_text())
    assert list(data["species"]) == ["Aus albus", "Aus niger"]
    assert data["images_without_sequences"] == {"Bus ruber": 4}
    assert data["sequences_without_images"] == {"Bus rubber": 2}


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (lambda c: (c / "sequences.fasta").unlink(), Exception, r"sequences\.fasta"),
        (lambda c: (c / "sequences.fasta").write_text("\n"), Exception, r"sequences\.fasta"),
        (lambda c: (c / "images").rename(c / "pictures"), DataError, "no such folder"),
        (
            lambda c: (c / "images/Aus_niger/00.png").write_bytes(b"x"),
            DataError,
            r"1 of 24 .*\n.*Aus_niger/00\.png",
        ),
    ],
)
def test_bad_input_leaves_no_run(collection, small, spoil, error, message):
    spoil(collection)
    with pytest.raises(error, match=message):
        run(inputs_of(collection), collection / "run", small)
    assert not (collection / "run").exists()


def test_one_species_is_too_few(collection, small):
    fasta = collection / "sequences.fasta"
    fasta.write_text("".join(">" + part for part in fasta.read_text().split(">") if "albus" in part))
    with pytest.raises(
        DataError, match="1 species of .* have both images and sequences; a classifier needs two"
    ):
        run(inputs_of(collection, matched_only=True), collection / "run", small)


def test_wrong_usage(collection, small):
    model = dataclasses.replace(small.model, backbone="resnet5")
    with pytest.raises(ConfigError, match="Perhaps resnet50"):
        run(inputs_of(collection), collection / "run", dataclasses.replace(small, model=model))
    with pytest.raises(UsageError, match="give the table by --metadata"):
        run(inputs_of(collection, group="specimen"), collection / "run", small)
    (collection / "full").mkdir()
    (collection / "full" / "x").touch()
    with pytest.raises(UsageError, match="is not empty"):
        run(inputs_of(collection), collection / "full", small)
    assert not (collection / "run").exists()


def test_the_same_picture_twice_is_reported_and_kept_on_one_side(collection, small, caplog):
    content = (collection / "images/Aus_albus/00.png").read_bytes()
    for name in ("Aus_albus/copy1.png", "Aus_albus/copy2.png", "Aus_niger/copy3.png"):
        (collection / "images" / name).write_bytes(content)
    run(inputs_of(collection), collection / "run", small)
    items = json.loads((collection / "run" / "data.json").read_text())["items"]
    sides = [item["split"] for item in items if "copy" in item["file"] or item["file"] == "Aus_albus/00.png"]
    assert len(sides) == 4
    assert len(set(sides)) == 1
    assert "Aus_albus/00.png and Aus_niger/copy3.png are the same picture, under two species" in caplog.text


@pytest.mark.parametrize("stage", ["session.pretrain", "start.align"])
def test_a_run_that_breaks_half_way_does_not_look_finished(collection, small, monkeypatch, stage):
    run(inputs_of(collection), collection / "run", small)

    def broken(*arguments, **more):
        raise TrainingError("The loss became nan")

    monkeypatch.setattr(f"visgen_train.experiment.{stage}", broken)
    with pytest.raises(TrainingError):
        run(inputs_of(collection), collection / "run", small, force=True)
    left = {path.name for path in (collection / "run").iterdir()}
    assert not left & {"report.html", "metrics.json", "model.safetensors", "embeddings.npz"}
    assert "run ended: TrainingError" in (collection / "run" / "log.txt").read_text()
