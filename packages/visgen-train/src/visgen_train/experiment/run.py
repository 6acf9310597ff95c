"""The main job, images and sequences in, a trained, aligned and evaluated model out; and each part of it again."""

import contextlib
import dataclasses
import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from visgen_train.config import Config, to_yaml
from visgen_train.data.split_files import split_csv
from visgen_train.data.views import ImageViews
from visgen_train.errors import UsageError
from visgen_train.experiment.again import Moved, check_changes, check_network, read_again, remember
from visgen_train.experiment.examples import Examples, read_pictures, record
from visgen_train.experiment.following import agree, follow
from visgen_train.experiment.inputs import Inputs, check_kept, read_labels
from visgen_train.experiment.labelled import Labelled
from visgen_train.experiment.resuming import check_settings, checkpoints_of, stale
from visgen_train.experiment.session import Session
from visgen_train.io.atomic import write_json, write_text
from visgen_train.io.progress import Track, silent
from visgen_train.models.backbone import check_backbone
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.batch_norm import check_batch_norm
from visgen_train.training.checkpoint import load_network
from visgen_train.training.joining import joined
from visgen_train.training.rundir import ALIGNED, NAMES, RESULTS, RESUMES, SPLIT, VISUAL, RunFolder
from visgen_train.training.seeding import choose_device, seed_everything
from visgen_train.training.team import ALONE, Team


def run(
    inputs: Inputs,
    out: Path,
    config: Config | None = None,
    force: bool = False,
    track: Track = silent,
    *,
    resume: bool = False,
) -> dict[str, Any]:
    """Check, build anchors, split, train on images, align to the anchors, evaluate: `train`, `align`, `evaluate`.

    Parameters
    ----------
    inputs : Inputs
    out : Path
        The run folder; see `RunFolder`.
    config : Config, optional
        The preset `sound` by default.
    force : bool
        Replace an earlier run in `out`.
    track : callable
        Shows progress.
    resume : bool
        Go on with the run in `out`, or begin one; what is finished there is not done again.

    Returns
    -------
    dict
        The content of metrics.json.

    Raises
    ------
    VisgenError, sgt_dna.SgtError
        With the way out in the message; no results are written then.
    """
    with new_session(inputs, out, config or Config(), force, track, resume) as session:
        session.train()
        session.align()
        return session.evaluate()


def train(
    inputs: Inputs,
    out: Path,
    config: Config | None = None,
    force: bool = False,
    track: Track = silent,
    *,
    resume: bool = False,
) -> None:
    """The first part of `run`: check and train on images. `align` and `evaluate` go on from its folder."""
    with new_session(inputs, out, config or Config(), force, track, resume) as session:
        session.train()


def align(
    out: Path, config: Config, moved: Moved | None = None, track: Track = silent, *, resume: bool = False
) -> None:
    """Align the trained network of a run (again) to the anchors; results of an earlier alignment go.

    Parameters
    ----------
    out : Path
        The run folder.
    config : Config
        The settings in its config.yaml, those of align, evaluate and device changed at will.
    moved : Moved, optional
        Inputs that are no longer where they were.
    resume : bool
        Go on with an alignment that was stopped; one that is finished is left as it is.

    Raises
    ------
    VisgenError, sgt_dna.SgtError
        With the way out in the message; nothing of the run is touched then, unless training itself fails.
    """
    if not config.align.epochs:
        raise UsageError(
            f"{out}: align.epochs is 0, so there is nothing to do here. To align: "
            f"{shlex.join(['visgen', 'align', str(out), '--set', 'align.epochs=5'])}"
        )
    if resume and (out / ALIGNED).is_file():
        check_settings(out / ALIGNED, config)
        return
    gone = RESULTS if resume else (*RESULTS, ALIGNED, *RESUMES)
    with open_session(out, config, ("align", "evaluate", "device"), gone, moved, track, resume) as session:
        if not resume:
            session.folder.forget("align")
        session.align()


