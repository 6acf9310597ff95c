"""Which score tells pictures of none of the species? `python benchmarks/open_set.py RUN...`; docs/predict.md.

Known: the run's test images. Unknown: what is made here (noise, drawings, photographs that scikit-learn ships, plain
colours) and folders, about 200 pictures of each, by --folder NAME=PATH. Of each score and run: AUROC, the share of
unknown ones accepted where 95 % of the test images are (FPR95), and the share called none of these by the threshold of
the run. Markdown, %.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import visgen_train
from PIL import Image, ImageDraw
from scipy.special import logsumexp
from sklearn.datasets import load_sample_images
from sklearn.metrics import roc_auc_score
from visgen_train.evaluation.classifiers import Embedded
from visgen_train.evaluation.knn import cosine_search
from visgen_train.evaluation.open_set import KEPT, fit_open_set
from visgen_train.evaluation.whitening import unit
from visgen_train.prediction.predictor import Predictor
from visgen_train.prediction.sources import decoded, sources

NUMBER, SIZE, MOST = 100, 224, 200
Score = Callable[[Embedded], np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--folder", action="append", default=[], metavar="NAME=PATH")
    options = parser.parse_args()
    folders = dict(text.split("=", 1) for text in options.folder)
    print("| run | unknown | score | AUROC | FPR95 | none of these | test images accepted |")
    print("|---|---|---|---|---|---|---|")
    for run in options.runs:
        predictor = visgen_train.load(run)
        unknown = {**{name: list(make()) for name, make in MADE.items()}, **folders}
        seen = {name: embedded(predictor, given) for name, given in unknown.items()}
        for score, (values, of_test, of_validation) in scores(run, predictor).items():
            limit, strict = np.quantile(of_validation, KEPT), np.quantile(of_test, KEPT)
            for name, queries in seen.items():
                found = values(queries)
                truth = np.repeat([0, 1], [len(of_test), len(found)])
                area = roc_auc_score(truth, np.concatenate([of_test, found]))
                told = (area, (found <= strict).mean(), (found > limit).mean(), (of_test <= limit).mean())
                print(
                    f"| {run.name} | {name} | {score} | "
                    + " | ".join(f"{100 * one:.0f}" for one in told)
                    + " |"
                )


def embedded(predictor: Predictor, given: object) -> Embedded:
    found = sources(given)
    some = found[:: max(1, len(found) // MOST)]
    pixels = [one for one, _ in decoded(some, predictor.policy) if one is not None]
    return predictor.embedded(predictor.features(np.stack(pixels)), "visual")


def scores(run: Path, predictor: Predictor) -> dict[str, tuple[Score, np.ndarray, np.ndarray]]:
    """Each score, and its values of the run's test and validation images."""
    with np.load(run / "embeddings.npz") as stored:
        side, vectors, logits = stored["split"], stored["visual_embedding"], stored["visual_logits"]
        species = stored["species"]
    labels = np.array([predictor.scorer.species.index(name) for name in species])
    rows = side == "train"
    train, of_train = vectors[rows], labels[rows]
    ours = fit_open_set(train, of_train, vectors[side == "validation"], labels.max() + 1)
    background = fit_open_set(train, np.zeros_like(of_train), vectors[side == "validation"], 1)
    search = cosine_search(train, 5)
    tried: dict[str, Score] = {
        "nearest mean": lambda given: ours.distances(given.vectors),
        "relative to all": lambda given: (
            ours.distances(given.vectors) ** 2 - background.distances(given.vectors) ** 2
        ),
        "5th neighbour": lambda given: search.kneighbors(unit(given.vectors).astype(np.float32))[0][:, -1],
        "energy": lambda given: -logsumexp(given.logits, axis=1),
        "highest probability": lambda given: -np.exp(given.logits.max(1) - logsumexp(given.logits, axis=1)),
    }
    known = [Embedded(vectors[side == name], logits[side == name]) for name in ("test", "validation")]
    return {name: (score, score(known[0]), score(known[1])) for name, score in tried.items()}


def noise() -> Iterator[np.ndarray]:
    rng = np.random.default_rng(0)
    for _ in range(NUMBER):
        yield rng.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)


def drawings() -> Iterator[Image.Image]:
    rng = np.random.default_rng(1)
    for _ in range(NUMBER):
        picture = Image.new("RGB", (SIZE, SIZE), "white")
        pen = ImageDraw.Draw(picture)
        for _ in range(rng.integers(3, 10)):
            (left, right), (top, bottom) = np.sort(rng.integers(0, SIZE, (2, 2)), axis=1).tolist()
            kind = rng.integers(3)
            if kind == 0:
                pen.line((left, top, right, bottom), "black", 4)
            else:
                (pen.ellipse if kind == 1 else pen.rectangle)(
                    (left, top, right, bottom), outline="black", width=4
                )
        yield picture


def photographs() -> Iterator[np.ndarray]:
    rng = np.random.default_rng(2)
    for number in range(NUMBER):
        whole = load_sample_images().images[number % 2]
        side = int(rng.integers(120, 400))
        top, left = (int(rng.integers(0, length - side)) for length in whole.shape[:2])
        yield np.ascontiguousarray(whole[top : top + side, left : left + side])


def colours() -> Iterator[np.ndarray]:
    rng = np.random.default_rng(3)
    for _ in range(NUMBER):
        yield np.full((SIZE, SIZE, 3), rng.integers(0, 256, 3), np.uint8)


MADE = {"noise": noise, "drawings": drawings, "photographs": photographs, "plain colours": colours}

if __name__ == "__main__":
    main()
