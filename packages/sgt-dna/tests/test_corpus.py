"""Every file of a public corpus of FASTA, GenBank and FASTQ files, most of them made to break readers.

The files are those of Biopython's and scikit-bio's own tests; what must come of each was read off the file itself.
"""

import gzip
import re
from typing import NamedTuple

import pytest
from sgt_dna import AlphabetError, FastaError, Record, SgtError
from sgt_dna.sources import check_records, read_records


class Expected(NamedTuple):
    """Good records, bad records, and the first error: its type, the line it names, the key part of what it says."""

    good: int
    bad: int = 0
    error: type[SgtError] | None = None
    line: int | None = None
    says: str = ""


def protein(good, bad, line, character):
    return Expected(
        good,
        bad,
        AlphabetError,
        line,
        f"{character!r} is no nucleotide code; the sequence looks like protein",
    )


def no_fasta(says):
    return Expected(0, 1, FastaError, 1, f"expected '>' at line 1, found {says!r}; every FASTA record begins")


def bad(good, bad, line, says):
    return Expected(good, bad, FastaError, line, says)


NO_ID = "the id is empty"
# six records: 'seq1', '_____seq__2_', 'desc3' (written "> desc3"), two bare '>', and a protein
MULTI = {"good": 3, "bad": 3, "error": FastaError, "says": NO_ID}

