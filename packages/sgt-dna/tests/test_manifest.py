"""Folders of shards: gone on with where nothing has changed, left alone otherwise."""

import json
import os
import re
from pathlib import Path

import pytest
import sgt_dna
import sgt_dna.dask
from sgt_dna import FastaError, FormatError, ParameterError
from sgt_dna import _jobs as work

TEXT = "".join(f">{id_}\n{'ACGTTGCAAN' * 4}\n" for id_ in "abcde")


def test_shards_that_are_there_are_not_made_again(inline, fasta, tmp_path):
    path, out = fasta(TEXT), tmp_path / "out"
    shards = sgt_dna.dask.embed(path, inline, out, shard_bytes=50)
    inline.called.clear()
    assert sgt_dna.dask.embed(path, inline, out, shard_bytes=50) == shards
    assert inline.called == []
    shards[0].unlink()
    (out / f".{shards[0].name}.0123.tmp").write_bytes(b"half")  # by a worker that was killed
    assert sgt_dna.dask.embed(str(path), inline, str(out), shard_bytes=50) == shards
    assert inline.called == ["write_part"]
    assert sorted(out.iterdir()) == [out / "manifest.json", *shards]


def test_other_options_or_files_are_refused(inline, fasta, tmp_path, monkeypatch):
    path, out = fasta(TEXT), tmp_path / "out"
    sgt_dna.dask.embed(path, inline, out, shard_bytes=50)
    other = tmp_path / "other.fasta"
    other.write_text(TEXT)
    before = sorted(out.iterdir())
    for files, options, message in [
        (
            path,
            {"kappa": 5},
            f"'{out}' was begun with kappa=1.0, not 5.0; go on with the same options, or give a new",
        ),
        (path, {"shard_bytes": 51}, "was begun with shard_bytes=50, not 51"),
        (path, {"format": "fasta"}, "was begun with format=None, not 'fasta'"),
        (other, {}, f"was begun with other files ('{path}'); go on with the same, or give a new folder"),
        ([path, other], {}, "was begun with other files"),
    ]:
        with pytest.raises(ParameterError, match=re.escape(message)):
            sgt_dna.dask.embed(files, inline, out, **{"shard_bytes": 50, **options})
    monkeypatch.chdir(tmp_path)  # the same file by another name for it
    sgt_dna.dask.embed(path.name, inline, out.name, shard_bytes=50)
    os.utime(path, ns=(0, 1))
    with pytest.raises(
        ParameterError, match=f"^'{path}' has changed since '{out}' was begun; give a new folder$"
    ):
        sgt_dna.dask.embed(path, inline, out, shard_bytes=50)
    assert sorted(out.iterdir()) == before


def test_another_version_is_refused(inline, fasta, tmp_path, monkeypatch):
    path, out = fasta(TEXT), tmp_path / "out"
    monkeypatch.setattr(sgt_dna, "__version__", "0.0.9")
    sgt_dna.dask.embed(path, inline, out)
    monkeypatch.setattr(sgt_dna, "__version__", "1.0")
    begun, end = f"'{out}' was begun with", "or give a new folder"
    message = (
        f"{begun} sgt-dna 0.0.9, this is 1.0; go on with that version (pip install sgt-dna==0.0.9), {end}"
    )
    with pytest.raises(ParameterError, match=re.escape(message)):
        sgt_dna.dask.embed(path, inline, out)
    manifest = out / "manifest.json"
    content = json.loads(manifest.read_text())
    del content["options"]["sgt_dna"]
    manifest.write_text(json.dumps(content))
    message = f"{begun} an sgt-dna that did not note its version, this is 1.0; go on with that, {end}"
    with pytest.raises(ParameterError, match=re.escape(message)):
        sgt_dna.dask.embed(path, inline, out)


def test_a_file_that_changes_meanwhile_is_noticed(inline, fasta, tmp_path, monkeypatch):
    def write(part, *rest):
        work.write_part(part, *rest)
        path.write_text(TEXT.replace("N", "A"))

    path = fasta(TEXT)
    monkeypatch.setattr(sgt_dna.dask, "write_part", write)
    with pytest.raises(ParameterError, match="has changed since"):
        sgt_dna.dask.embed(path, inline, tmp_path / "out")


def test_an_interrupt_takes_the_work_back(inline, fasta, tmp_path, monkeypatch):
    def interrupt(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(type(inline.submit(int, pure=False)), "exception", interrupt)
    with pytest.raises(KeyboardInterrupt):
        sgt_dna.dask.embed(fasta(TEXT), inline, tmp_path / "out")
    assert inline.called[1:] == ["write_part", "cancel 1"]


def test_what_is_no_folder_of_shards_is_left_alone(inline, fasta, tmp_path):
    path = fasta(TEXT)
    for out in (tmp_path, path):
        with pytest.raises(
            ParameterError, match=f"'{out}' exists and was not begun by sgt_dna; give a new folder"
        ):
            sgt_dna.dask.embed(path, inline, out)
    assert sorted(tmp_path.iterdir()) == [path]
    (tmp_path / "new").mkdir()
    assert len(sgt_dna.dask.embed(path, inline, tmp_path / "new")) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ('{"schema": 1}', "damaged"),
        ('{"schema": 1, "options": {}, "files": [1]}', "damaged"),
        ('{"schema": 2, "options": {}, "files": [{"name": "a"}]}', "of an unknown version"),
    ],
)
def test_a_bad_manifest_is_refused(inline, fasta, tmp_path, content, message):
    (tmp_path / "out").mkdir()
    manifest = tmp_path / "out" / "manifest.json"
    manifest.write_text(content)
    with pytest.raises(FormatError, match=f"^{manifest}: {message}"):
        sgt_dna.dask.embed(fasta(TEXT), inline, tmp_path / "out")


def test_the_manifest_says_what_was_done(inline, fasta, tmp_path):
    path = fasta(TEXT)
    sgt_dna.dask.embed(path, inline, tmp_path / "out", kappa=5)
    content = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert content["options"]["kappa"] == 5
    assert content["files"] == [
        {"name": str(path), "bytes": len(path.read_bytes()), "modified": path.stat().st_mtime_ns}
    ]


def test_an_asynchronous_client_is_refused(inline, fasta, tmp_path):
    inline.asynchronous = True
    with pytest.raises(ParameterError, match="the client is asynchronous"):
        sgt_dna.dask.embed(fasta(TEXT), inline, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("files", "options", "kind", "message"),
    [
        ([], {}, ParameterError, "there are no files"),
        ("absent.fasta", {}, FastaError, "absent.fasta: cannot be read: No such file"),
        ("here.fasta", {"kappa": 0}, ParameterError, "kappa must be positive"),
        ("here.fasta", {"shard_bytes": 0}, ParameterError, "shard_bytes must be a positive integer"),
        ("here.fasta", {"wrong": 0}, TypeError, "wrong"),
    ],
)
def test_refused_before_anything_is_made(inline, tmp_path, monkeypatch, files, options, kind, message):
    monkeypatch.chdir(tmp_path)
    Path("here.fasta").write_text(TEXT)
    with pytest.raises(kind, match=message):
        sgt_dna.dask.embed(files, inline, "out", **options)
    assert list(tmp_path.iterdir()) == [tmp_path / "here.fasta"]
