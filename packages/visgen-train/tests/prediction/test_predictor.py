"""A run that names pictures: the bits of its evaluation, every way to give a picture, and none of these."""

import json

import numpy as np
import pytest
import visgen_train
from PIL import Image
from visgen_train.errors import DataError, UsageError, VisgenError
from visgen_train.evaluation.classifiers import CLASSIFIERS, Embedded
from visgen_train.evaluation.predictions import predictions
from visgen_train.prediction.answers import Answers
from visgen_train.prediction.loading import load_predictor


@pytest.fixture(scope="module")
def predictor(made):
    return load_predictor(made.run)


def test_pictures_of_the_run_get_the_bits_and_figures_of_its_evaluation(made, predictor):
    """Embeddings bit for bit, and, among the species with pictures, accuracy and calibration error of metrics.json."""
    items = [
        item for item in json.loads((made.run / "data.json").read_text())["items"] if item["split"] == "test"
    ]
    files = [made.images / item["file"] for item in items]
    pixels = np.stack([one.pixels(predictor.policy) for one in _sources(files)])
    features = predictor.features(pixels)
    with np.load(made.run / "embeddings.npz") as stored:
        rows = stored["split"] == "test"
        for name in predictor.heads:
            assert np.array_equal(
                predictor.embedded(features, name).vectors, stored[f"{name}_embedding"][rows]
            )
    truth = np.array([predictor.scorer.species.index(item["species"]) for item in items])
    fitted = predictor.scorer.fitted
    found = predictions(fitted.scores(predictor.embedded(features, "visual")), truth, fitted.temperature)
    told = made.metrics["classifiers"][predictor.embedding][predictor.scorer.classifier]
    assert (found.predicted == truth).mean() == told["overall"]


def _sources(files):
    from visgen_train.prediction.sources import sources

    return sources(files)


@pytest.mark.parametrize("embedding", ["visual", "aligned"])
def test_the_recommended_classifier_is_used(made, embedding, tmp_path):
    folder = _copied(made.run, tmp_path)
    metrics = json.loads((folder / "metrics.json").read_text())
    for name in metrics["classifiers"][embedding]:
        metrics["recommended"] = {"classifier": name, "embedding": embedding, "why": "a test"}
        (folder / "metrics.json").write_text(json.dumps(metrics))
        predictor = load_predictor(folder)
        assert (predictor.scorer.classifier, predictor.embedding) == (name, embedding)
        one = predictor.predict(made.images / "Aus_albus" / "00.png")[0]
        assert sum(
            candidate.probability for candidate in predictor.predict(made.images, top=9)[0].candidates
        ) == (pytest.approx(1))
        assert len(one.candidates) == 3
    assert name in CLASSIFIERS


def test_every_way_to_give_a_picture_gives_the_same_answer(made, predictor):
    file = made.images / "Bus_ruber" / "01.png"
    with Image.open(file) as picture:
        array = np.asarray(picture)
        given = [file, str(file), array, picture]
        answers = predictor.predict(given)
        grey = predictor.predict([array[..., 0], np.repeat(array[..., :1], 3, axis=2)])
    assert len({one.candidates for one in answers}) == 1
    assert grey[0].candidates == grey[1].candidates
    alone, among = predictor.predict(array)[0], predictor.predict(file.parent)[1]
    assert alone.distance == pytest.approx(among.distance, rel=1e-5)  # a product of one row rounds otherwise


def test_bad_pictures_are_listed_and_the_others_done(made, predictor, tmp_path):
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x18ftypmp42" * 9)
    (tmp_path / "empty").mkdir()
    good = made.images / "Aus_albus" / "00.png"
    (tmp_path / "cut.png").write_bytes(good.read_bytes()[:200])
    given = [tmp_path / "film.mp4", good, tmp_path / "gone.png", tmp_path / "cut.png", tmp_path / "empty"]
    answers = predictor.predict([*given, np.zeros((4, 4)), good])
    assert [one.status for one in answers] == ["bad", "ok", "bad", "bad", "bad", "bad", "ok"]
    assert "not a picture" in answers[0].problem
    assert "No such file" in answers[2].problem
    assert "a folder without pictures" in answers[4].problem
    assert "float64" in answers[5].problem
    assert answers[1].candidates == answers[6].candidates
    assert answers.counts["bad"] == 5
    with pytest.raises(TypeError, match="int"):
        predictor.predict([3])


def test_species_without_pictures_are_candidates_with_a_mark(predictor, made):
    seen = {one.species: one.seen for one in predictor.predict(made.images, top=9)[0].candidates}
    assert seen == {
        "Aus albus": True,
        "Aus niger": True,
        "Bus flavus": True,
        "Bus ruber": True,
        "Bus caeruleus": False,
    }
    assert any("species without training pictures (1)" in sentence for sentence in predictor.about)


