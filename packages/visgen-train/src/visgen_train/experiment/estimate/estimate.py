"""`visgen run --estimate`: how long a run would take, how much memory and disk, and what to change."""

import dataclasses
from collections.abc import Sequence
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
from visgen_train.experiment.estimate.measuring import measure_network, sample_pictures
from visgen_train.experiment.estimate.pace import Pace, Spread, clock_of
from visgen_train.experiment.estimate.plan import Counts, NetworkRates, Rates
from visgen_train.experiment.examples import split_pictures
from visgen_train.experiment.inputs import Inputs, Labelled, check_kept, read_labels
from visgen_train.experiment.run import new_network
from visgen_train.io.room import free_disk, peak_memory, reset_peak, usable_memory
from visgen_train.models.backbone import check_backbone
from visgen_train.training.seeding import choose_device, preserved_generators

SCHEMA_VERSION: Final = 1
SMALLER: Final = 96  # px


@dataclass(frozen=True)
class Alternative:
    """Another way to run: the options for it, its settings, and what was measured of its network."""

    options: str
    config: Config
    network: NetworkRates


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
        return _estimate(inputs, out, config, finish)


def _estimate(inputs: Inputs, out: Path, config: Config, finish: Finish) -> dict[str, Any]:
    check_backbone(config.model.backbone)
    check_kept(inputs, out)
    device = choose_device(config.device)
    clock = clock_of(device)
    began = clock()
    labelled = read_labels(dataclasses.replace(inputs, skip_bad=False), config)
    reading = clock() - began
    files, root, policy = (
        [item.file for item in labelled.items],
        root_of(inputs.images),
        Policy.of(config.data),
    )
    to_decode = len(files) if inputs.store is None else missing(inputs.store, root, files, policy)
    unsplit = dataclasses.replace(inputs, split=None)  # it is in the items; contents were not read to compare
    sides = split_pictures(labelled, files, unsplit, config)
    counts = Counts.of(labelled.classes, sides, to_decode, config)

    pixels, decode = sample_pictures(root, files, policy, inputs.skip_bad, clock)
    network = new_network(labelled, config, device)
    training = np.flatnonzero(np.array(sides) == "train")
    measured = measure_network(network, pixels, labelled.classes, training, config, device)
    del network
    reset_peak()
    little = little_runs(inputs, labelled, sides, config, measured.width, device, finish)
    rates = rates_of(measured, reading, decode, little, counts.images, peak_memory())
    found = content(counts, config, rates, policy.row_bytes, inputs.skip_bad)
    alternatives = []
    if found["seconds"]["total"]["middle"] > plan.LONG:
        alternatives = _alternatives(inputs, labelled, training, config, device, files, root)
    return {
        **found,
        "device": _name(device),
        "free": {"memory": usable_memory(), "device": _device_room(device), "disk": free_disk(out)},
        "shorter": [
            {"options": one.options, **_seconds_of(counts, one, rates, inputs.skip_bad, labelled, sides)}
            for one in alternatives
        ],
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


def _alternatives(
    inputs: Inputs,
    labelled: Labelled,
    training: np.ndarray,
    config: Config,
    device: torch.device,
    files: list[str],
    root: Path,
) -> list[Alternative]:
    """What `--preset light` and smaller pictures would take: the same steps, measured for a shorter time."""
    light, found = load_config("light"), []
    for options, image_size, backbone, epochs in (
        ("--preset light", light.data.image_size, light.model.backbone, light.train.epochs),
        (f"--set data.image_size={SMALLER}", SMALLER, config.model.backbone, config.train.epochs),
    ):
        if image_size >= config.data.image_size:
            continue
        weights = config.model.weights if backbone == config.model.backbone else "none"  # as fast
        other = dataclasses.replace(
            config,
            data=dataclasses.replace(config.data, image_size=image_size),
            model=dataclasses.replace(config.model, backbone=backbone, weights=weights),
            train=dataclasses.replace(config.train, epochs=epochs),
        )
        clock = clock_of(device)
        pixels, _ = sample_pictures(root, files, Policy.of(other.data), inputs.skip_bad, clock, 64)
        network = new_network(labelled, other, device)
        pace = Pace(clock, seconds=5.0, first=1, least=3)
        measured = measure_network(network, pixels, labelled.classes, training, other, device, pace)
        found.append(Alternative(options, other, measured))
    return found


def _seconds_of(
    counts: Counts, one: Alternative, rates: Rates, skip_bad: bool, labelled: Labelled, sides: list[str]
) -> dict[str, float]:
    """All of a run with another network; reading, stage 2 and evaluation as they were measured."""
    counted = Counts.of(labelled.classes, sides, counts.to_decode, one.config)
    parts = plan.seconds(counted, one.config, dataclasses.replace(rates, network=one.network), skip_bad)
    return plan.total(parts)._asdict()


def _name(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    threads = torch.get_num_threads()
    return f"cpu, {threads} thread{'s' if threads > 1 else ''}" if device.type == "cpu" else str(device)


def _device_room(device: torch.device) -> int | None:
    return torch.cuda.mem_get_info(device)[1] if device.type == "cuda" else None
