"""Outputs of the command line: refused before any work, or written whole."""

import os
import sys
from pathlib import Path

import pytest
import sgt_dna


@pytest.mark.parametrize("verb", ["embed", "join", "anchors", "distance"])
def test_existing_output_needs_force(run, error_line, words, verb):
    output = words[verb][-1]
    output.write_bytes(b"old")
    assert run(verb, *words[verb]) == 2
    assert error_line() == f"'{output}' exists; give --force to replace it"
    assert output.read_bytes() == b"old"
    assert run(verb, *words[verb], "--force") == 0
    assert output.read_bytes() != b"old"


def test_what_to_type_next_works_for_names_like_options(run, capsys, five, tmp_path, monkeypatch):
    def follow(*words):
        assert run(*words) == 0
        line = capsys.readouterr().err.splitlines()[-1]
        return line.replace("LABELS.csv", "labels.csv").removeprefix("next: sgt-dna ").split()

    monkeypatch.chdir(tmp_path)
    (tmp_path / "-x.fasta").write_bytes(five.read_bytes())
    ids = [record.id for record in sgt_dna.read_fasta(five)]
    (tmp_path / "labels.csv").write_text("id,species\n" + "".join(f"{id_},{id_}\n" for id_ in ids))
    assert follow("validate", "--", "-x.fasta") == ["embed", "./-x.fasta", "-o", "vectors.npz"]
    after_embed = follow("embed", "./-x.fasta", "--output=-x.npz")
    assert follow("info", "--", "-x.npz") == after_embed
    after_anchors = follow(*after_embed[:-2], "--output=-y.npz")
    assert follow("info", "--", "-y.npz") == after_anchors == ["distance", "./-y.npz", "-o", "distances.csv"]
    assert run(*after_anchors) == 0


@pytest.mark.parametrize("link", [None, os.symlink, os.link])
@pytest.mark.parametrize(
    ("verb", "place"), [("embed", 0), ("join", 0), ("anchors", 0), ("anchors", 2), ("distance", 0)]
)
def test_output_that_is_an_input_is_refused(run, error_line, words, tmp_path, verb, place, link):
    suffix = words[verb][-1].suffix
    source = output = tmp_path / f"source{suffix if link is None else '.any'}"
    source.write_bytes(b"kept")
    if link:
        output = tmp_path / f"link{suffix}"
        link(source, output)
    words[verb][place], words[verb][-1] = source, output
    assert run(verb, *words[verb], "--force") == 2
    assert error_line() == f"'{output}' is input and output; choose another output"
    assert source.read_bytes() == b"kept"


@pytest.mark.parametrize(
    ("verb", "name", "message"),
    [
        ("embed", "out.txt", "the name must end in .npz, .csv, .parquet"),
        ("join", "out.txt", "the name must end in .npz, .csv, .parquet"),
        ("anchors", "out", "the name must end in .npz, .csv, .parquet"),
        ("distance", "out.npz", "the name must end in .csv"),
        ("embed", "absent/out.npz", "there is no folder"),
        ("embed", "vectors.npz/out.npz", "there is no folder"),
        ("distance", "folder.csv", "is a folder; give the name of a file"),
    ],
)
def test_output_that_cannot_be_is_refused_early(run, error_line, words, tmp_path, verb, name, message):
    (tmp_path / "folder.csv").mkdir()
    words[verb][0] = tmp_path / "absent"  # work would begin by reading it
    words[verb][-1] = tmp_path / name
    assert run(verb, *words[verb]) == 2
    assert message in error_line()


def test_folder_that_cannot_be_written_to_is_refused_early(run, error_line, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(0o500)
    if os.access(folder, os.W_OK):  # root may write anywhere but where the kernel has no files
        folder = Path("/proc")
    assert run("embed", tmp_path / "absent", "-o", folder / "out.npz") == 2
    assert f"cannot write '{folder}/out.npz': no file can be made in '{folder}'" in error_line()


@pytest.mark.parametrize("verb", ["embed", "join", "anchors"])
def test_parquet_without_its_library_is_refused_early(run, error_line, words, tmp_path, monkeypatch, verb):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    words[verb][0] = tmp_path / "absent"
    words[verb][-1] = tmp_path / "out.parquet"
    assert run(verb, *words[verb]) == 2
    assert 'need pyarrow: pip install "sgt-dna[parquet]"' in error_line()


@pytest.mark.parametrize("verb", ["embed", "join", "anchors", "distance"])
def test_failed_write_exits_1_and_leaves_nothing(run, error_line, words, tmp_path, monkeypatch, verb):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(os, "fsync", full)
    assert run(verb, *words[verb]) == 1
    assert error_line() == f"{words[verb][-1]}: cannot be written: No space left on device"
    assert sorted(tmp_path.iterdir()) == before