FASTA = {
    "biopython/aster.pro": protein(0, 1, 2, "P"),
    "biopython/aster_blast.pro": no_fasta("# Some header"),  # comments of BLAST: format="fasta-blast"
    "biopython/aster_no_wrap.pro": protein(0, 1, 2, "P"),
    "biopython/aster_pearson.pro": no_fasta("Some header"),  # comments of FASTA: format="fasta-pearson"
    "biopython/centaurea.nu": Expected(1),
    "biopython/dups.fasta": bad(4, 1, 10, "the id 'alpha' occurs twice, at line 1 and line 10"),
    "biopython/elderberry.nu": Expected(1),
    "biopython/f001": protein(0, 1, 2, "E"),
    "biopython/f002": Expected(3),
    "biopython/f003.fa": protein(0, 2, 2, "E"),
    "biopython/fa01": protein(0, 2, 2, "P"),  # an alignment of proteins
    "biopython/flowers.pro.gz": protein(0, 3, 2, "X"),
    "biopython/lavender.nu": Expected(1),
    "biopython/loveliesbleeding.pro": protein(0, 1, 2, "X"),
    "biopython/lupine.nu": Expected(1),
    "biopython/nucleotide_lib.fa": bad(6, 1, 285, "the id 'RABGSTB' occurs twice, at line 268 and line 285"),
    "biopython/phlox.nu": Expected(1),
    "biopython/protein_lib.fa": protein(0, 12, 2, "I"),
    "biopython/rose.pro": protein(0, 1, 2, "E"),
    "biopython/rosemary.pro": protein(0, 1, 2, "P"),
    "biopython/sweetpea.nu": Expected(1),
    "biopython/wisteria.nu": Expected(1),
    "scikit-bio/empty": Expected(0, 1, FastaError, None, "no records: the file is empty, or blank"),
    "scikit-bio/fasta_10_seqs": bad(1, 9, 3, "the id 'seq1' occurs twice, at line 1 and line 3"),
    "scikit-bio/fasta_3_seqs_defaults": protein(2, 1, 6, "i"),  # 'sits'; UUUU and CATC are nucleotides
    "scikit-bio/fasta_3_seqs_non_defaults": protein(2, 1, 8, "i"),
    "scikit-bio/fasta_5_blanks_start_of_file": Expected(**MULTI, line=12),
    "scikit-bio/fasta_5_ws_lines_start_of_file": Expected(**MULTI, line=12),
    "scikit-bio/fasta_6_blanks_start_of_file": Expected(**MULTI, line=13),
    "scikit-bio/fasta_6_ws_lines_start_of_file": Expected(**MULTI, line=13),
    "scikit-bio/fasta_blank_lines_between_records": Expected(**MULTI, line=14),
    "scikit-bio/fasta_blanks_end_of_file": Expected(**MULTI, line=7),
    "scikit-bio/fasta_description_newline_replacement_empty_str": protein(1, 1, 2, "p"),
    "scikit-bio/fasta_description_newline_replacement_multi_char": protein(1, 1, 2, "p"),
    # the description runs over several lines, so that it reads as sequence: 'detailed', with an e
    "scikit-bio/fasta_description_newline_replacement_none": Expected(
        1, 1, AlphabetError, 2, "column 2: 'e' is no nucleotide code; allowed are A C G T U"
    ),
    "scikit-bio/fasta_id_whitespace_replacement_empty_str": Expected(2),  # "> a b" is the id 'a'
    "scikit-bio/fasta_id_whitespace_replacement_multi_char": Expected(2),  # ids with '>' in them
    "scikit-bio/fasta_id_whitespace_replacement_none": bad(0, 2, 1, NO_ID),  # ids that stand on later lines
    # ten times 'seq1', and once more without a sequence; one error a record, the duplicate comes first
    "scikit-bio/fasta_invalid_after_10_seqs": bad(1, 10, 3, "the id 'seq1' occurs twice"),
    # 'invalid' for scikit-bio, and clear all the same: blank lines are passed over
    "scikit-bio/fasta_invalid_blank_line_after_header": Expected(3),
    "scikit-bio/fasta_invalid_blank_line_within_sequence": Expected(3),
    "scikit-bio/fasta_invalid_blank_sequence": bad(2, 1, 3, "record 'seq2' at line 3 has no sequence"),
    "scikit-bio/fasta_invalid_legacy_format": no_fasta("; legacy-seq-id legacy description"),
    "scikit-bio/fasta_invalid_missing_header": no_fasta("seq1 desc1"),
    "scikit-bio/fasta_invalid_missing_seq_data_first": bad(
        2, 1, 1, "record 'seq1' at line 1 has no sequence"
    ),
    "scikit-bio/fasta_invalid_missing_seq_data_last": bad(2, 1, 5, "record 'seq3' at line 5 has no sequence"),
    "scikit-bio/fasta_invalid_missing_seq_data_middle": bad(
        2, 1, 3, "record 'seq2' at line 3 has no sequence"
    ),
    "scikit-bio/fasta_invalid_whitespace_line_after_header": Expected(3),
    "scikit-bio/fasta_invalid_whitespace_only_line_within_sequence": Expected(3),
    "scikit-bio/fasta_invalid_whitespace_only_sequence": bad(
        2, 1, 3, "record 'seq2' at line 3 has no sequence"
    ),
    "scikit-bio/fasta_max_width_1": Expected(1),
    "scikit-bio/fasta_max_width_5": Expected(**MULTI, line=9),
    "scikit-bio/fasta_mixed_qual_scores": Expected(2),
    "scikit-bio/fasta_multi_seq": Expected(**MULTI, line=7),
    "scikit-bio/fasta_multi_seq_roundtrip": Expected(3),
    "scikit-bio/fasta_multi_seq_spaces": Expected(**MULTI, line=7),  # 'ACGT - acgt.': blanks are passed over
    "scikit-bio/fasta_prot_seqs_odd_labels": bad(0, 2, 1, NO_ID),  # and the second is a protein
    "scikit-bio/fasta_single_bio_seq_defaults": Expected(1),
    "scikit-bio/fasta_single_bio_seq_non_defaults": Expected(1),
    "scikit-bio/fasta_single_dna_seq_defaults": Expected(1),
    "scikit-bio/fasta_single_dna_seq_non_defaults": Expected(1),
    "scikit-bio/fasta_single_prot_seq_defaults": protein(0, 1, 2, "P"),
    "scikit-bio/fasta_single_prot_seq_non_defaults": protein(0, 1, 2, "P"),
    "scikit-bio/fasta_single_rna_seq_defaults": Expected(1),
    "scikit-bio/fasta_single_rna_seq_non_defaults": Expected(1),
    "scikit-bio/fasta_single_seq": Expected(1),
    "scikit-bio/fasta_tabular_msa_different_type": bad(2, 1, 1, NO_ID),
    "scikit-bio/fasta_ws_lines_between_records": Expected(**MULTI, line=13),
    "scikit-bio/fasta_ws_lines_end_of_file": Expected(**MULTI, line=7),
    "scikit-bio/whitespace_only": Expected(0, 1, FastaError, None, "no records: the file is empty, or blank"),
}

GENBANK = {  # id and length by the VERSION and LOCUS lines
    "biopython/DS830848.gb": bad(
        0, 1, None, "record 'DS830848.1' at record 1 has no sequence"
    ),  # CONTIG only
    "biopython/EU851978.gbk": ("EU851978.1", 1698),
    "biopython/EU851978_output.gbk": ("EU851978.1", 1698),
    "biopython/EZ116220.gb": ("EZ116220.1", 440),
}

