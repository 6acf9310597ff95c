"""Where the trained first stages of an ablation come from: folders of pictures, or ready-made features."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from visgen_train.config import Config
from visgen_train.data.features import FeatureTable
from visgen_train.data.views import FeatureViews, ImageViews, Views
from visgen_train.errors import DataError, WeightsError
from visgen_train.evaluation.classifiers import Embedded, Known
from visgen_train.experiment.again import Recorded, check_changes, recorded_of
from visgen_train.experiment.examples import (
    Examples,
    read_pictures,
    scored_test_rows,
    take_features,
    tested,
)
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.labelled import Labelled
from visgen_train.experiment.run import begun, new_network, new_session, open_session, resumed
from visgen_train.experiment.session import Session
from visgen_train.experiment.start import SealedTest
from visgen_train.io.progress import Track, silent
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.rundir import IMAGES, RESUMES, VISUAL, RunFolder
from visgen_train.training.seeding import choose_device, seed_everything

_LEFT = (IMAGES, *RESUMES)  # by one that was killed when its network was written, before it took these away


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
        if _is_trained(place):
            opened = open_session(place, config, ("align", "evaluate", "device"), _LEFT, None, track)
            with _with_hint(place), opened as session:
                yield session
        else:
            killed = _is_begun(place)
            with new_session(self.inputs, place, config, not killed, track, killed) as session:
                _check_pictures(folder, session.labelled, session.examples, but=place)
                session.train()
                yield session

    def examples(self, labelled: Labelled, config: Config, folder: Path, track: Track) -> Examples:
        """All pictures, with the split they have in every first stage of this seed."""
        found = read_pictures(labelled, self.inputs, config, folder, track)
        _check_pictures(folder, labelled, found)
        return found

    @contextlib.contextmanager
    def without(
        self, place: Path, labelled: Labelled, examples: Examples, config: Config, track: Track
    ) -> Iterator[Session]:
        """A first stage of some species alone, trained, or opened where it was trained before."""
        device = choose_device(config.device)
        if _is_trained(place):
            with _with_hint(place), RunFolder.trained(place) as run:
                check_changes(place, config, ("align", "evaluate", "device"))
                yield resumed(run, labelled, examples, config, _LEFT, track)
            return
        killed = _is_begun(place)
        with RunFolder(place, force=not killed, resume=killed) as run:
            network = new_network(labelled, config, device)
            session = begun(run, self.inputs, labelled, examples, network, config, device, track)
            session.train()
            yield session

    def views(self, examples: Examples, training: np.ndarray, config: Config, device: torch.device) -> Views:
        """What the network is shown of all examples."""
        return ImageViews(examples.content, config.train, config.seed, device)


@dataclass(frozen=True)
class FeatureSource:
    """Features: heads are trained on them, in seconds, so they are trained again where they are needed."""

    table: FeatureTable
    labelled: Labelled

    @contextlib.contextmanager
    def stage1(self, folder: Path, seed: int, stage: str, config: Config, track: Track) -> Iterator[Session]:
        """Train the heads."""
        examples = take_features(self.labelled, self.table, config)
        with _heads(_place(folder, seed, stage), self.labelled, examples, config, track) as session:
            yield session

    def examples(
        self, labelled: Labelled, config: Config, folder: Path | None = None, track: Track = silent
    ) -> Examples:
        """The features as they came, with their split."""
        return take_features(labelled, self.table, config)

    @contextlib.contextmanager
    def without(
        self, place: Path, labelled: Labelled, examples: Examples, config: Config, track: Track
    ) -> Iterator[Session]:
        """Heads of some species alone; nothing of them is kept."""
        with (
            tempfile.TemporaryDirectory() as scratch,
            _heads(Path(scratch), labelled, examples, config, silent) as session,
        ):
            yield session

    def views(self, examples: Examples, training: np.ndarray, config: Config, device: torch.device) -> Views:
        """What the heads are shown of all features, standardised by those they were trained on."""
        return FeatureViews(examples.content, training, device)


@contextlib.contextmanager
def _heads(
    place: Path, labelled: Labelled, examples: Examples, config: Config, track: Track
) -> Iterator[Session]:
    device = choose_device(config.device)
    with RunFolder(place, force=True) as run:
        run.start()
        seed_everything(config.seed)
        width = examples.content.shape[1]
        network = EmbeddingNetwork(config.model, len(labelled.species), 0, features=width).to(device)
        views = FeatureViews(examples.content, examples.rows("train"), device)
        session = Session(run, config, labelled, examples, views, network, device, track)
        session.train()
        yield session


def _is_trained(place: Path) -> bool:
    return all((place / name).is_file() for name in (VISUAL, "data.json", "config.yaml", "environment.json"))


def _is_begun(place: Path) -> bool:
    """Whether its training was stopped in the midst of it, and can go on."""
    return (place / "data.json").is_file() and bool(_recorded(place))


def _place(folder: Path, seed: int, stage: str) -> Path:
    return folder / "stage1" / f"seed-{seed}" / stage


@contextlib.contextmanager
def _with_hint(place: Path) -> Iterator[None]:
    _recorded(place)
    try:
        yield
    except WeightsError as error:
        error.add_note(_again(place))
        raise


def _recorded(place: Path) -> Recorded:
    """What a first stage was made of; of a damaged data.json the DataError says what may be deleted."""
    try:
        return recorded_of(place / "data.json")
    except DataError as error:
        error.add_note(_again(place))
        raise


def _again(place: Path) -> str:
    return f"Delete {place}; --resume trains it again."


def _check_pictures(folder: Path, labelled: Labelled, examples: Examples, but: Path | None = None) -> None:
    """Raise DataError unless the pictures are those of a first stage, other than `but`, that was trained before."""
    now = {item.file: digest for item, digest in zip(labelled.items, examples.sha256, strict=True)}
    for path in sorted(folder.glob("stage1/*/*/data.json")):
        if path.parent != but and (path.parent / VISUAL).is_file():
            before = _recorded(path.parent)
            held = zip(before.items, before.sha256, strict=True)
            changed = [item.file for item, digest in held if now.get(item.file, digest) != digest]
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
