"""`visgen run --estimate`: how long a run would take, how much memory and disk, and what to change."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from visgen_train.config import Config, load_config
from visgen_train.data.image_table import root_of
from visgen_train.data.images import Policy
from visgen_train.data.store import missing
from visgen_train.experiment.estimate import plan
from visgen_train.experiment.estimate.little import Finish, Little, little_runs
from visgen_train.experiment.estimate.measuring import SAMPLE, measure_network, sample_pictures
from visgen_train.experiment.estimate.pace import Pace, Spread, clock_of
from visgen_train.experiment.estimate.plan import Counts, NetworkRates, Rates
from visgen_train.experiment.examples import split_pictures
from visgen_train.experiment.inputs import Inputs, check_kept, read_labels
from visgen_train.experiment.labelled import Labelled
from visgen_train.experiment.run import new_network
from visgen_train.io.room import free_disk, peak_memory, reset_peak, usable_memory
from visgen_train.models.backbone import check_backbone
from visgen_train.training.seeding import (
    choose_device,
    choose_precision,
    has_bfloat16,
    preserved_generators,
)

SCHEMA_VERSION: Final = 1
SMALLER: Final = 96  # px


@dataclass(frozen=True)
class Subject:
    """What an estimate is of: inputs under common names, their split, and the seconds it took to come so far."""

    inputs: Inputs
    labelled: Labelled
    sides: list[str]
    device: torch.device
    taken: float

    @classmethod
    def of(cls, inputs: Inputs, out: Path, config: Config) -> "Subject":
        """Checked as a run checks them, but for the pictures themselves."""
        check_backbone(config.model.backbone)
        check_kept(inputs, out)
        device = choose_device(config.device)
        clock = clock_of(device)
        began = clock()
        labelled = read_labels(dataclasses.replace(inputs, skip_bad=False), config)
        taken = clock() - began
        unsplit = dataclasses.replace(inputs, split=None)  # sides are in the items; contents are not compared
        sides = split_pictures(labelled, [item.file for item in labelled.items], unsplit, config)
        return cls(inputs, labelled, sides, device, taken)

    @property
    def files(self) -> list[str]:
        """Of all pictures, relative to the root."""
        return [item.file for item in self.labelled.items]

    def counts(self, config: Config) -> Counts:
        """What there is to do."""
        root, policy, store = root_of(self.inputs.images), Policy.of(config.data), self.inputs.store
        undecoded = len(self.sides) if store is None else missing(store, root, self.files, policy)
        return Counts.of(self.labelled.classes, self.sides, undecoded, config)

    def sample(self, config: Config, most: int = SAMPLE) -> tuple[np.ndarray, Spread]:
        """Some decoded pictures, see `sample_pictures`."""
        root, policy = root_of(self.inputs.images), Policy.of(config.data)
        return sample_pictures(root, self.files, policy, self.inputs.skip_bad, clock_of(self.device), most)

    def network(self, config: Config, pixels: np.ndarray, pace: Pace | None = None) -> NetworkRates:
        """What is measured of a network with these settings."""
        training = np.flatnonzero(np.array(self.sides) == "train")
        network = new_network(self.labelled, config, self.device)
        return measure_network(network, pixels, self.labelled.classes, training, config, self.device, pace)


def estimate(inputs: Inputs, out: Path, config: Config, finish: Finish) -> dict[str, Any]:
    """Check the inputs as a run does, take a few real steps of each kind, and count up. Nothing is written into `out`.

    Parameters
    ----------
    inputs : Inputs
    out : Path
        The folder that the run would have; it need not exist, and may be taken.
    config : Config
    finish : callable
        What the run does in its folder after evaluation: the report.

    Returns
    -------
    dict
        See docs/estimate.md.

    Raises
    ------
    VisgenError, sgt_dna.SgtError
        As the run: not every picture is decoded, so bad ones may be missed.
    """
    with preserved_generators():
        return _estimate(Subject.of(inputs, out, config), out, config, finish)


def _estimate(subject: Subject, out: Path, config: Config, finish: Finish) -> dict[str, Any]:
    inputs, labelled, sides, device = subject.inputs, subject.labelled, subject.sides, subject.device
    counts = subject.counts(config)
    pixels, decode = subject.sample(config)
    network = subject.network(config, pixels)
    reset_peak()
    little = little_runs(inputs, labelled, sides, config, network.width, device, finish)
    rates = rates_of(network, subject.taken, decode, little, counts.images, peak_memory())
    found = content(counts, config, rates, Policy.of(config.data).row_bytes, inputs.skip_bad)
    others = _others(config, device) if found["seconds"]["total"]["middle"] > plan.LONG else ()
    return {
        **found,
        "device": _name(device),
        "free": {"memory": usable_memory(), "device": _device_room(device), "disk": free_disk(out)},
        "shorter": [_measured(subject, other, config, rates, options) for options, other in others],
    }


def rates_of(
    network: NetworkRates,
    inputs: float,
    decode: Spread,
    little: Sequence[Little],
    images: int,
    peak: int | None,
) -> Rates:
    """From little runs to all pictures: what they took on all, or on a line through two of them.

    The upper end of the range is that of work which grows with the pictures from the larger little run on.
    """
    large = little[-1]
    share = images / large.images
    evaluation = Spread.exactly(large.evaluation)
    if len(little) > 1:
        small = little[0]
        slope = max(0.0, (large.evaluation - small.evaluation) / (large.images - small.images))
        line = large.evaluation + slope * (images - large.images)
        evaluation = Spread(line, large.evaluation, max(line, share * large.evaluation))
    return Rates(
        network=network,
        inputs=inputs,
        decode=decode,
        balance_step=large.balance_step,
        align_step=large.align_step,
        recall=large.recall * share,
        evaluation=evaluation,
        results=round(large.embeddings * share) + large.results,
        peak=peak,
    )


def content(counts: Counts, config: Config, rates: Rates, row_bytes: int, skip_bad: bool) -> dict[str, Any]:
    """The estimate of one configuration, without what there is room for."""
    parts = plan.seconds(counts, config, rates, skip_bad)
    network = rates.network
    return {
        "schema_version": SCHEMA_VERSION,
        "pictures": {**dataclasses.asdict(counts), "image_size": config.data.image_size},
        "backbone": config.model.backbone,
        "epochs": {
            "images": config.train.epochs,
            "balance": config.balance.epochs,
            "align": config.align.epochs,
        },
        "batch": config.train.batch,
        "seconds": {name: part._asdict() for name, part in {**parts, "total": plan.total(parts)}.items()},
        "memory": {
            "process": plan.memory(counts, config, rates),
            "device": plan.device_memory(counts, config, network),
            "features": plan.feature_bytes(counts, config, network.width),
        },
        "disk": plan.disk(counts, config, rates, row_bytes),
        "rates": {
            "decode": rates.decode._asdict(),
            "step": network.step._asdict(),
            "plain": network.plain._asdict(),
            "augmented": network.augmented._asdict(),
            "balance_step": rates.balance_step._asdict(),
            "align_step": rates.align_step._asdict(),
        },
    }


def _others(config: Config, device: torch.device) -> Iterator[tuple[str, Config]]:
    """Options for a shorter run, and its settings: bfloat16, the network of `--preset light`, smaller pictures."""
    if has_bfloat16(device) and choose_precision(config.precision, device) != torch.bfloat16:
        yield "--set precision=bfloat16", dataclasses.replace(config, precision="bfloat16")
    light = load_config("light")
    for options, image_size, backbone, epochs in (
        ("--preset light", light.data.image_size, light.model.backbone, light.train.epochs),
        (f"--set data.image_size={SMALLER}", SMALLER, config.model.backbone, config.train.epochs),
    ):
        if image_size < config.data.image_size:
            weights = config.model.weights if backbone == config.model.backbone else "none"  # as fast
            yield (
                options,
                dataclasses.replace(
                    config,
                    data=dataclasses.replace(config.data, image_size=image_size),
                    model=dataclasses.replace(config.model, backbone=backbone, weights=weights),
                    train=dataclasses.replace(config.train, epochs=epochs),
                ),
            )


def _measured(subject: Subject, config: Config, before: Config, rates: Rates, options: str) -> dict[str, Any]:
    """All of a run with another network, measured for a short time; the rest as it was."""
    if config.data != before.data:  # a store is of one size
        subject = dataclasses.replace(subject, inputs=dataclasses.replace(subject.inputs, store=None))
    pixels, _ = subject.sample(config, 64)
    pace = Pace(clock_of(subject.device), seconds=5.0, first=1, least=3)
    network = subject.network(config, pixels, pace)
    parts = plan.seconds(
        subject.counts(config), config, dataclasses.replace(rates, network=network), subject.inputs.skip_bad
    )
    return {"options": options, **plan.total(parts)._asdict()}


def _name(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    threads = torch.get_num_threads()
    return f"cpu, {threads} thread{'s' if threads > 1 else ''}" if device.type == "cpu" else str(device)


def _device_room(device: torch.device) -> int | None:
    return torch.cuda.mem_get_info(device)[1] if device.type == "cuda" else None
