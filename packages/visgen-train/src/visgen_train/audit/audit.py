"""The whole check, from what the user names to the findings."""

from collections import Counter

from visgen_train.audit.classes import class_findings
from visgen_train.audit.duplicates import duplicate_findings
from visgen_train.audit.findings import Audit, ordered
from visgen_train.audit.image_faults import image_findings
from visgen_train.audit.names import name_findings
from visgen_train.audit.pictures import look
from visgen_train.audit.reading import read_collection
from visgen_train.audit.sequence_faults import anchor_findings, sequence_findings
from visgen_train.audit.strangers import stranger_findings
from visgen_train.data.image_table import root_of
from visgen_train.data.matching import match, suggestions
from visgen_train.experiment.inputs import Inputs
from visgen_train.io.progress import Track, silent


def audit(inputs: Inputs, track: Track = silent) -> Audit:
    """Find everything that is wrong with a collection. Nothing is altered, and nothing of it stops the check.

    Parameters
    ----------
    inputs : Inputs
        As for a run; with `matched_only`, species on one side only are no fault.
    track : callable
        Shows progress.
    """
    collection = read_collection(inputs)
    items, records, labels = collection.items, collection.records, collection.labels
    found = list(collection.findings)
    pictured, sequenced = Counter(item.species for item in items), Counter(labels.values())
    both = match(pictured.elements(), sequenced.elements())
    suggested = tuple(suggestions(both)) if collection.complete else ()
    if collection.complete:
        found += name_findings(both, suggested, collection.readings, inputs.matched_only)
    if inputs.matched_only and collection.complete:  # the others play no part
        items = [item for item in items if item.species in both.species]
    if items:
        pictures = look(root_of(inputs.images), [item.file for item in items], track)
        found += image_findings(pictures)
        found += duplicate_findings(items, pictures)
        found += class_findings(items, sequenced)
    if records:
        told = [*sequence_findings(records, labels), *stranger_findings(records, labels)]
        idle = {key for key, name in labels.items() if name not in both.species}
        found += [one for one in told if not (inputs.matched_only and idle.issuperset(one.about))]
    if len(both.species) > 1:
        found += anchor_findings(records, labels, both.species)
    sizes = {
        "images": len(items),
        "species_with_images": len(pictured),
        "sequences": len(records),
        "species_with_sequences": len(sequenced),
        "species_with_both": len(both.species),
    }
    return Audit(ordered(found), sizes, suggested)