def evaluate(
    out: Path,
    config: Config,
    moved: Moved | None = None,
    track: Track = silent,
    *,
    dump_features: bool = False,
) -> dict[str, Any]:
    """Evaluate the networks of a run (again), as `align`; only settings of evaluate and device may differ.

    With `dump_features`, features.npz gets what the backbone of stage 1 makes of each image, and the split.

    A run that is not aligned can be evaluated with `align.epochs` 0 alone: otherwise its config.yaml would tell of
    figures it does not give.
    """
    RunFolder.trained(out)
    aligned = (out / ALIGNED).is_file()
    if config.align.epochs and not aligned:
        raise UsageError(
            f"{out}: not aligned yet: {shlex.join(['visgen', 'align', str(out)])} (or evaluate it as it is, by "
            "--set align.epochs=0)."
        )
    free = ("evaluate", "device") if aligned else ("align", "evaluate", "device")
    with open_session(out, config, free, RESULTS, moved, track) as session:
        if dump_features:
            session.dump_features()
        return session.evaluate()


@contextlib.contextmanager
def new_session(
    inputs: Inputs, out: Path, config: Config, force: bool, track: Track, resume: bool
) -> Iterator[Session]:
    """A session in a run folder, new or gone on with: inputs checked, network made, nothing trained."""
    check_backbone(config.model.backbone)
    check_kept(inputs, out)
    with joined(config.device) as (team, device):
        if not team.first:
            follow(team, inputs, config, device)
        with RunFolder(out, force, resume) as folder:
            labelled = read_labels(inputs, config, track)
            network = new_network(labelled, config, device)
            if team.size > 1:
                check_batch_norm(network)
            examples = read_pictures(labelled, inputs, config, folder.path, track)
            agree(team, labelled, examples.sha256)
            yield begun(folder, inputs, labelled, examples, network, config, device, track, team)


def new_network(labelled: Labelled, config: Config, device: torch.device) -> EmbeddingNetwork:
    """With start weights, everything random seeded."""
    seed_everything(config.seed)
    return EmbeddingNetwork(config.model, len(labelled.species), config.data.image_size).to(device)


def begun(
    folder: RunFolder,
    inputs: Inputs,
    labelled: Labelled,
    examples: Examples,
    network: EmbeddingNetwork,
    config: Config,
    device: torch.device,
    track: Track,
    team: Team = ALONE,
) -> Session:
    """A session on decoded pictures, and in its folder what it begins with."""
    data = record(inputs, labelled, examples)
    gone = stale(folder.path, config, data) if folder.begun else NAMES
    checkpoints = checkpoints_of(folder.path, config, data, folder.begun)
    folder.start(gone)
    _write_config(folder.path, config)
    write_json(folder.path / "data.json", data)
    write_text(folder.path / SPLIT, split_csv(labelled.items, examples.sides, examples.sha256))
    views = ImageViews(examples.content, config.train, config.seed, device)
    return Session(folder, config, labelled, examples, views, network, device, track, checkpoints, team)


@contextlib.contextmanager
def open_session(
    out: Path,
    config: Config,
    free: tuple[str, ...],
    stale: tuple[str, ...],
    moved: Moved | None,
    track: Track,
    resume: bool = False,
) -> Iterator[Session]:
    """A session on the trained network of a run folder.

    Parameters
    ----------
    free : tuple of str
        Sections of the settings that may differ from those it was trained with.
    stale : tuple of str
        Files that will be replaced.
    """
    with RunFolder.trained(out) as folder:
        check_changes(out, config, free)
        labelled, examples = read_again(out, config, moved, track)
        session = resumed(folder, labelled, examples, config, stale, track, resume)
        remember(out, moved)
        yield session


def resumed(
    folder: RunFolder,
    labelled: Labelled,
    examples: Examples,
    config: Config,
    stale: tuple[str, ...],
    track: Track,
    resume: bool = False,
) -> Session:
    """A session on the trained network of a folder, its pictures decoded."""
    device = choose_device(config.device)
    check_network(folder.path, labelled, config)
    bare = dataclasses.replace(config.model, weights="none")
    network = EmbeddingNetwork(bare, len(labelled.species), config.data.image_size)
    load_network(folder.path / VISUAL, network)
    data = json.loads((folder.path / "data.json").read_text(encoding="utf-8"))
    checkpoints = checkpoints_of(folder.path, config, data, resume)
    folder.start(stale)
    _write_config(folder.path, config)
    views = ImageViews(examples.content, config.train, config.seed, device)
    return Session(folder, config, labelled, examples, views, network.to(device), device, track, checkpoints)


def _write_config(out: Path, config: Config) -> None:
    write_text(out / "config.yaml", to_yaml(config, "The settings of this run, all of them."))
