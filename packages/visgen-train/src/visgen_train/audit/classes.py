"""Species with too few images or sequences to learn, test or trust."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from visgen_train.audit.findings import Finding, Kind, plural
from visgen_train.data.manifest import Item

FEW: Final = 5
UNBALANCED: Final = 20
"""Times the images of the rarest species that the commonest has."""

UNTESTED = Kind(
    "never-tested",
    "warning",
    "species cannot be tested",
    "Add images of other specimens; with these the species is trained on and not tested.",
)
RARE = Kind(
    "few-images",
    "note",
    f"species have fewer than {FEW} images",
    "Expect wide intervals for them; more images help more than anything.",
)
LONG_TAIL = Kind(
    "unbalanced",
    "note",
    "some species have many more images than others",
    "This is what visgen is for; look at the figures per class and of rare species, not at the overall accuracy.",
)
ONE_SEQUENCE = Kind(
    "one-sequence",
    "note",
    "species have a single sequence",
    "Nothing speaks against an error in it; add a second one where there is one.",
)


def class_findings(
    items: Sequence[Item], sequences: Mapping[str, int], never: Mapping[str, str]
) -> list[Finding]:
    """Findings on the numbers of images and sequences a species.

    Parameters
    ----------
    items : sequence of Item
    sequences : mapping
        Number of sequences of each species.
    never : mapping
        Species that are trained on and never tested: name -> reason.
    """
    images = Counter(item.species for item in items)
    found = [
        Finding(ONE_SEQUENCE, (species,), species)
        for species, number in sequences.items()
        if number == 1 and species in images
    ]
    for species, number in sorted(images.items()):
        if species in never:
            found.append(Finding(UNTESTED, (species,), f"{species}: {never[species]}"))
        elif number < FEW:
            found.append(Finding(RARE, (species,), f"{species}: {plural(number, 'image')}"))
    if images and max(images.values()) >= UNBALANCED * min(images.values()):
        (common, most), *_, (rare, least) = images.most_common()
        text = f"{common} has {plural(most, 'image')}, {rare} {least}"
        found.append(Finding(LONG_TAIL, (common, rare), text))
    return found
