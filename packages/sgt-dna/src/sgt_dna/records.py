"""Records, limits on what a source may hold, and the checks that every record passes, whatever it comes from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sgt_dna.alphabet import invalid_hint, invalid_position
from sgt_dna.errors import AlphabetError, FastaError, SgtError
from sgt_dna.params import positive_integer


class Record(NamedTuple):
    """One sequence and what its header says.

    Parameters
    ----------
    id : str
        The header up to the first white space.
    description : str
        The whole header after ``>``, without white space around it; it begins with the id.
    sequence : str
        As it stands in the source; line ends and blanks removed.
    line : int or None
        Line of the header, from 1; None where the record does not come from a FASTA file.
    organism : str or None
        What the record is of, as a GenBank or EMBL file says it: ``Candeina nitida``; None where nothing says it.

    Examples
    --------
    >>> Record("MK1", "MK1 Candeina nitida", "ACGT").line is None
    True
    """

    id: str
    description: str
    sequence: str
    line: int | None = None
    organism: str | None = None


@dataclass(frozen=True)
class Limits:
    """How much one source may hold, so that a damaged or hostile file cannot exhaust the memory.

    Parameters
    ----------
    max_length : int
        Bases of one record.
    max_records : int
        Records of one source.
    max_bytes : int, optional
        Bytes of text, after decompression. None: 200 times the compressed bytes, and at least 100 MB, for
        compressed content; anything for plain content.

    Raises
    ------
    ParameterError
        A limit is no positive integer.

    Examples
    --------
    >>> Limits(max_length=30_000_000).max_records
    100000000
    """

    max_length: int = 1_000_000_000
    max_records: int = 100_000_000
    max_bytes: int | None = None

    def __post_init__(self) -> None:
        for name in ("max_length", "max_records", "max_bytes"):
            value = getattr(self, name)
            if name != "max_bytes" or value is not None:
                object.__setattr__(self, name, positive_integer(name, value))


class Checker:
    """The checks of one source: it remembers the ids seen and counts the records.

    Parameters
    ----------
    limits : Limits
    unit : str
        What the numbers of places are: "line" of a file, or "entry" of a list.
    """

    def __init__(self, limits: Limits, unit: str) -> None:
        self.limits = limits
        self.unit = unit
        self.count = 0
        self._seen: dict[str, int] = {}

    def admit(self) -> None:
        """Count one more record; past the limit the whole source is refused."""
        self.count += 1
        if self.count > self.limits.max_records:
            raise FastaError(
                f"there are more than {self.limits.max_records:,} records; raise it with "
                "limits=Limits(max_records=...), or --max-records"
            )

    def admit_all(self, ids: Sequence[str], places: Sequence[int]) -> bool:
        """Count records whose headers are fine, unless they are too many or their ids are not new: then do nothing."""
        before = len(self._seen)
        if self.count + len(ids) > self.limits.max_records or not self._seen.keys().isdisjoint(ids):
            return False
        self._seen.update(zip(ids, places, strict=True))
        if len(self._seen) < before + len(ids):
            for id_ in ids:
                self._seen.pop(id_, None)
            return False
        self.count += len(ids)
        return True

    def header(self, id_: str, description: str, place: int) -> None:
        """Refuse an id that is empty or seen before, and text that could not be stored."""
        fault = _header_fault(id_, description)
        if fault:
            raise FastaError(f"{self.unit} {place}: {fault}", record=id_, line=self._line(place))
        first = self._seen.setdefault(id_, place)
        if first != place:
            raise FastaError(
                f"the id {id_!r} occurs twice, at {self.unit} {first} and {self.unit} {place}; "
                "ids must be unique",
                record=id_,
                line=self._line(place),
            )

    def length(self, id_: str, length: int, place: int) -> None:
        """Refuse a sequence that is, so far, longer than the limit."""
        if length > self.limits.max_length:
            raise FastaError(
                f"record {id_!r} at {self.unit} {place} is longer than {self.limits.max_length:,} bases; "
                "raise it with limits=Limits(max_length=...), or --max-length",
                record=id_,
                line=self._line(place),
            )

    def missing(self, id_: str, place: int) -> FastaError:
        """The error for a record without sequence."""
        return FastaError(
            f"record {id_!r} at {self.unit} {place} has no sequence; add it or remove the record",
            record=id_,
            line=self._line(place),
        )

    def check(self, record: Record, place: int) -> Record | SgtError:
        """Give a whole record back, or the error about it."""
        try:
            self.header(record.id, record.description, place)
            self.length(record.id, len(record.sequence), place)
            if not record.sequence:
                return self.missing(record.id, place)
        except SgtError as error:
            return error
        position = invalid_position(record.sequence)
        if position is None:
            return record
        return bad_character(record.id, f"position {position + 1}", record.sequence, position, record.line)

    def _line(self, place: int) -> int | None:
        return place if self.unit == "line" else None


def bad_character(id_: str, where: str, sequence: str, position: int, line: int | None) -> AlphabetError:
    """The error for the character at a position (from 0) of a sequence, which stands at `where` for the reader."""
    character = sequence[position]
    return AlphabetError(
        f"record {id_!r}, {where}: {character!a} is no nucleotide code; {invalid_hint(sequence, character)}",
        record=id_,
        line=line,
    )


def first_error_raised(items: Iterable[Record | SgtError]) -> Iterator[Record]:
    """The records, up to the first error, which is raised."""
    for item in items:
        if isinstance(item, SgtError):
            raise item
        yield item


def is_mapping(value: object) -> bool:
    """Whether a value has ids and what belongs to them: a mapping, or a pandas Series."""
    if hasattr(value, "columns"):
        return False
    return isinstance(value, Mapping) or (hasattr(value, "items") and hasattr(value, "index"))


def _header_fault(id_: str, description: str) -> str | None:
    if not id_ or id_.isspace():
        return "the id is empty; every record needs one"
    if "\0" in description or "\0" in id_:
        return f"the header of {id_!a} holds a NUL character; remove it"
    if not (description.isascii() and id_.isascii()):
        try:
            (id_ + description).encode("utf-8")
        except UnicodeEncodeError:
            return "the header is not UTF-8; save the file as UTF-8"
    return None
