"""Species names, the one place that reads them: image folders, tables, headers and labels all come through here."""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

LONGEST = 200  # characters of a name; more is no name
_LETTERS = "A-Za-zÀ-ÖØ-öø-ÿ"
_GENUS = re.compile(rf"[{_LETTERS}]{{2,}}(?:-[{_LETTERS}]+)*")
_EPITHET = re.compile(rf"[{_LETTERS}][{_LETTERS}\d]+(?:-[{_LETTERS}\d]+)*")
_GENOTYPE = re.compile(r"[IVX]+[a-z]?\d?")  # as in bulloides-IIb
_UNKNOWN_SPECIES = re.compile(r"(spp?|indet)\.?(\d\w*)?", re.IGNORECASE)
_BEFORE = {"cf": "cf.", "aff": "aff.", "nr": "nr.", "gr": "gr."}
_AFTER = re.compile(r"(?:complex|agg\.?|group|s\.? ?l\.?|sensu lato)(?= |$)", re.IGNORECASE)
_IN_THE_STRICT_SENSE = re.compile(r"(?:s\.? ?s\.?|s\.? ?str\.?|sensu stricto)(?: |$)", re.IGNORECASE)
_RANKS = {"subsp": "", "ssp": "", "var": "var. ", "f": "f. ", "forma": "f. "}
_CODE = re.compile(r"[A-Z]|\S*\d\S*")
_QUOTES = {ord(mark): "'" for mark in "‘’ʼ`´"} | {ord(mark): '"' for mark in "“”„«»"}
_HYPHENS = {ord(mark): "-" for mark in "‐‑‒–"}

_NO_GENUS = re.compile(
    "uncultured|unidentified|undetermined|unknown|unclassified|environmental|incertae|not|no|other",
    re.IGNORECASE,
)
_NO_EPITHET = re.compile("and|with|without|of|in|on|or", re.IGNORECASE)
_SUBSPECIES = re.compile(r".*(?:us|um|a|ae|i|is|or|ns|ense|oides|pes|ceps)")
"""How a word ends that is taken for a subspecies though nothing announces it; many others might be anything."""
_NO_SUBSPECIES = re.compile(  # what else stands in third place of folders' names
    "female|male|juvenile|adult|larva|nymph|pupa|dorsal|ventral|lateral|left|right|dextral|sinistral|white|pink|"
    "type|morph|morphotype|genotype|strain|isolate|clone|form|anterior|posterior|interior|exterior|indoor|outdoor|"
    "poor|color|data|extra|camera|replica|schema|area|antenna|alpha|beta|gamma|delta|multi|mini|semi|specimens|"
    "sections|lens|medium|museum|minimum|maximum|various|dubious|previous|anonymous|status|analysis|thesis|this"
)

_PARTICLE = r"(?:d'|de |de la |du |von |van |van der |le |la )?"
_AUTHOR = rf"(?:[A-Z]\.[- ]?)*{_PARTICLE}[A-ZÀ-ÖØ-Þ][{_LETTERS}'-]*\.?"
_AUTHORS = rf"{_AUTHOR}(?:(?:, | & | and | et | ex | in |, & ){_AUTHOR})*(?: et al\.?)?"
_YEAR = r",? ?[(\[]?\d{4}[a-z]?[)\]]?"
_ABBREVIATED = r"(?:[A-Z]\.|[A-Z][a-z]+\.)"
_AUTHORITY = re.compile(
    rf"\(?{_AUTHORS}\)?{_YEAR}\)?"  # (Parker & Jones, 1865)
    rf"|,? ?d'{_AUTHOR}"
    rf"|\({_AUTHORS}(?:{_YEAR})?\) ?{_AUTHORS}(?:{_YEAR})?"  # (L.) Mill.
    rf"|{_ABBREVIATED}(?:,? ?(?:& |et |ex )?{_ABBREVIATED})*"  # L.
    rf"|\(?{_AUTHOR}(?: & | et | ex ){_AUTHOR}\)?"
)


