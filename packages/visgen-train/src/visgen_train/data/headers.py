"""The species that the header of a sequence names, in the forms that the usual databases write."""

import re

from visgen_train.data.species import leading, normalise

_MARKS = re.compile(
    r"(?:(?:UNVERIFIED|UNVERIFIED_ORG|UNVERIFIED_ASMBLY|TPA|TPA_\w+|PREDICTED|MAG)(?: \w+)?: ?)+"
)
_MODIFIER = re.compile(r"\[organism=([^\]]+)\]")
_ACCESSION = re.compile(r"(?=\S*\d)\S+ ")
_NO_NAME = re.compile(  # what else has a capital and then a word in lower case: places, institutions, markers
    r"(?:North|South|East|West|Central|New|Papua|United|Saint|San|Santa|Puerto|Costa|El|Sri|Saudi|Sierra|Burkina|Hong|"
    r"Cape|Great|Ivory|Northern|Southern|Eastern|Western|University|Museum|Institute|Partial|Complete) .*"
    r"|\w+ (?:republic|islands?|ocean|sea|gulf|bay|coast|river|lake|basin|province|state|county|district|verde|bissau|"
    r"university|museum|institute|institution|collection|gene|genes|genome|cds|sequence|oxidase|subunit|rna|dna|"
    r"specimen|voucher|isolate|strain|clone)\b.*"
)


def species_of_header(description: str) -> list[str]:
    """The species a header may name: one, none, or several that only its writer can choose from.

    Of an open name (`Culex sp. A`) all of it.

    Understands

    - GenBank: `ACCESSION Genus species isolate ...`, also after `UNVERIFIED:` and the like, and `[organism=...]`;
    - fields between bars, of which each that begins with a name counts: BOLD's `ID|Genus species|COI-5P`,
      ENA's `ENA|ACCESSION|ACCESSION.1 Genus species ...`, PR2's `ACCESSION|18S_rRNA|...|Genus|Genus_species`;
    - lineages, of which the last member counts: SILVA's `ACCESSION.1.1800 Eukaryota;SAR;...;Genus species`;
    - `Genus_species_7`.

    Only a capitalised genus with a lower-case epithet is a name here, since headers hold much else; usual words of
    places and markers (`South africa`) are none.

    Examples
    --------
    >>> species_of_header("MK499771.1 UNVERIFIED: Candeina nitida isolate 7")
    ['Candeina nitida']
    >>> species_of_header("GBDP16934-15|South africa|Aedes_aegypti|COI-5P|KP843385")
    ['Aedes aegypti']
    >>> species_of_header("AB1.1.1800 Eukaryota;SAR;Rhizaria;Foraminifera;Globigerina bulloides")
    ['Globigerina bulloides']
    >>> species_of_header("X1|Plasmodium falciparum|Homo sapiens")
    ['Plasmodium falciparum', 'Homo sapiens']
    """
    names = (leading(text) for text in _candidates(description) if not _NO_NAME.fullmatch(text))
    return list(dict.fromkeys(str(name) for name in names if name is not None))


def _candidates(description: str) -> list[str]:
    """Texts that may begin with a name."""
    modifier = _MODIFIER.search(description)
    if modifier:
        return [modifier[1]]
    if "|" in description:
        fields = [_unmarked(field) for field in description.split("|")]
        return [_unmarked(_ACCESSION.sub("", field, count=1)) for field in fields]
    first, *rest_of_it = description.split(maxsplit=1) or [""]
    rest = _unmarked("".join(rest_of_it))
    lineage = [member for member in rest.split(";") if member.strip()]
    if len(lineage) > 1 and " " not in lineage[0]:
        return lineage[-1:]
    return [rest, normalise(first)]


def _unmarked(text: str) -> str:
    return _MARKS.sub("", normalise(text), count=1)
