"""What the processes but the first do in a run: they read the same inputs, then follow the first one's orders."""

import contextlib
import dataclasses
import hashlib
import json
import logging
import math
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import sgt_dna
import torch

from visgen_train.config import Config
from visgen_train.data.views import ImageViews
from visgen_train.errors import DataError, TrainingError, VisgenError
from visgen_train.evaluation.embed import shared_features
from visgen_train.experiment.examples import pixels_of
from visgen_train.experiment.inputs import Inputs, read_labels
from visgen_train.experiment.labelled import Labelled
from visgen_train.models.network import EmbeddingNetwork, freeze_backbone
from visgen_train.training.joining import lost
from visgen_train.training.launched import launched
from visgen_train.training.memory import memory_told
from visgen_train.training.pretrain import pretrain
from visgen_train.training.seeding import choose_precision
from visgen_train.training.signals import STOPPING
from visgen_train.training.team import Dismissed, Several, Team

log = logging.getLogger(__name__)
REPORT = "report"


def agree(team: Team, labelled: Labelled, sha256: Sequence[str]) -> None:
    """Before anything is trained: all have read the same pictures, in one order and of the same species.

    Raises
    ------
    DataError
        One could not, or has others.
    """
    if team.size == 1:
        return
    team.order(REPORT)
    own = _seen(labelled, sha256)
    for rank, (problem, seen) in enumerate(team.collect(("", own))):
        if problem or seen != own:
            told = problem or "Its pictures or their species are not those that the first process has."
            raise DataError(f"Process {rank} of {team.size}, counted from 0: {told}")


def _seen(labelled: Labelled, sha256: Sequence[str]) -> str:
    pictures = [
        (item.file, item.species, digest) for item, digest in zip(labelled.items, sha256, strict=True)
    ]
    return hashlib.sha256(json.dumps([labelled.species, pictures]).encode()).hexdigest()


def follow(team: Team, inputs: Inputs, config: Config, device: torch.device) -> NoReturn:
    """Do what the first process orders, until it dismisses this one or is gone; then end without an error.

    Pictures are decoded into the system's folder for temporary files, unless there is a store. Signals to stop are
    left to the first process.

    Raises
    ------
    VisgenError, OSError
        What befell this process alone.
    """
    assert isinstance(team, Several)
    try:
        follower = Follower(team, inputs, config, device)
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        while True:
            follower.handle(team.heard())
    except (VisgenError, OSError) as error:
        alone = f"This befell process {team.rank} of {team.size}, counted from 0, alone."
        error.add_note(alone)
        if launched().local:  # for the first of a machine the command line says it
            log.critical("%s %s", error, alone)
        raise
    except RuntimeError as error:
        if not lost(error):
            raise
        raise Dismissed(0) from error  # the first has said why


class Follower:
    """The network, the pictures, and what can be done with them.

    Parameters
    ----------
    team : Several
    inputs : Inputs
    config : Config
        Both as of the run. What is wrong with them here is told when the first asks.
    device : torch.device
        Of this process.
    """

    def __init__(self, team: Several, inputs: Inputs, config: Config, device: torch.device) -> None:
        self.team, self.config, self.device = team, config, device
        self.problem, self.seen = "", ""
        team.handle = self.handle
        try:
            self._read(inputs)
        except (VisgenError, sgt_dna.SgtError, OSError) as error:
            self.problem = "\n".join([str(error), *getattr(error, "__notes__", [])])

    def _read(self, inputs: Inputs) -> None:
        config = self.config
        labelled = read_labels(inputs, config)
        bare = dataclasses.replace(config.model, weights="none")  # the first sends its own
        network = EmbeddingNetwork(bare, len(labelled.species), config.data.image_size).to(self.device)
        self.network = network.to(memory_format=torch.channels_last)
        self.network.precision = choose_precision(config.precision, self.device)
        store = pixels_of(labelled, inputs, config, Path(tempfile.gettempdir()))
        self.views = ImageViews(store.pixels, config.train, config.seed, self.device)
        self.labels, self.seen = labelled.classes, _seen(labelled, store.sha256)

    def handle(self, order: Any) -> None:
        """Do what an order says."""
        if order == REPORT:
            self.team.collect((self.problem, self.seen))
        elif order[0] == "images":
            self._pretrain(order[1])
        else:
            _, rows, epoch = order
            shared_features(self.team, self.network, self.views, rows, epoch)
            self.network.train(self.network.training)  # an epoch may have begun

    def _pretrain(self, rows: np.ndarray) -> None:
        """Stage 1 beside the first, which alone validates, logs and keeps."""
        if self.config.model.freeze:
            freeze_backbone(self.network)
        settings = (self.config.train, self.config.seed, self.device)
        stage = (self.network, self.views, self.labels, rows, *settings, lambda: math.nan, lambda row: None)
        with memory_told(self.config), contextlib.suppress(TrainingError):  # all have it: the first says it
            pretrain(*stage, team=self.team)
