"""Sequences -> vectors."""

import numpy as np

from sgt_dna.alphabet import FEATURE_NAMES
from sgt_dna.embedding import Embedding
from sgt_dna.encode import encode
from sgt_dna.errors import in_file
from sgt_dna.params import SGTParams
from sgt_dna.records import Limits
from sgt_dna.sources import Source, read_records
from sgt_dna.streams import source_name


def embed(
    source: Source,
    *,
    overlap: bool = True,
    kappa: float = 1.0,
    ambiguous: str = "skip",
    format: str | None = None,
    limits: Limits = Limits(),
) -> Embedding:
    """Embed DNA or RNA sequences with the Sequence Graph Transform over dinucleotides.

    Feature (u, v) of a sequence is ``(W / N) ** (1 / kappa)``: N pairs of symbols "u, later v", W the sum of
    ``exp(-kappa * distance)`` over them; 0 without such a pair. Decayed sums below 2.3e-308 count as 0.

    Parameters
    ----------
    source : path, file object, mapping, or iterable
        A file of sequences as a path or file object (FASTA, GenBank and more; plain, gzip, bzip2 or xz), a
        mapping id -> sequence, a pandas Series, (id, sequence) pairs, records, or plain sequences: all that
        `read_records` takes. Lower case counts as upper case, U as T.
    overlap : bool
        Dinucleotides overlap (ACG is AC, CG) or stand side by side.
    kappa : float
        Decay per symbol; the higher, the shorter the reach.
    ambiguous : {"skip", "drop", "error"}
        N, other IUPAC ambiguity codes and gaps: keep the position without a contribution, take it out first,
        or refuse it.
    format : str, optional
        Format of a file, where it is neither FASTA nor begins as GenBank or EMBL do: "fastq", "nexus", ...
    limits : Limits
        Longest record, number of records, bytes of text after decompression.

    Returns
    -------
    Embedding
        (n, 256) float64, rows in the order of the source. A sequence without two symbols to pair is a zero
        vector.

    Raises
    ------
    FastaError
        The source is missing, damaged, in another format or beyond the limits; a record without id or
        sequence; a duplicate id.
    AlphabetError
        A character is no nucleotide code, or it is ambiguous and `ambiguous` is "error".
    ParameterError
        A parameter is out of its range, or there is no such format.

    References
    ----------
    Ranjan, Ebrahimi and Paynabar 2016, arXiv:1608.03533.

    Examples
    --------
    >>> emb = embed(["AACG"])
    >>> [(name, round(value, 3)) for name, value in zip(emb.feature_names, emb["1"].tolist()) if value]
    [('AA->AC', 0.368), ('AA->CG', 0.135), ('AC->CG', 0.368)]
    """
    params = SGTParams(overlap=overlap, kappa=kappa, ambiguous=ambiguous)
    from sgt_dna._kernel import transform  # numba takes half a second to import

    ids, descriptions, counts, rows = [], [], [], []
    with in_file(source_name(source)):
        for record in read_records(source, format=format, limits=limits):
            codes, n_ambiguous = encode(record, params)
            row = np.empty(len(FEATURE_NAMES))
            transform(codes, params.kappa, row)
            ids.append(record.id)
            descriptions.append(record.description)
            counts.append(n_ambiguous)
            rows.append(row)
    return Embedding(
        ids=tuple(ids),
        vectors=np.stack(rows),
        feature_names=FEATURE_NAMES,
        params=params,
        descriptions=tuple(descriptions),
        ambiguous=np.array(counts, np.int64),
    )
