"""Parts of a file: every record in one of them, joined they are the whole, and errors name lines of the file."""

import bz2
import gzip
import io
import os
import re
from itertools import pairwise

import numpy as np
import pytest
import sgt_dna
from hypothesis import given, settings
from hypothesis import strategies as st
from sgt_dna import AlphabetError, Embedding, FastaError, Limits, ParameterError
from sgt_dna import _ranges as ranges
from sgt_dna.shards import Shard, embed_shard, join

LINE_ENDS = ("\n", "\r\n", "\r")
SIX = "".join(f">r{i}\nACGTTGCA{'GATTACA' * i}\n" for i in range(6))


@st.composite
def fasta_texts(draw):
    """FASTA with any line ends, blank lines, a byte-order mark, and ``>`` where no record begins."""
    end = draw(st.sampled_from(LINE_ENDS))
    lines = [""] * draw(st.integers(0, 2))
    for number in range(draw(st.integers(1, 8))):
        lines.append(f">r{number}" + draw(st.sampled_from(["", " a > b", " >", " é"])))
        for _ in range(draw(st.integers(1, 3))):
            lines += [draw(st.text("ACGTN", min_size=1, max_size=9)), *[""] * draw(st.integers(0, 1))]
    text = end.join(lines) + end * draw(st.integers(0, 1))
    return (b"\xef\xbb\xbf" if draw(st.booleans()) else b"") + text.encode()


def ids_of(path, part):
    """Ids in a range, by a parser of our own that is not fooled by where the range begins."""
    content = path.read_bytes()[part.start : part.end].removeprefix(b"\xef\xbb\xbf")
    lines = re.split(rb"\r\n|\r|\n", content)
    return [line[1:].split()[0].decode() for line in lines if line.startswith(b">")]


@settings(deadline=None)
@given(content=fasta_texts(), n=st.integers(1, 40))
def test_every_record_is_in_one_part(tmp_path_factory, content, n):
    path = tmp_path_factory.getbasetemp() / "property.fasta"
    path.write_bytes(content)
    first = ranges.first_record(path)
    assert content[first : first + 3] == b">r0"
    parts = ranges.shard_ranges(path, first, n)
    starts = [match.start() for match in re.finditer(rb"(?<=[\r\n])>", content) if match.start() > first]
    cuts = [
        0,
        *(min([s for s in starts if s >= len(content) * i // n], default=len(content)) for i in range(1, n)),
    ]
    assert parts == list(pairwise([*cuts, len(content)]))
    assert parts == [ranges.shard_range(path, first, i, n) for i in range(1, n + 1)]
    expected = [record.id for record in sgt_dna.read_fasta(path)]
    assert [id_ for part in parts for id_ in ids_of(path, part)] == expected


@settings(deadline=None)
@given(content=fasta_texts(), offset=st.integers(0, 100))
def test_lines_are_counted_as_the_reader_counts_them(tmp_path_factory, content, offset):
    path = tmp_path_factory.getbasetemp() / "lines.fasta"
    path.write_bytes(content)
    offset = min(offset, len(content))
    text = io.TextIOWrapper(io.BytesIO(content[:offset]), encoding="latin-1", newline=None).read()
    assert ranges.lines_before(path, offset) == text.count("\n")


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_block_borders_do_not_matter(fasta, monkeypatch, block):
    path = fasta("\r\n\r\n>a > b\r\nAC\r\n>b\rGT\n>c\nAA")
    expected = [ranges.shard_ranges(path, 4, n) for n in range(1, 9)], ranges.lines_before(path, 24)
    monkeypatch.setattr(ranges, "BLOCK", block)
    assert ranges.first_record(path) == 4
    assert ([ranges.shard_ranges(path, 4, n) for n in range(1, 9)], ranges.lines_before(path, 24)) == expected
    assert expected[0][1] == [(0, 16), (16, 27)]  # 27 bytes are cut at 13
    assert expected[1] == 6


@pytest.mark.parametrize("n", [1, 2, 3, 6, 11])
@pytest.mark.parametrize("packed", [bytes, gzip.compress, bz2.compress])
def test_parts_joined_are_the_whole(same, tmp_path, n, packed):
    path = tmp_path / "six.fasta"
    path.write_bytes(packed(SIX.encode()))
    options = {"kappa": 2.5, "k": 3, "overlap": False}
    names = []
    for i in range(n, 0, -1):
        names.append(tmp_path / f"{i}.npz")
        part = embed_shard(path, Shard(i, n), **options)
        assert part.kind == f"sequences (shard {i} of {n})"
        part.save(names[-1])
    assert same(join(names), sgt_dna.embed(path, **options))


def test_another_format_is_cut_by_records(tmp_path):
    path = tmp_path / "reads.fastq"
    path.write_text("".join(f"@r{i}\nACGTAC\n+\n>@I>II\n" for i in range(5)))  # '>' is a quality there
    parts = [embed_shard(path, Shard(i, 3), format="fastq").ids for i in (1, 2, 3)]
    assert parts == [("r0",), ("r1", "r2"), ("r3", "r4")]
    path.write_text(">P1;a\ndescription\nACGT*\n>P1;b\ndescription\nACGT*\n")  # begins as FASTA does
    assert embed_shard(path, Shard(2, 2), format="pir").ids == ("b",)


def test_only_its_own_bytes_are_read(fasta):
    path = fasta(SIX + ">bad\nAC5\n")
    assert embed_shard(path, Shard(1, 2)).ids == ("r0", "r1", "r2", "r3", "r4")
    assert embed_shard(path, Shard(1, 2), limits=Limits(max_bytes=135, max_records=5)).ids[-1] == "r4"


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("bad", "options", "kind", "line", "message"),
    [
        (">bad\nAC5\n", {}, AlphabetError, 14, "record 'bad', line 14, column 3: '5' is no nucleotide code"),
        (">bad\n", {}, FastaError, 13, "record 'bad' at line 13 has no sequence"),
        (">bad\nACN\n", {"ambiguous": "error"}, AlphabetError, 13, "record 'bad', position 3: 'N' is not A"),
    ],
)
def test_errors_name_the_line_of_the_file(tmp_path, packed, bad, options, kind, line, message):
    path = tmp_path / "bad.fasta"
    path.write_bytes(packed((SIX + bad + ">z\nACGT\n").encode()))
    assert embed_shard(path, Shard(1, 2), **options).ids[0] == "r0"
    own_bytes = len(SIX[135:] + bad) + 8 if packed is bytes else 300
    for limits in (Limits(), Limits(max_bytes=own_bytes)):
        with pytest.raises(kind) as caught:
            embed_shard(path, Shard(2, 2), limits=limits, **options)
        error = caught.value
        assert str(error).startswith(f"{path}: {message}")
        assert (error.file, error.record) == (str(path), "bad")
        assert error.line == (14 if "line 14" in message else 13)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file"),
        (b"", "no records"),
        (b" \n\n", "no records"),
        (b"hello\n>a\nACGT\n", "expected '>' at line 1, found 'hello'"),
        (b" >a\nACGT\n>b\nAC\n", "expected '>' at line 1"),
        (gzip.compress(SIX.encode())[:-12], "damaged or cut short"),
        (">a\nAC\n".encode("utf-16"), "the file is UTF-16 or binary"),
    ],
)
def test_what_is_wrong_with_the_file_fails_every_part(tmp_path, content, message):
    path = tmp_path / "bad.fasta"
    if content is not None:
        path.write_bytes(content)
    expected = f"^{re.escape(str(path))}: {message}"
    for i in (1, 2) if b" >a" not in (content or b"") else (1,):
        with pytest.raises(FastaError, match=expected):
            embed_shard(path, Shard(i, 2))