@dataclass(frozen=True)
class Name:
    """A scientific name of a species, or of something below or beside it.

    Attributes
    ----------
    genus : str
        Capitalised.
    epithet : str, optional
        Lower case; None where the species is not known (`Culex sp.`).
    qualifier : str, optional
        What makes it an open name, which is not the species it resembles: "cf.", "aff.", "sp. 1", "complex", "s.l.".
    infraspecific : str, optional
        Subspecies, variety or form: "formosus", "subsp. arctos", "var. minor", "f. minor".
    authority : str, optional
        Who described it, and when; no part of the name.
    """

    genus: str
    epithet: str | None = None
    qualifier: str | None = None
    infraspecific: str | None = None
    authority: str | None = None

    @property
    def species(self) -> str:
        """Genus and epithet, without what is below the species; of an open name all but the authority."""
        if self.qualifier is None:
            return f"{self.genus} {self.epithet}"
        last = (self.epithet or "", self.qualifier)
        words = (self.genus, *(last if _AFTER.match(self.qualifier) else reversed(last)))
        return " ".join(word for word in words if word)

    def __str__(self) -> str:
        return f"{self.species} {self.infraspecific}" if self.infraspecific else self.species


def normalise(name: str) -> str:
    """One spelling for a name of any kind: Unicode NFC, underscores as blanks, single blanks.

    >>> normalise(" Aedes_aegypti ")
    'Aedes aegypti'
    """
    return " ".join(unicodedata.normalize("NFC", name).replace("_", " ").split())


@lru_cache(maxsize=65536)
def parse(text: str) -> Name | None:
    """Read a text that is a name and nothing else: of a folder, or of a cell of a table.

    Two words of letters are a genus and an epithet, whatever their case. An authority counts as one if it has a year,
    an abbreviation (`L.`), `&` or `d'`. A third word in lower case is a subspecies if `subsp.`, `var.` or `f.` says
    so, if it repeats the epithet, or if it ends as such names mostly do (`formosus`, `brookei`) and is no usual word
    of another meaning (`larva`, `anterior`). Any other further word makes the text no such name, and so does a
    hybrid's `x`, a `?`, or a digit that does not belong to a lower-case epithet.

    Returns
    -------
    Name or None
        Its `str` is the name without authority, and reads as the same name again. None for what is no such name:
        `Debris`, `Morphotype 3`, `class_12`.

    Examples
    --------
    >>> parse("globigerina BULLOIDES d'Orbigny, 1826")
    Name(genus='Globigerina', epithet='bulloides', qualifier=None, infraspecific=None, authority="d'Orbigny, 1826")
    >>> str(parse("Globorotalia (Hirsutella) hirsuta")), str(parse("Culex cf pipiens")), parse("Morphotype 3")
    ('Globorotalia hirsuta', 'Culex cf. pipiens', None)
    """
    plain = _plain(text).strip(" '\"")
    found = _taxon(plain) if len(plain) <= LONGEST else None
    if found is None:
        return None
    name, rest = found
    if name.epithet is None:  # Culex sp.: what follows tells it from others
        return _with_code(name, rest)
    if not rest:
        return name
    return replace(name, authority=rest.strip(" ,")) if _AUTHORITY.fullmatch(rest) else None


def leading(text: str) -> Name | None:
    """The name that a free text begins with, such as a header after its accession; the genus must be capitalised.

    >>> str(leading("Candeina nitida isolate C207 18S ribosomal RNA gene")), str(leading("Culex sp. A voucher 7"))
    ('Candeina nitida', 'Culex sp. A')
    """
    plain = _plain(text[:LONGEST])
    genus = plain.partition(" ")[0]
    if not genus[:1].isupper() or genus.isupper():
        return None
    found = _taxon(plain, free=True)
    if found is None:
        return None
    name, rest = found
    if name.epithet is None:
        code = rest.split(maxsplit=1)[0].rstrip(",;.") if rest else ""
        return _with_code(name, code if _CODE.fullmatch(code) else "")
    return name


