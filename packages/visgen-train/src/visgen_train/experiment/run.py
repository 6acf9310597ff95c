"""The main job: images and sequences in, a trained, aligned and evaluated model out."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from visgen_train.config import Config, to_yaml
from visgen_train.data.transforms import augmented, plain
from visgen_train.evaluation.embed import View, backbone_features, project
from visgen_train.evaluation.knn import cosine_knn
from visgen_train.evaluation.metrics import recalls
from visgen_train.experiment.inputs import Inputs, Labelled, Pictures, read_labels, read_pictures, record
from visgen_train.experiment.results import write_results
from visgen_train.io.atomic import write_json, write_text
from visgen_train.io.progress import Track, silent
from visgen_train.models.backbone import check_backbone
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.align import align
from visgen_train.training.checkpoint import save_network
from visgen_train.training.pretrain import pretrain
from visgen_train.training.rundir import RunFolder
from visgen_train.training.seeding import choose_device, seed_everything


def run(
    inputs: Inputs, out: Path, config: Config | None = None, force: bool = False, track: Track = silent
) -> dict[str, Any]:
    """Check, build anchors, split, train on images, align to the anchors, evaluate both by cosine kNN.

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

    Returns
    -------
    dict
        The content of metrics.json.

    Raises
    ------
    VisgenError, sgt_dna.SgtError
        With the way out in the message; no results are written then.
    """
    config = config or Config()
    check_backbone(config.model.backbone)
    device = choose_device(config.device)
    with RunFolder(out, force) as folder:
        labelled = read_labels(inputs, config)
        seed_everything(config.seed)
        network = EmbeddingNetwork(config.model, len(labelled.species), config.data.image_size).to(device)
        pictures = read_pictures(labelled, inputs, config, folder.path, track)
        folder.start()
        write_text(folder.path / "config.yaml", to_yaml(config, "The settings of this run, all of them."))
        write_json(folder.path / "data.json", record(inputs, labelled, pictures))
        return _Session(folder, config, labelled, pictures, network, device, track).go()


class _Session:
    """The two stages and the evaluation of one run."""

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
        self.train, self.validation = pictures.rows("train"), pictures.rows("validation")

    def go(self) -> dict[str, Any]:
        """Stage 1, stage 2, evaluation; writes checkpoints and results."""
        self._pretrain()
        self._save("checkpoints/visual.safetensors")
        everything = np.arange(len(self.pixels))
        features = backbone_features(self.network.backbone, everything, self._plain, self.track)
        visual = self._embeddings(features)
        self._align(features)
        self._save("checkpoints/aligned.safetensors")
        embeddings = {"visual": visual, "aligned": self._embeddings(features)}
        self._save("model.safetensors")
        return write_results(self.folder.path, self.config, self.labelled, self.pictures, embeddings)

    def _pretrain(self) -> None:
        seed = self.config.seed
        arguments = (self.network, self.pixels, self.labels, self.train, self.config.train, seed, self.device)
        pretrain(*arguments, self._softmax_recall, self.folder.log_epoch, self.track)

    def _align(self, features: Tensor) -> None:
        """Features of the training images once per view, then the projection layers on them."""
        config, first = self.config, self.config.train.epochs
        views = []
        for number in range(config.align.views):
            view, what = self._view(first + number), f"Features, view {number + 1}/{config.align.views}"
            views.append(backbone_features(self.network.backbone, self.train, view, self.track, what))
        batch = (config.train.batch, config.train.images_per_class)
        labels, anchors = self.labels[self.train], self.labelled.anchors

        def knn_recall() -> float:
            embedding = self._embeddings(features)
            gallery, queries = embedding[self.train], embedding[self.validation]
            return self._recall(cosine_knn(gallery, labels, queries, config.evaluate.neighbours))

        log_epoch = self.folder.log_epoch
        align(
            self.network.head,
            views,
            labels,
            anchors,
            config.align,
            batch,
            config.seed,
            knn_recall,
            log_epoch,
            self.track,
        )

    def _softmax_recall(self) -> float:
        if not len(self.validation):
            return math.nan
        features = backbone_features(self.network.backbone, self.validation, self._plain)
        return self._recall(project(self.network.head, features).logits.argmax(1).cpu().numpy())

    def _recall(self, predicted: np.ndarray) -> float:
        """Per-class accuracy on the validation images; NaN where there are none."""
        truth = self.labels[self.validation]
        if not len(truth):
            return math.nan
        return float(np.nanmean(recalls(predicted == truth, truth, len(self.labelled.species))))

    def _embeddings(self, features: Tensor) -> np.ndarray:
        embedding: np.ndarray = project(self.network.head, features).embedding.cpu().numpy()
        return embedding

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
