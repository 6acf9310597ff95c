"""Where the trained first stages of an ablation come from: folders of pictures, or ready-made features."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from visgen_train.config import Config
from visgen_train.data.features import FeatureTable
from visgen_train.data.views import FeatureViews
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


class Source(Protocol):
    """Gives a session whose stage 1 is trained, in a folder of its own."""

    def stage1(
        self, folder: Path, config: Config, track: Track
    ) -> contextlib.AbstractContextManager[Session]:
        """Train it, or open it where it was trained before."""
        ...


@dataclass(frozen=True)
class ImageSource:
    """Pictures: each first stage is an ordinary run folder, as `visgen train` makes it."""

    inputs: Inputs

    @contextlib.contextmanager
    def stage1(self, folder: Path, config: Config, track: Track) -> Iterator[Session]:
        """Train it, or open it where it was trained before."""
        if all(
            (folder / name).is_file() for name in (VISUAL, "data.json", "config.yaml", "environment.json")
        ):
            with open_session(folder, config, ("align", "evaluate", "device"), (), None, track) as session:
                yield session
        else:
            with new_session(self.inputs, folder, config, True, track) as session:
                session.train()
                yield session


@dataclass(frozen=True)
class FeatureSource:
    """Features: heads are trained on them, in seconds, so they are trained again where they are needed."""

    table: FeatureTable
    labelled: Labelled

    @contextlib.contextmanager
    def stage1(self, folder: Path, config: Config, track: Track) -> Iterator[Session]:
        """Train the heads."""
        device = choose_device(config.device)
        examples = take_features(self.labelled, self.table, config)
        with RunFolder(folder, force=True) as run:
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
    )
    counted = np.isin(examples.rows("test"), scored_test_rows(labelled, examples))
    test = torch.from_numpy(examples.content[examples.rows("test")])
    return known, SealedTest(lambda: test, counted, tested(labelled, examples, config.evaluate))