def test_probabilities_without_the_unseen_are_those_of_the_classifier(predictor):
    """The species with pictures share, in the classifier's proportions, what calibrated stacking leaves them."""
    known = predictor.scorer.known
    found = predictor.scorer.probabilities(known.validation)
    scores = predictor.scorer.fitted.scores(known.validation) / predictor.scorer.fitted.temperature
    alone = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    assert found.sum(1) == pytest.approx(1)
    assert found[:, :4] / found[:, :4].sum(1, keepdims=True) == pytest.approx(alone)


def test_noise_and_drawings_are_none_of_these_and_validation_images_are_not(made, predictor):
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (40, 40, 3), dtype=np.uint8) for _ in range(5)]
    assert all(one.none_of_these and one.text == "none of these" for one in predictor.predict(noise))
    visual = Embedded(predictor.scorer.known.validation.vectors)
    accepted = predictor.open_set.distances(visual.vectors) <= predictor.open_set.threshold
    assert accepted.mean() >= 0.9


def test_the_nearest_training_picture_of_a_training_picture_is_itself(made, predictor):
    item = next(i for i in json.loads((made.run / "data.json").read_text())["items"] if i["split"] == "train")
    assert predictor.predict(made.images / item["file"])[0].nearest[0] == item["file"]


def test_moved_images_and_sequences_are_not_needed(made, tmp_path):
    folder = _copied(made.run, tmp_path)
    data = json.loads((folder / "data.json").read_text())
    data["images"], data["sequences"]["file"] = str(tmp_path / "gone"), str(tmp_path / "gone.fasta")
    (folder / "data.json").write_text(json.dumps(data))
    picture = made.images / "Aus_albus" / "00.png"
    assert (
        load_predictor(folder).predict(picture).answers == load_predictor(made.run).predict(picture).answers
    )


def _copied(run, tmp_path):
    import shutil

    return shutil.copytree(run, tmp_path / "copy")


SPOILT = {
    "metrics.json": (lambda p: p.unlink(), UsageError, "visgen evaluate"),
    "model of another version": (
        lambda p: p.write_text(p.read_text().replace('"schema_version": ', '"schema_version": 9')),
        DataError,
        "of version 9",
    ),
    "damaged metrics": (lambda p: p.write_text("{"), DataError, "cannot be read"),
    "embeddings.npz": (lambda p: p.write_bytes(p.read_bytes()[:999]), DataError, "visgen evaluate"),
    "checkpoints/visual.safetensors": (
        lambda p: p.write_bytes(p.read_bytes()[:999]),
        VisgenError,
        "cannot be read as the network",
    ),
    "plan.json": (lambda p: p.write_text("{}"), UsageError, "ablation"),
    "checkpoints": (lambda p: (p / "visual.safetensors").unlink(), UsageError, "no trained run"),
}
FILES = {"model of another version": "metrics.json", "damaged metrics": "metrics.json"}


@pytest.mark.parametrize("what", SPOILT)
def test_a_run_that_cannot_be_used_is_told_with_the_way_out(made, tmp_path, what):
    folder = _copied(made.run, tmp_path)
    spoil, error, told = SPOILT[what]
    spoil(folder / FILES.get(what, what))
    with pytest.raises(error, match=told) as raised:
        load_predictor(folder)
    assert "\n" not in str(raised.value)


def test_embeddings_of_an_earlier_visgen_or_of_other_images_are_refused(made, tmp_path):
    folder = _copied(made.run, tmp_path)
    with np.load(folder / "embeddings.npz") as stored:
        arrays = dict(stored)
    for change, told in (
        ({"visual_logits": None}, "earlier visgen, without visual_logits"),
        ({"files": arrays["files"][::-1]}, "not of the images"),
        ({"visual_embedding": arrays["visual_embedding"] * np.nan}, "NaN"),
    ):
        kept = {name: value for name, value in {**arrays, **change}.items() if value is not None}
        np.savez(folder / "embeddings.npz", **kept)
        with pytest.raises(DataError, match=told):
            load_predictor(folder)


def test_no_such_run(tmp_path):
    with pytest.raises(UsageError, match="no such folder"):
        visgen_train.load(tmp_path / "nowhere")


def test_answers_show_themselves_escaped(made):
    predictor = visgen_train.load(made.run)
    answers = predictor.predict([np.zeros((4, 4, 3), np.uint8)])
    assert "4 species with pictures, 1 more by DNA alone" in repr(predictor)
    renamed = Answers((answers[0].__class__(**{**vars(answers[0]), "file": "<b>\n\u202e"}),), answers.about)
    assert "<b>\\n\\u202e" in repr(renamed)
    assert "&lt;b&gt;" in renamed._repr_html_()
    assert "<b>" not in renamed._repr_html_()
    frame = answers.to_pandas()
    assert frame.loc[0, "species_1"] == answers[0].candidates[0].species
    assert len(answers[:0]) == 0
    assert repr(answers[:0]).startswith("0 pictures")
