"""The species that the header of a sequence names, in the forms that the usual databases write."""

import re

from visgen_train.data.species import leading, normalise

_MARKS = re.compile(
    r"(?:(?:UNVERIFIED|UNVERIFIED_ORG|UNVERIFIED_ASMBLY|TPA|TPA_\w+|PREDICTED|MAG)(?: \w+)?: ?)+"
)
_MODIFIER = re.compile(r"\[organism=([^\]]+)\]")


def species_of_header(description: str) -> str | None:
    """The species a header names, or None. Of an open name (`Culex sp. A`) all of it.

    Understands

    - GenBank: `ACCESSION Genus species isolate ...`, also after `UNVERIFIED:` and the like, and `[organism=...]`;
    - fields between bars, of which the first that begins with a name counts: BOLD's `ID|Genus species|COI-5P`,
      ENA's `ENA|ACCESSION|ACCESSION.1 Genus species ...`, PR2's `ACCESSION|18S_rRNA|...|Genus|Genus_species`;
    - lineages, of which the last member counts: SILVA's `ACCESSION.1.1800 Eukaryota;SAR;...;Genus species`;
    - `Genus_species_7`.

    Only a capitalised genus with a lower-case epithet is a name here, since headers hold much else.

    Examples
    --------
    >>> species_of_header("MK499771.1 UNVERIFIED: Candeina nitida isolate 7")
    'Candeina nitida'
    >>> species_of_header("GBDP16934-15|Aedes_aegypti|COI-5P|KP843385")
    'Aedes aegypti'
    >>> species_of_header("AB1.1.1800 Eukaryota;SAR;Rhizaria;Foraminifera;Globigerina bulloides")
    'Globigerina bulloides'
    """
    for text in _candidates(description):
        name = leading(text)
        if name is not None:
            return str(name)
    return None


def _candidates(description: str) -> list[str]:
    """Texts that may begin with a name, in the order in which they count."""
    modifier = _MODIFIER.search(description)
    if modifier:
        return [modifier[1]]
    first, *rest_of_it = description.split(maxsplit=1) or [""]
    rest = _MARKS.sub("", normalise("".join(rest_of_it)), count=1)
    lineage = [member for member in rest.split(";") if member.strip()]
    if len(lineage) > 1 and " " not in lineage[0]:
        return lineage[-1:]
    if "|" in description:
        fields = [_MARKS.sub("", normalise(field), count=1) for field in description.split("|")]
        return [*fields, *(_MARKS.sub("", field.partition(" ")[2], count=1) for field in fields)]
    return [rest, first]
