"""Sequence records from NCBI by their accessions, through Biopython's Entrez."""

import contextlib
import http.client
import io
import logging
import re
import socket
import textwrap
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError

from visgen_train.errors import DataError
from visgen_train.io.atomic import write_text
from visgen_train.io.progress import Track, silent

log = logging.getLogger(__name__)

BATCH = 200  # ids in one request, as NCBI recommends
TRIES = 6
PAUSE = 1.0  # seconds before the second try; doubled for each further one
TIMEOUT = 60.0  # seconds without an answer
TOOL = "visgen-train"
_ACCESSION = re.compile(r"[A-Z]{1,6}_?\d{5,12}(\.\d{1,3})?")
_VERSION = re.compile(r"^VERSION +(\S+)", re.MULTILINE)
_LENGTH = re.compile(r"^LOCUS +\S+ +(\d+) bp", re.MULTILINE)
_BUSY = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Fetched:
    """GenBank records by the accession that was asked for, in that order, and accessions that NCBI does not have.

    Each record is there once: of accessions that mean one (MK499771, MK499771.1) the first has it.
    """

    records: dict[str, str]
    missing: list[str]


def read_accessions(path: Path) -> list[str]:
    """Accessions, one a line; blank lines, what follows a `#`, and repetitions do not count.

    Raises
    ------
    DataError
        The file cannot be read, or holds none, or a line is no accession of GenBank, ENA or DDBJ; it names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error}).") from error
    found: dict[str, None] = {}
    for number, line in enumerate(lines, start=1):
        accession = line.partition("#")[0].strip().upper()
        if accession and not _ACCESSION.fullmatch(accession):
            raise DataError(
                f"{path}, line {number}: {line.strip()!r} is no accession such as MK499771 or MK499771.1. Write one a "
                "line; process ids of BOLD are not known to NCBI."
            )
        if accession:
            found[accession] = None
    if not found:
        raise DataError(f"{path}: no accessions. Write one a line, such as MK499771.")
    return list(found)


def fetch(accessions: Sequence[str], email: str, cache: Path, track: Track = silent) -> Fetched:
    """GenBank records of accessions; each is kept in a folder as it comes, and what is there is not asked for again.

    Parameters
    ----------
    accessions : sequence of str
        From `read_accessions`.
    email : str
        NCBI wants to know whom to write to about too many requests.
    cache : Path
        A folder, made if need be, with a file `ACCESSION.gb` for each record.

    Raises
    ------
    DataError
        NCBI cannot be reached, or does not answer after some tries; what came until then is in the cache. Or the cache
        cannot be made, written to or read.
    """
    try:
        return _fetched(accessions, email, cache, track)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{cache}: cannot be used as a cache ({error}). Name another folder by --cache."
        ) from error


def _fetched(accessions: Sequence[str], email: str, cache: Path, track: Track) -> Fetched:
    cache.mkdir(parents=True, exist_ok=True)
    wanted = [accession for accession in accessions if not _place(cache, accession).is_file()]
    batches = [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]
    for batch in track(batches, "Fetching", len(batches)):
        try:
            found = _batch(batch, email)
        except DataError as error:
            kept = sum(_place(cache, accession).is_file() for accession in accessions)
            error.add_note(
                f"{kept} of {len(accessions)} records are in {cache}; the same command goes on from there."
            )
            raise
        for accession, text in found.items():
            write_text(_place(cache, accession), text)
    places = {accession: _place(cache, accession) for accession in accessions}
    records = {key: place.read_text(encoding="utf-8") for key, place in places.items() if place.is_file()}
    return Fetched(_once(records), [accession for accession in accessions if accession not in records])


def _once(records: dict[str, str]) -> dict[str, str]:
    first: dict[str, str] = {}
    for accession, text in records.items():
        version = _VERSION.search(text)
        said = version[1] if version else accession
        if first.setdefault(said, accession) != accession:
            log.warning("%s and %s are one record, %s, written once", first[said], accession, said)
    return {accession: records[accession] for accession in first.values()}


def _place(cache: Path, accession: str) -> Path:
    return cache / f"{accession}.gb"


def _batch(accessions: list[str], email: str) -> dict[str, str]:
    """The records of a batch that NCBI has; a batch that it refuses is asked for in halves, down to what it refuses."""
    try:
        text = _answer(accessions, email)
    except HTTPError as error:
        if error.code not in (400, 404):
            raise DataError(f"NCBI refused the request ({error.code} {error.reason}).") from error
        if len(accessions) == 1:
            return {}
        half = len(accessions) // 2
        return {**_batch(accessions[:half], email), **_batch(accessions[half:], email)}
    by_version = dict(_records(text))
    by_accession = {version.partition(".")[0]: record for version, record in by_version.items()}
    found = {key: by_version.get(key) or ("." not in key and by_accession.get(key)) for key in accessions}
    return {key: record for key, record in found.items() if record}


def _answer(accessions: list[str], email: str) -> str:
    """A whole answer of NCBI, asked for again with growing pauses while it is busy or the connection breaks."""
    for number in range(1, TRIES + 1):
        pause = PAUSE * 2 ** (number - 1)
        try:
            return _asked(accessions, email)
        except HTTPError as error:
            error.close()
            if error.code not in _BUSY:
                raise
            problem: Exception = error
            after = error.headers.get("Retry-After", "")
            pause = max(pause, min(float(after), TIMEOUT)) if after.isdigit() else pause
        except (URLError, OSError, http.client.HTTPException, UnicodeDecodeError, _CutError) as error:
            problem = error
        if number < TRIES:
            log.info("NCBI: %s; trying again in %g s", problem, pause)
            time.sleep(pause)
    raise DataError(
        f"NCBI did not answer in {TRIES} tries, the last time with: {problem}. Check the connection, or try later."
    ) from problem


def _asked(accessions: list[str], email: str) -> str:
    from Bio import Entrez

    asked = {"rettype": "gb", "retmode": "text", "email": email, "tool": TOOL}
    with _settings(), contextlib.closing(Entrez.efetch("nuccore", id=accessions, **asked)) as answer:
        text = answer.read()
    text = text if isinstance(text, str) else text.decode("utf-8")
    rest = f"\n{text}".rpartition("\n//")[2].strip()
    if rest.startswith(("<", "LOCUS"[: len(rest)])) and rest:
        raise _CutError(f"the answer is not whole, it ends in {rest[-30:]!r}")
    return text


class _CutError(Exception):
    """An answer that is not whole, though the connection ended well."""


@contextlib.contextmanager
def _settings() -> Iterator[None]:
    """One try, and a limit on waiting: Entrez would try again at once, and wait for ever."""
    from Bio import Entrez

    tries, timeout = Entrez.max_tries, socket.getdefaulttimeout()
    Entrez.max_tries = 1
    socket.setdefaulttimeout(TIMEOUT)
    try:
        yield
    finally:
        Entrez.max_tries = tries
        socket.setdefaulttimeout(timeout)


def _records(text: str) -> Iterator[tuple[str, str]]:
    """(version, text) of each GenBank record, of those that hold their sequence."""
    for part in re.split(r"(?m)^//\s*$\n?", text):
        record = part[part.find("LOCUS ") :].strip("\n")  # there may be a message before it
        version, length = _VERSION.search(record), _LENGTH.search(record)
        if version is None or not record.startswith("LOCUS "):
            continue
        _, _, sequence = record.partition("\nORIGIN")
        bases = sum(map(str.isalpha, sequence.partition("\n")[2]))
        if length is None or bases != int(length[1]):
            log.warning("%s: NCBI gives no sequence with it, or not all of it", version[1])
            continue
        yield version[1], f"{record}\n//\n"


def as_fasta(record: str) -> str:
    """A GenBank record as FASTA; its header names the organism first, as `visgen run` wants it."""
    from Bio import SeqIO

    found = SeqIO.read(io.StringIO(record), "genbank")
    organism, definition = found.annotations.get("organism", ""), found.description
    said = definition if definition.startswith(organism) else f"{organism}, {definition}"
    return f">{found.id} {said}\n{textwrap.fill(str(found.seq), 80)}\n"
