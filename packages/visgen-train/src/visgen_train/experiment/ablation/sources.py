"""Where the trained first stages of an ablation come from: folders of pictures, or ready-made features."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from visgen_train.config import Config
from visgen_train.data.features import FeatureTable
from visgen_train.data.views import FeatureViews
from visgen_train.errors import DataError, WeightsError
from visgen_train.evaluation.classifiers import Embedded, Known
from visgen_train.experiment.examples import Examples, scored_test_rows, take_features, tested
from visgen_train.experiment.inputs import Inputs, Labelled
from visgen_train.experiment.run import new_session, open_session
from visgen_train.experiment.session import Session
from visgen_train.experiment.start import SealedTest
from visgen_train.io.progress import Track
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.rundir import VISUAL, RunFolder
from visgen_train.training.seeding import choose_device, seed_everything


@dataclass(frozen=True)
class ImageSource:
    """Pictures: each first stage is an ordinary run folder, as `visgen train` makes it."""

    inputs: Inputs

    @contextlib.contextmanager
    def stage1(self, folder: Path, seed: int, stage: str, config: Config, track: Track) -> Iterator[Session]:
        """Train it, or open it where it was trained before.

        Raises
        ------
        DataError
            The pictures are not those of the other first stages of this ablation, or it is damaged.
        """
        place = _place(folder, seed, stage)
        if all((place / name).is_file() for name in (VISUAL, "data.json", "config.yaml", "environment.json")):
            opened = open_session(place, config, ("align", "evaluate", "device"), (), None, track)
            with _with_hint(place), opened as session:
                yield session
        else:
            begun = (place / "data.json").is_file()  # killed in the midst of it
            with new_session(self.inputs, place, config, not begun, track, begun) as session:
                _check_pictures(folder, place, session)
                session.train()
                yield session


@dataclass(frozen=True)
class FeatureSource:
    """Features: heads are trained on them, in seconds, so they are trained again where they are needed."""

    table: FeatureTable
    labelled: Labelled

    @contextlib.contextmanager
    def stage1(self, folder: Path, seed: int, stage: str, config: Config, track: Track) -> Iterator[Session]:
        """Train the heads."""
        device = choose_device(config.device)
        examples = take_features(self.labelled, self.table, config)
        with RunFolder(_place(folder, seed, stage), force=True) as run:
            run.start()
            seed_everything(config.seed)
            width = examples.content.shape[1]
            network = EmbeddingNetwork(config.model, len(self.labelled.species), 0, features=width).to(device)
            views = FeatureViews(examples.content, examples.rows("train"), device)
            session = Session(run, config, self.labelled, examples, views, network, device, track)
            session.train()
            yield session

    def examples(self, config: Config) -> Examples:
        """The features as they came, with their split."""
        return take_features(self.labelled, self.table, config)


def _place(folder: Path, seed: int, stage: str) -> Path:
    return folder / "stage1" / f"seed-{seed}" / stage


@contextlib.contextmanager
def _with_hint(place: Path) -> Iterator[None]:
    try:
        yield
    except WeightsError as error:
        error.add_note(f"Delete {place}; --resume trains it again.")
        raise


def _check_pictures(folder: Path, place: Path, session: Session) -> None:
    """Raise DataError unless this new first stage has the same pictures as one that was trained before."""
    held = zip(session.labelled.items, session.examples.sha256, strict=True)
    now = {item.file: digest for item, digest in held}
    for path in sorted(folder.glob("stage1/*/*/data.json")):
        if path.parent != place and (path.parent / VISUAL).is_file():
            before = json.loads(path.read_text(encoding="utf-8"))["items"]
            changed = [
                item["file"] for item in before if now.get(item["file"], item["sha256"]) != item["sha256"]
            ]
            if changed:
                raise DataError(
                    f"{len(changed)} images have changed since {path.parent} was trained, first {changed[0]!r}. Put "
                    "them back, or begin anew with --force."
                )
            return


def as_they_came(labelled: Labelled, examples: Examples, config: Config) -> tuple[Known, SealedTest]:
    """What classifiers may learn from the features themselves, and the sealed test of the same."""

    def side(name: str) -> tuple[Embedded, np.ndarray]:
        rows = examples.rows(name)
        return Embedded(examples.content[rows], None), labelled.classes[rows]

    (train, train_labels), (validation, validation_labels) = side("train"), side("validation")
    known = Known(
        train=train,
        train_labels=train_labels,
        validation=validation,
        validation_labels=validation_labels,
        classes=len(labelled.species),
        scored=labelled.scored,
        anchors=None,
        neighbours=config.evaluate.neighbours,
        distances=labelled.distances,
    )
    counted = np.isin(examples.rows("test"), scored_test_rows(labelled, examples))
    test = torch.from_numpy(examples.content[examples.rows("test")])
    return known, SealedTest(lambda: test, counted, tested(labelled, examples, config.evaluate))