def canonical(text: str) -> str:
    """The one spelling that names are compared in: `str(parse(text))`, or the normalised text if that is no such name.

    >>> canonical("GLOBIGERINA_BULLOIDES d'Orbigny, 1826"), canonical("class_12")
    ('Globigerina bulloides', 'class 12')
    """
    name = parse(text)
    return normalise(text) if name is None else str(name)


def species_of(text: str) -> str | None:
    """The species that a subspecies, variety or form belongs to; None for any other name.

    >>> species_of("Aedes aegypti formosus"), species_of("Aedes aegypti")
    ('Aedes aegypti', None)
    """
    name = parse(text)
    return name.species if name is not None and name.infraspecific else None


def is_open(text: str) -> bool:
    """Whether a name is that of no certain species: `Culex sp.`, `Culex cf. pipiens`."""
    name = parse(text)
    return name is not None and name.qualifier is not None


def _plain(text: str) -> str:
    """Compatible forms, quotes and hyphens as ASCII has them, invisible characters left out."""
    text = unicodedata.normalize("NFKC", text.translate(_QUOTES)).translate(_QUOTES | _HYPHENS)
    return normalise("".join(mark for mark in text if unicodedata.category(mark) != "Cf"))


def _taxon(text: str, free: bool = False) -> tuple[Name, str] | None:
    """The name at the beginning of a plain text, and what follows it; in a free text only well-spelt words count."""
    genus, _, rest = text.partition(" ")
    if not _GENUS.fullmatch(genus) or _NO_GENUS.fullmatch(genus):
        return None
    subgenus = re.match(rf"\([A-Z][{_LETTERS}]+\) (?=[{_LETTERS}])", rest)
    rest = rest[subgenus.end() :] if subgenus else rest
    word, _, after = rest.partition(" ")
    genus = genus.capitalize()
    unknown = _UNKNOWN_SPECIES.fullmatch(word)
    if unknown:
        return Name(genus, qualifier=f"{unknown[1].lower()}."), f"{unknown[2] or ''} {after}".strip()
    qualifier = _BEFORE.get(word.lower().rstrip("."))
    if qualifier:
        word, _, after = after.partition(" ")
    epithet = _epithet(word.rstrip(".,;:" if free else ",;"), free)
    if epithet is None:
        return None
    if qualifier:
        return Name(genus, epithet, qualifier), after
    return _below(Name(genus, epithet), after, free)


def _epithet(word: str, free: bool) -> str | None:
    if not _EPITHET.fullmatch(word) or _NO_EPITHET.fullmatch(word):
        return None
    parts = [part if _GENOTYPE.fullmatch(part) else part.lower() for part in word.split("-")]
    lower = "-".join([parts[0].lower(), *parts[1:]])
    changed = lower != word
    return None if changed and (free or any(letter.isdigit() for letter in word)) else lower


def _below(name: Name, rest: str, free: bool) -> tuple[Name, str]:
    """Take a subspecies, or what makes it an open name, from what follows a binomial."""
    open_after = _AFTER.match(rest)
    if open_after:
        return replace(name, qualifier=open_after[0].lower()), rest[open_after.end() :].strip()
    strict = _IN_THE_STRICT_SENSE.match(rest)
    rest = rest[strict.end() :] if strict else rest
    if _AUTHORITY.fullmatch(rest):
        return name, rest
    word, _, after = rest.partition(" ")
    rank = _RANKS.get(word.lower().rstrip("."))
    if rank is not None and after:
        word, _, after = after.partition(" ")
    elif free and word != name.epithet:  # `Candeina nitida isolate` has no subspecies
        return name, rest
    third = _epithet(word.rstrip(".,;:" if free else ",;"), free)
    plain = third is not None and third.isalpha() and (word.islower() or word.isupper())
    if third is None or not plain or _NO_SUBSPECIES.fullmatch(third):
        return name, rest
    if third != name.epithet and not _SUBSPECIES.fullmatch(third):
        if rank is None:
            return name, rest
        rank = rank or "subsp. "  # without which it would not be read so again
    return replace(name, infraspecific=(rank or "") + third), after


def _with_code(name: Name, code: str) -> Name:
    return replace(name, qualifier=f"{name.qualifier} {code}".strip())
