"""What `visgen run --estimate` says: how long, how much memory and disk, and what to change."""

from collections.abc import Mapping
from typing import Any, Final

from visgen_train.experiment.estimate.plan import LONG

SLOW_READING: Final = 60.0  # seconds
TIGHT: Final = 0.8
"""Share of the memory there is: what needs more than that may not fit when other programs ask for some, too."""
_NAMES = {
    "reading": "reading pictures and sequences",
    "images": "stage 1",
    "balance": "classifier again",
    "features": "features",
    "align": "stage 2",
    "evaluation": "evaluation and report",
}


def lines(content: Mapping[str, Any]) -> list[str]:
    """An estimate as lines of text."""
    pictures, parts = content["pictures"], content["seconds"]
    shown = [(_stage(name, content), part) for name, part in parts.items() if name in _NAMES and part["high"]]
    shown.append(("in all", parts["total"]))
    wide = max(len(name) for name, _ in shown)
    return [
        f"About {duration(parts['total']['middle'])} in all{_range(parts['total'])}, on {content['device']}; "
        f"{_verdict(content)}.",
        "An estimate, from a few steps: nothing is trained, and nothing written into --out.",
        f"{pictures['train']:,} pictures to train on, {pictures['validation']:,} to validate, {pictures['test']:,} to "
        f"test, of {pictures['image_size']} px; {content['backbone']}, batches of {content['batch']}.",
        *(f"  {name:<{wide}}  {duration(part['middle']):>8}{_range(part)}" for name, part in shown),
        *_room(content),
        *advice(content),
    ]


def advice(content: Mapping[str, Any]) -> list[str]:
    """What to change where something does not fit or takes long."""
    said = [*_of_memory(content), *_of_disk(content), *_of_time(content)]
    return said or [f"{_verdict(content).capitalize()}; nothing needs to be changed."]


def duration(seconds: float) -> str:
    """A time with as many digits as an estimate deserves.

    >>> [duration(one) for one in (0.3, 48.2, 600, 9000, 200_000)]
    ['1 s', '48 s', '10 min', '2.5 h', '2.3 days']
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


def size(amount: float) -> str:
    """Bytes.

    >>> size(2_340_000_000), size(45_600_000)
    ('2.3 GB', '46 MB')
    """
    return f"{amount / 1e9:.1f} GB" if amount >= 1e8 else f"{amount / 1e6:.0f} MB"


def _needs(content: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    """Kinds of memory, with what of them is needed and there."""
    memory, free = content["memory"], content["free"]
    kinds = (
        ("Memory", memory["process"], free["memory"]),
        ("The GPU's memory", memory["device"], free["device"]),
    )
    return [(where, needed, there) for where, needed, there in kinds if None not in (needed, there)]


def _verdict(content: Mapping[str, Any]) -> str:
    """Whether it fits, as far as the system tells."""
    needs = _needs(content)
    if _of_disk(content) or any(needed > there for _, needed, there in needs):
        return "it does not fit, see below"
    if _of_memory(content):
        return "it fits, but tightly, see below"
    return "it fits" if any(where == "Memory" for where, _, _ in needs) else "it fits if memory suffices"


def _stage(name: str, content: Mapping[str, Any]) -> str:
    epochs = content["epochs"].get(name)
    return _NAMES[name] + (f", {epochs} epoch{'s' if epochs > 1 else ''}" if epochs else "")


def _range(part: Mapping[str, float]) -> str:
    low, high = duration(part["low"]), duration(part["high"])
    return "" if low == high else f" ({low} to {high})"


def _room(content: Mapping[str, Any]) -> list[str]:
    memory, free, disk = content["memory"], content["free"], content["disk"]
    said = []
    if memory["process"] is not None:
        there = f"; {size(free['memory'])} can be had" if free["memory"] is not None else ""
        said.append(f"Memory: {size(memory['process'])} at the peak{there}.")
    if memory["device"] is not None:
        said.append(f"Memory of the GPU: {size(memory['device'])} at the peak, of {size(free['device'])}.")
    said.append(
        f"Disk: {size(disk['pictures'])} for decoded pictures and {size(disk['checkpoints'])} for checkpoints while it "
        f"runs, {size(disk['kept'])} for networks and results, to stay; {size(free['disk'])} are free."
    )
    return said


def _of_memory(content: Mapping[str, Any]) -> list[str]:
    said = []
    for where, needed, there in _needs(content):
        if needed <= TIGHT * there:
            continue
        problem = "does not suffice" if needed > there else "is tight"
        features = content["memory"]["features"] > needed / 2
        halves = (
            f"half the batch, --set train.batch={max(2, content['batch'] // 2)}, or smaller pictures, --set "
        )
        halves += f"data.image_size={content['pictures']['image_size'] * 3 // 4}"
        remedy = "fewer views in stage 2, --set align.views=1" if features else halves
        said.append(
            f"{where} {problem}: {size(needed)} of {size(there)}. Take {remedy}, and see again by --estimate."
        )
    return said


def _of_disk(content: Mapping[str, Any]) -> list[str]:
    disk, free = content["disk"], content["free"]["disk"]
    needed = sum(disk.values())
    if needed <= free:
        return []
    return [
        f"The disk does not suffice: {size(needed)} of {size(free)}. Choose an --out elsewhere; decoded pictures "
        f"({size(disk['pictures'])}) can go to another disk by --store FOLDER."
    ]


def _of_time(content: Mapping[str, Any]) -> list[str]:
    parts, said = content["seconds"], []
    if parts["total"]["middle"] > LONG:
        said += [
            f"Shorter: {other['options']}, {duration(other['middle'])}{_range(other)}, measured as well."
            for other in content["shorter"]
            if other["middle"] < parts["total"]["middle"]
        ]
        epochs = content["epochs"]["images"]
        if epochs > 1:
            rest = parts["total"]["middle"] - parts["images"]["middle"] * (1 - (epochs // 2) / epochs)
            said.append(f"Shorter: half the epochs, --set train.epochs={epochs // 2}, {duration(rest)}.")
        if content["device"].startswith("cpu"):
            said.append(
                "A GPU may be many times as fast: the same command with --estimate there says how long it takes."
            )
    if parts["reading"]["middle"] > SLOW_READING and content["pictures"]["to_decode"]:
        said.append(
            "--store FOLDER keeps the decoded pictures, so that later runs need not decode them again."
        )
    return said
