"""An open run: its inputs, its network, and the stages that change it."""

import math
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from visgen_train.config import Config
from visgen_train.data.transforms import augmented, plain
from visgen_train.evaluation.embed import View, backbone_features, project
from visgen_train.evaluation.knn import cosine_knn
from visgen_train.evaluation.metrics import recalls
from visgen_train.experiment.inputs import Labelled, Pictures
from visgen_train.experiment.results import write_results
from visgen_train.io.progress import Track
from visgen_train.models.network import EmbeddingNetwork, Output
from visgen_train.training.align import align
from visgen_train.training.checkpoint import load_network, save_network
from visgen_train.training.pretrain import pretrain
from visgen_train.training.rundir import ALIGNED, VISUAL, RunFolder


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

    def train(self) -> None:
        """Stage 1, images alone: from start weights to checkpoints/visual.safetensors."""
        config, seed = self.config, self.config.seed
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
            pretrain(*arguments, self._softmax_recall, self.folder.log_epoch, self.track)
        self._save(VISUAL)

    def align(self) -> None:
        """Stage 2: from checkpoints/visual.safetensors to checkpoints/aligned.safetensors."""
        if self.config.align.epochs:
            self._align()
            self._save(ALIGNED)

    def evaluate(self) -> dict[str, Any]:
        """Embed and classify with the network of each checkpoint; the last one becomes model.safetensors."""
        embeddings, softmax = {}, None
        for name, checkpoint in (("visual", VISUAL), ("aligned", ALIGNED)):
            if (self.folder.path / checkpoint).exists():
                load_network(self.folder.path / checkpoint, self.network)
                output = self._outputs(self.features)
                embeddings[name] = output.embedding.cpu().numpy()
                if name == "visual" and self._has_classifier():
                    softmax = output.logits.argmax(1).cpu().numpy()[self.pictures.rows("test")]
        self._save("model.safetensors")
        run = (self.folder.path, self.config, self.labelled, self.pictures)
        return write_results(*run, embeddings, softmax)

    def _has_classifier(self) -> bool:
        return bool(self.config.train.epochs or self.config.balance.epochs)

    def _align(self) -> None:
        """Features of the training images once per view, then the projection layers on them."""
        config, first = self.config, self.config.train.epochs
        views = []
        for number in range(config.align.views):
            view, what = self._view(first + number), f"Features, view {number + 1}/{config.align.views}"
            views.append(backbone_features(self.network.backbone, self.training, view, self.track, what))
        batch = (config.train.batch, config.train.images_per_class)
        labels, anchors = self.labels[self.training], self.labelled.anchors

        def knn_recall() -> float:
            embedding = self._outputs(self.features).embedding.cpu().numpy()
            gallery, queries = embedding[self.training], embedding[self.validation]
            return self._recall(cosine_knn(gallery, labels, queries, config.evaluate.neighbours))

        align(
            self.network.head,
            views,
            labels,
            anchors,
            config.align,
            batch,
            config.seed,
            knn_recall,
            self.folder.log_epoch,
            self.track,
        )

    def _softmax_recall(self) -> float:
        if not len(self.validation):
            return math.nan
        features = backbone_features(self.network.backbone, self.validation, self._plain)
        return self._recall(self._outputs(features).logits.argmax(1).cpu().numpy())

    def _recall(self, predicted: np.ndarray) -> float:
        """Per-class accuracy on the validation images; NaN where there are none."""
        truth = self.labels[self.validation]
        if not len(truth):
            return math.nan
        return float(np.nanmean(recalls(predicted == truth, truth, len(self.labelled.species))))

    def _outputs(self, features: Tensor) -> Output:
        return project(self.network.head, features)

    def _plain(self, rows: np.ndarray) -> Tensor:
        return plain(self.pixels[rows], self.device)

    def _view(self, epoch: int) -> View:
        seed, config = self.config.seed, self.config.train

        def view(rows: np.ndarray) -> Tensor:
            draws = np.zeros_like(rows)  # each picture is seen once a view
            return augmented(self.pixels[rows], rows, draws, epoch, seed, config, self.device)

        return view

    def _save(self, name: str) -> None:
        description = {
            "species": list(self.labelled.species),
            "image_size": self.config.data.image_size,
            "backbone": self.config.model.backbone,
            "hidden": self.config.model.hidden,
        }
        save_network(self.folder.path / name, self.network, description)
