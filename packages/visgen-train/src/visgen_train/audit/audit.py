"""The whole check, from what the user names to the findings."""

from collections import Counter
from dataclasses import replace

from visgen_train.audit.classes import class_findings
from visgen_train.audit.duplicates import duplicate_findings
from visgen_train.audit.findings import Audit, Finding, ordered
from visgen_train.audit.groups import group_findings
from visgen_train.audit.image_faults import UNREADABLE, image_findings, white_option
from visgen_train.audit.names import NO_IMAGES, NO_SEQUENCES, name_findings
from visgen_train.audit.pictures import look
from visgen_train.audit.reading import read_collection
from visgen_train.audit.rehearsal import REFUSED, Rehearsal, rehearse
from visgen_train.audit.sequence_faults import anchor_findings, sequence_findings
from visgen_train.audit.strangers import stranger_findings
from visgen_train.config import Config
from visgen_train.data.image_table import root_of
from visgen_train.data.matching import match, suggestions
from visgen_train.experiment.inputs import Inputs
from visgen_train.io.progress import Track, silent

_LEFT_OUT = {UNREADABLE, NO_IMAGES, NO_SEQUENCES}
"""Errors that an option of the run leaves out."""


def audit(inputs: Inputs, config: Config | None = None, track: Track = silent) -> Audit:
    """Find everything that is wrong with a collection. Nothing is altered, and nothing of it stops the check.

    The verdict is that of the run's own functions on what was read: `not ready` if they refuse it, even with the
    options that leave something out.

    Parameters
    ----------
    inputs : Inputs
        As for a run; what `matched_only` and `skip_bad` leave out is no fault.
    config : Config, optional
        The settings of the run, by default the preset `sound`.
    track : callable
        Shows progress.
    """
    config = config or Config()
    collection = read_collection(inputs)
    items, records, labels = collection.items, collection.records, collection.labels
    both = match((item.species for item in items), labels.values())
    played = {*both.species, *(both.images_only if config.data.species == "all" else ())}
    suggested = tuple(suggestions(both, collection.settled)) if collection.complete else ()
    if inputs.matched_only and collection.complete:  # the others play no part
        items = [item for item in items if item.species in played]
    pictures = look(root_of(inputs.images), [item.file for item in items], track, config.data.white)
    went = rehearse(inputs, config, collection, pictures, leave_out=not suggested)
    known = {item.file: item for item in went.items}
    items = [known.get(item.file, item) for item in items]
    sequenced = Counter(labels.values())
    found = [*collection.findings, *went.findings]
    if collection.complete:
        found += name_findings(collection, pictures.bad, suggested, inputs.matched_only, played)
    if items:
        found += image_findings(pictures, inputs.skip_bad)
        found += duplicate_findings(items, pictures)
        found += class_findings(items, sequenced, went.never)
    found += group_findings(went.items)
    if records:
        told = [*sequence_findings(records, labels), *stranger_findings(records, labels)]
        idle = {key for key, name in labels.items() if name not in both.species}
        found += [one for one in told if not (inputs.matched_only and idle.issuperset(one.about))]
    if len(both.species) > 1:
        found += anchor_findings(records, labels, both.species, config.align)
    sizes = {
        "images": len(items),
        "species_with_images": len({item.species for item in collection.items}),
        "sequences": len(records),
        "species_with_sequences": len(sequenced),
        "species_with_both": len(both.species),
    }
    options = () if went.refusal else (*went.options, *white_option(pictures, config.data.white))
    return Audit(ordered(_judged(found, went)), sizes, suggested, options)


def _judged(found: list[Finding], went: Rehearsal) -> list[Finding]:
    """An error is what the run refuses: there is one if it does, and none if it does not."""
    if went.refusal:
        told = any(one.kind.severity == "error" and one.kind not in _LEFT_OUT for one in found)
        return found if told else [*found, Finding(REFUSED, (), went.refusal)]
    return [
        replace(one, kind=replace(one.kind, severity="warning")) if one.kind.severity == "error" else one
        for one in found
    ]
