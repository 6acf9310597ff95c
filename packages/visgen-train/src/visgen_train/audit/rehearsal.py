"""What a run would do with a collection: its own functions, on what was read, with the options that help it on."""

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sgt_dna

from visgen_train.audit.findings import Finding, Kind
from visgen_train.audit.pictures import Pictures
from visgen_train.audit.reading import UNUSABLE_TABLE, Collection
from visgen_train.config import Config
from visgen_train.data.images import refuse
from visgen_train.data.manifest import Item
from visgen_train.data.split_files import with_split
from visgen_train.data.splits import untested, whole
from visgen_train.errors import DataError, VisgenError
from visgen_train.experiment.examples import split_pictures
from visgen_train.experiment.inputs import Inputs, label_items

REFUSED = Kind("refused", "error", "`visgen run` refuses the collection", "The sentence says what to do.")


@dataclass(frozen=True)
class Rehearsal:
    """How far a run gets.

    Attributes
    ----------
    items : list of Item
        The pictures it uses, under accepted names, with their groups and a given split; as far as is known where it
        refuses.
    never : mapping
        Species that are trained on and never tested: name -> reason.
    options : tuple of str
        What has to be added to the options that were given.
    refusal : str
        Why it refuses, whatever is left out; empty if it does not.
    findings : tuple of Finding
    """

    items: list[Item]
    never: Mapping[str, str]
    options: tuple[str, ...] = ()
    refusal: str = ""
    findings: tuple[Finding, ...] = ()


def rehearse(
    inputs: Inputs, config: Config, collection: Collection, pictures: Pictures, leave_out: bool
) -> Rehearsal:
    """Go through all that `read_labels` and `read_pictures` check; where they refuse, leave out what they refuse.

    Parameters
    ----------
    collection : Collection
    pictures : Pictures
        Of all items that a run can use.
    leave_out : bool
        Whether species on one side only may be left out unasked: not while their names may be wrong.
    """
    skips = [True] if inputs.skip_bad else [False, True] if pictures.bad else [False]
    matches = [True] if inputs.matched_only else [False, True] if leave_out else [False]
    refusal = "something cannot be read"
    for matched, skip in itertools.product(matches, skips) if collection.sound else ():
        added = (("--matched-only", matched > inputs.matched_only), ("--skip-bad", skip > inputs.skip_bad))
        now = replace(inputs, skip_bad=skip, matched_only=matched)
        try:
            items, never = _attempt(now, config, collection, pictures)
        except (VisgenError, sgt_dna.SgtError) as error:
            refusal = "\n  ".join([str(error), *getattr(error, "__notes__", [])])
        else:
            return Rehearsal(items, never, tuple(option for option, wanted in added if wanted))
    return _refused(inputs, collection, pictures, refusal)


def _attempt(
    inputs: Inputs, config: Config, collection: Collection, pictures: Pictures
) -> tuple[list[Item], dict[str, str]]:
    bad, skipped = pictures.bad, dict(pictures.bad) if inputs.skip_bad else {}
    read = (collection.read, skipped, collection.records, collection.read_labels)
    labelled = label_items(inputs, config, *read)
    used = labelled.items
    refuse([f"{item.file}: {bad[item.file]}" for item in used if item.file in bad], len(used))
    digests = pictures.digests(used)
    sides = split_pictures(labelled, digests, inputs, config)
    return used, untested(used, digests, sides, labelled.trained_only)


def _refused(inputs: Inputs, collection: Collection, pictures: Pictures, refusal: str) -> Rehearsal:
    """What can be said all the same of the pictures that a run would use, if the rest were in order."""
    items = [
        item for item in collection.items if item.file in pictures.sha256 and item.file not in pictures.bad
    ]
    found: tuple[Finding, ...] = ()
    if inputs.split is not None:
        named = set(collection.labels.values())
        items = [item for item in items if item.species in named]
        try:
            known = {item.file for item in collection.items}
            items = with_split(items, known, inputs.split, collection.read_as)
        except DataError as error:
            found = (Finding(UNUSABLE_TABLE, (str(inputs.split),), str(error)),)
    given = any(item.split is not None for item in items)
    never = {} if given or not items else _undivided(items, pictures.digests(items))
    return Rehearsal(items, never, (), refusal, found)


def _undivided(items: Sequence[Item], digests: Sequence[str]) -> dict[str, str]:
    """Species whose pictures all belong together, and why: no split has one of them in its test."""
    parts = defaultdict[str, set[str]](set)
    for item, part in zip(items, whole(items, digests), strict=True):
        parts[item.species].add(part)
    rows = [row for row, item in enumerate(items) if len(parts[item.species]) == 1]
    alone = ([items[row] for row in rows], [digests[row] for row in rows])
    return untested(*alone, ["train"] * len(rows))