# of the five records in each file: the good ones before the first bad one, which ends the file, and what Biopython says
FASTQ = {
    "error_diff_ids": (2, "Sequence and quality captions differ"),  # ..._123 and ..._124
    "error_double_qual": (2, "Lengths of sequence and quality values differs"),
    "error_double_seq": (3, "Lengths of sequence and quality values differs"),
    "error_long_qual": (3, "differs for SLXA-B3_649_FC8437_R1_1_1_362_549 (25 and 26)"),
    "error_no_qual": (0, "Lengths of sequence and quality values differs"),
    "error_qual_del": (3, "Invalid character (\\x7f) or (0x7f) in quality string"),
    "error_qual_escape": (4, "Invalid character (\\x1b) or (0x1b) in quality string"),
    "error_qual_null": (0, "Invalid character (\\x00) or (0x00) in quality string"),
    "error_qual_space": (3, "Invalid character ( ) or (0x20) in quality string"),
    "error_qual_tab": (4, "Invalid character (\\t) or (0x09) in quality string"),
    "error_qual_unit_sep": (2, "Invalid character (\\x1f) or (0x1f) in quality string"),
    "error_qual_vtab": (0, "Invalid character (\\x0b) or (0x0b) in quality string"),
    "error_short_qual": (2, "Lengths of sequence and quality values differs"),
    "error_spaces": (0, "Whitespace is not allowed in the sequence"),
    "error_tabs": (0, "Whitespace is not allowed in the sequence"),
    "error_trunc_at_plus": (4, "End of file without quality information"),
    "error_trunc_at_qual": (4, "Unexpected end of file"),
    "error_trunc_at_seq": (4, "Unexpected end of file"),
    "error_trunc_in_plus": (4, "Sequence and quality captions differ"),
    "error_trunc_in_qual": (4, "differs for SLXA-B3_649_FC8437_R1_1_1_183_714 (25 and 24)"),
    "error_trunc_in_seq": (4, "End of file without quality information"),
    "error_trunc_in_title": (4, "Unexpected end of file"),
}


def agree(items, expected, path):
    """Compare what was read with what was expected; returns the records."""
    errors = [item for item in items if isinstance(item, SgtError)]
    assert (len(items) - len(errors), len(errors)) == (expected.good, expected.bad)
    if errors:
        assert type(errors[0]) is expected.error
        assert (errors[0].file, errors[0].line) == (str(path), expected.line)
        assert expected.says in errors[0].problem
        with pytest.raises(expected.error, match=re.escape(str(errors[0]))):
            list(read_records(path))
    return [item for item in items if isinstance(item, Record)]


def test_the_tables_name_every_file(corpus):
    files = {path.relative_to(corpus).as_posix() for path in corpus.glob("*/*") if path.is_file()}
    assert files == {*FASTA, *GENBANK, *(f"biopython/{name}.fastq" for name in FASTQ)}


@pytest.mark.parametrize("name", FASTA)
def test_fasta(corpus, name):
    expected, path = FASTA[name], corpus / name
    found = agree(list(check_records(path)), expected, path)
    data = path.read_bytes()
    lines = (gzip.decompress(data) if name.endswith(".gz") else data).splitlines()
    headers = sum(line.startswith(b">") for line in lines)
    assert headers == expected.good + expected.bad or "expected '>'" in expected.says or not headers
    assert all(record.sequence and record.id == record.description.split()[0] for record in found)


@pytest.mark.parametrize("name", GENBANK)
def test_genbank_by_content(corpus, name):
    expected, path = GENBANK[name], corpus / name
    if isinstance(expected, Expected):
        agree(list(check_records(path)), expected, path)
    else:
        (record,) = read_records(path)
        assert (record.id, len(record.sequence)) == expected
        written = path.read_text().split("ORIGIN")[1].upper()
        assert record.sequence == "".join(character for character in written if character in "ACGTN")


@pytest.mark.parametrize("name", FASTQ)
def test_fault_2_fastq_without_its_format_is_refused_with_a_hint(corpus, name):
    path = corpus / "biopython" / f"{name}.fastq"
    says = "this looks like FASTQ; give format='fastq', or --format fastq"
    agree(list(check_records(path)), Expected(0, 1, FastaError, 1, says), path)


@pytest.mark.parametrize("name", FASTQ)
def test_fastq(corpus, name):
    path = corpus / "biopython" / f"{name}.fastq"
    good, says = FASTQ[name]
    *found, error = check_records(path, format="fastq")
    reads = path.read_text().split("\n")[1 : 4 * good : 4]
    assert [record.sequence for record in found] == reads
    assert type(error) is FastaError
    assert f"record {good + 1} cannot be read as 'fastq': " in str(error)
    assert says in str(error)
    assert str(error).isprintable()
