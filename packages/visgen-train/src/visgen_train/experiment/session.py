"""An open run: its inputs, its network, and the stages that change it."""

import dataclasses
import math
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from visgen_train.config import Config
from visgen_train.data.transforms import augmented, plain
from visgen_train.evaluation.embed import View, backbone_features, project
from visgen_train.evaluation.knn import cosine_knn
from visgen_train.evaluation.metrics import recalls
from visgen_train.experiment.inputs import Labelled, Pictures
from visgen_train.experiment.results import write_results
from visgen_train.io.progress import Track
from visgen_train.models.network import EmbeddingNetwork, freeze_backbone
from visgen_train.training.align import align
from visgen_train.training.checkpoint import load_network, save_network
from visgen_train.training.pretrain import pretrain
from visgen_train.training.rebalance import rebalance
from visgen_train.training.rundir import ALIGNED, VISUAL, RunFolder
from visgen_train.training.seeding import seed_everything

CHOOSING_NEIGHBOURS = 5
"""k of the kNN that chooses stage 2's epoch. Not `evaluate.neighbours`, which may change after the training."""


class Session:
    """The stages of one run, each from checkpoint to checkpoint.

    Parameters
    ----------
    folder : RunFolder
        Open and started.
    network : EmbeddingNetwork
        New for `train`; for the others as it is in the checkpoint of stage 1.
    """

    def __init__(
        self,
        folder: RunFolder,
        config: Config,
        labelled: Labelled,
        pictures: Pictures,
        network: EmbeddingNetwork,
        device: torch.device,
        track: Track,
    ) -> None:
        self.folder, self.config, self.labelled, self.pictures = folder, config, labelled, pictures
        self.network = network.to(memory_format=torch.channels_last)
        self.device, self.track = device, track
        self.pixels, self.labels = pictures.store.pixels, labelled.classes
        self.training, self.validation = pictures.rows("train"), pictures.rows("validation")

    @cached_property
    def features(self) -> Tensor:
        """(n, width) of every picture, plain; stage 2 and the evaluation share them, since the backbone rests."""
        everything = np.arange(len(self.pixels))
        return backbone_features(self.network.backbone, everything, self._plain, self.track)

    @cached_property
    def views(self) -> list[Tensor]:
        """(n_train, width) features of the training pictures, one tensor an augmented view, none seen in stage 1."""
        first, number = self.config.train.epochs, self.config.align.views
        return [
            backbone_features(
                self.network.backbone,
                self.training,
                self._view(first + view),
                self.track,
                f"Features, view {view + 1}/{number}",
            )
            for view in range(number)
        ]

    def train(self) -> None:
        """Stage 1, images alone: from start weights to checkpoints/visual.safetensors."""
        config, seed, log_epoch = self.config, self.config.seed, self.folder.log_epoch
        if config.model.freeze:
            freeze_backbone(self.network)
        if config.train.epochs:
            arguments = (
                self.network,
                self.pixels,
                self.labels,
                self.training,
                config.train,
                seed,
                self.device,
            )
            pretrain(*arguments, self._softmax_recall, log_epoch, self.track)
        if config.balance.epochs:
            rebalance(
                self.network.head,
                self.views,
                self.labels[self.training],
                config.balance,
                seed,
                self._softmax_recall,
                log_epoch,
                self.track,
                schedule=config.train.schedule,
                select=config.train.select,
            )
        self._save(VISUAL)

    def align(self) -> None:
        """Stage 2: from checkpoints/visual.safetensors to checkpoints/aligned.safetensors."""
        config = self.config
        if not config.align.epochs:
            return
        seed_everything(config.seed)  # new layers begin alike, whether stage 1 has just run or not
        self.network.integrate(config.align.extra_layers)
        self.network.to(self.device)
        anchors = self.labelled.anchors
        size = self.network.head.embedding.out_features
        projection = nn.Linear(anchors.shape[1], size).to(self.device) if anchors.shape[1] != size else None
        align(
            self.network.head,
            self.views,
            self.labels[self.training],
            anchors,
            config.align,
            config.train,
            config.seed,
            self._knn_recall,
            self.folder.log_epoch,
            self.track,
            projection=projection,
        )
        self._save(ALIGNED)

    def evaluate(self) -> dict[str, Any]:
        """Embed and classify with the network of each checkpoint; the last one becomes model.safetensors."""
        embeddings, softmax = {}, None
        for name, checkpoint in (("visual", VISUAL), ("aligned", ALIGNED)):
            if not (self.folder.path / checkpoint).exists():
                continue
            self.network.integrate(self.config.align.extra_layers if name == "aligned" else 0)
            load_network(self.folder.path / checkpoint, self.network)
            output = project(self.network.to(self.device).head, self.features)
            embeddings[name] = output.embedding.cpu().numpy()
            if name == "visual" and (self.config.train.epochs or self.config.balance.epochs):
                softmax = output.logits.argmax(1).cpu().numpy()[self.pictures.rows("test")]
        self._save("model.safetensors", with_settings=False)  # it goes out into the world; paths stay at home
        run = (self.folder.path, self.config, self.labelled, self.pictures)
        return write_results(*run, embeddings, softmax)

    def _softmax_recall(self) -> float:
        if not len(self.validation):
            return math.nan
        features = backbone_features(self.network.backbone, self.validation, self._plain)
        return self._recall(project(self.network.head, features).logits.argmax(1).cpu().numpy())

    def _knn_recall(self) -> float:
        embedding = project(self.network.head, self.features).embedding.cpu().numpy()
        gallery, queries = embedding[self.training], embedding[self.validation]
        return self._recall(cosine_knn(gallery, self.labels[self.training], queries, CHOOSING_NEIGHBOURS))

    def _recall(self, predicted: np.ndarray) -> float:
        """Per-class accuracy on the validation images of the scored species; NaN where there are none."""
        truth = self.labels[self.validation]
        recall = recalls(predicted == truth, truth, len(self.labelled.species))[: self.labelled.scored]
        return math.nan if np.isnan(recall).all() else float(np.nanmean(recall))

    def _plain(self, rows: np.ndarray) -> Tensor:
        return plain(self.pixels[rows], self.device)

    def _view(self, epoch: int) -> View:
        seed, config = self.config.seed, self.config.train

        def view(rows: np.ndarray) -> Tensor:
            draws = np.zeros_like(rows)  # each picture is seen once a view
            return augmented(self.pixels[rows], rows, draws, epoch, seed, config, self.device)

        return view

    def _save(self, name: str, with_settings: bool = True) -> None:
        description: dict[str, object] = {
            "species": list(self.labelled.species),
            "image_size": self.config.data.image_size,
            "backbone": self.config.model.backbone,
            "hidden": self.config.model.hidden,
            "extra_layers": self.config.align.extra_layers if self.network.head.integration else 0,
        }
        if with_settings:
            description["config"] = dataclasses.asdict(self.config)
        save_network(self.folder.path / name, self.network, description)