def test_a_file_that_shrinks_is_not_taken_for_whole(fasta):
    path = fasta(SIX)
    with ranges.RangeReader(path, ranges.ByteRange(0, path.stat().st_size)) as stream:
        assert stream.name == str(path)
        os.truncate(path, 20)
        assert stream.read(1000) == SIX[:20].encode()
        with pytest.raises(EOFError, match="became shorter"):
            stream.read(1000)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ParameterError, match="pipe' is no regular file"):
        embed_shard(tmp_path / "pipe", Shard(1, 2))


@pytest.mark.parametrize("text", ["3/16", "3-of-16", "03/016"])
def test_shards_as_people_write_them(text):
    assert Shard.parse(text) == Shard(3, 16)
    assert str(Shard.parse(text)) == "3/16"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0/16", "there is no shard 0/16: shards are 1/16 to 16/16"),
        ("17/16", "there is no shard 17/16"),
        ("1/0", "the number of shards must be a positive integer"),
        *(
            (text, "is no shard; the third of sixteen is 3/16")
            for text in ("", "3", "3/", "a/b", "-1/4", "1/4/", "1:4")
        ),
    ],
)
def test_no_such_shard(run, error_line, five, tmp_path, text, message):
    with pytest.raises(ParameterError, match=message):
        Shard.parse(text)
    assert run("embed", five, "-o", tmp_path / "x.npz", f"--shard={text}") == 2
    assert message in error_line()


def test_standard_input_cannot_be_cut(run, error_line, tmp_path):
    assert run("embed", "-", "-o", tmp_path / "x.npz", "--shard", "1/2") == 2
    assert error_line().startswith("--shard needs a file")


def test_an_empty_shard_is_an_embedding(same, fasta, tmp_path):
    found = embed_shard(fasta(">a\nACGT\n"), Shard(2, 2), k=1)
    assert found.vectors.shape == (0, 16)
    for suffix in (".npz", ".parquet"):
        found.save(tmp_path / f"x{suffix}")
        assert same(Embedding.load(tmp_path / f"x{suffix}"), found)
    with pytest.raises(ParameterError, match="save it as .npz or .parquet"):
        found.save(tmp_path / "x.csv")
    with pytest.raises(ParameterError, match="kappa must be positive"):
        embed_shard(fasta(">a\nACGT\n"), Shard(2, 2), kappa=-1)
    assert np.array_equal(found.ambiguous, [])


@pytest.mark.parametrize("shard", [Shard(1, 2), Shard(2, 2)])  # one is empty
@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_options_are_checked_whatever_the_part_holds(tmp_path, shard, packed):
    path = tmp_path / "one.fasta"
    path.write_bytes(packed(b">a\nACGT\n"))
    for options in ({"out": tmp_path / "x.sgt"}, {"overlpa": False}, {"dtype": "float32"}):
        with pytest.raises(TypeError, match=f"unexpected keyword argument '{next(iter(options))}'"):
            embed_shard(path, shard, **options)
    with pytest.raises(ParameterError, match="threads must be a positive integer"):
        embed_shard(path, shard, threads=0)
    done = []
    found = embed_shard(path, shard, threads=2, progress=done.append)
    assert len(found) == (shard.index == (1 if packed is bytes else 2))
    assert done == [1] * len(found)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("index", [1.5, True, "1", None])
def test_a_shard_has_a_whole_number(index):
    with pytest.raises(ParameterError, match=f"there is no shard {index}/2: shards are 1/2 to 2/2"):
        Shard(index, 2)
