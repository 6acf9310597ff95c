"""Folders of vectors: read while they are replaced, and what may be replaced."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import sgt_dna
from sgt_dna import Embedding, FormatError, ParameterError, _atomic, _folder

OLD, NEW = {"a": "ACGTTGCA", "b": "TTGACCAN"}, {"c": "TTGACCAN", "d": "ACGTTGCA"}


@pytest.fixture
def out(tmp_path):
    sgt_dna.embed(OLD, out=tmp_path / "vectors.sgt")
    return tmp_path / "vectors.sgt"


def during(monkeypatch, name, act, times=1):
    """Let something happen whenever a file of the folder is opened as an array, up to so many times."""
    mapped, left = _folder._mapped, [None] * times

    def acting(path, *more):
        if path.name == name and left:
            left.pop()
            act()
        return mapped(path, *more)

    monkeypatch.setattr(_folder, "_mapped", acting)


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("place", ["vectors.npy", "ambiguous.npy"])
def test_versions_are_not_mixed(monkeypatch, out, place, n):
    new = {
        f"{id_}{i}": sequence for i in range(n) for id_, sequence in NEW.items()
    }  # of the same size, or not
    during(monkeypatch, place, lambda: sgt_dna.embed(new, out=out))
    found = Embedding.load(out)
    assert found.ids == tuple(new)
    assert found.vectors.tobytes() == sgt_dna.embed(new).vectors.tobytes()


def test_a_folder_that_is_always_replaced(monkeypatch, out):
    new = sgt_dna.embed(NEW)
    during(monkeypatch, "vectors.npy", lambda: new.save(out), times=99)
    with pytest.raises(FormatError, match=r"vectors\.sgt: replaced again and again while it was read"):
        Embedding.load(out)


def test_a_folder_that_is_removed_meanwhile(monkeypatch, out):
    during(monkeypatch, "vectors.npy", lambda: shutil.rmtree(out))
    with pytest.raises(FormatError, match=r"vectors\.sgt: no such file"):
        Embedding.load(out)


def test_where_folders_cannot_be_opened(monkeypatch, out):
    def refuse(path, *more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(_folder.os, "open", refuse)
    assert Embedding.load(out).ids == ("a", "b")


def test_what_is_not_ours_is_never_replaced(out, run, error_line, five):
    notes = out / "notes.txt"
    notes.write_text("mine")
    message = f"{str(out)!r} would be replaced, and holds 'notes.txt' beside vectors; move that away, or"
    with pytest.raises(ParameterError, match=re.escape(message)):
        sgt_dna.embed(NEW, out=out)
    with pytest.raises(ParameterError, match=re.escape(message)):
        Embedding.load(out).save(out)
    for verb in (["embed", five, "--shard", "1/2"], ["join", out.with_name("absent.npz")]):
        assert run(*verb, "-o", out, "--force") == 2
        assert message in error_line()
    assert notes.read_text() == "mine"


def test_a_file_that_came_while_vectors_were_made(out):
    with pytest.raises(ParameterError, match="holds 'notes.txt' beside vectors"):
        sgt_dna.embed(NEW, out=out, progress=lambda done: (out / "notes.txt").write_text("mine"))
    assert Embedding.load(out).ids == ("a", "b")
    assert sorted(path.name for path in out.parent.iterdir()) == ["vectors.sgt"]


def test_a_folder_that_came_while_vectors_were_made(out):
    foreign = out.with_name("foreign.sgt")
    with pytest.raises(ParameterError, match="exists and is no folder of vectors"):
        sgt_dna.embed(NEW, out=foreign, progress=lambda done: foreign.mkdir())
    assert list(foreign.iterdir()) == []


@pytest.mark.parametrize("one_step", [True, False])
def test_two_writers_of_one_name(monkeypatch, tmp_path, one_step):
    path = tmp_path / "vectors.sgt"
    if not one_step:
        monkeypatch.setattr(_atomic, "exchange", lambda one, other: False)
    place = _folder.place_folder

    def late(new, target):  # another writer, after all checks
        monkeypatch.setattr(_folder, "place_folder", place)
        sgt_dna.embed(OLD, out=path)
        place(new, target)

    monkeypatch.setattr(_folder, "place_folder", late)
    assert sgt_dna.embed(NEW, out=path).ids == ("c", "d")
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_that_cannot_be_given_says_why(monkeypatch, tmp_path):
    def refuse(self, target):
        raise OSError(5, "Input/output error", str(self))

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="Input/output error") as caught:
        sgt_dna.embed(OLD, out=tmp_path / "vectors.sgt")
    assert caught.value.filename == str(tmp_path / "vectors.sgt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("link", [False, True])
def test_an_input_in_the_output(run, error_line, five, out, link):
    path, output = out / "five.fasta", out
    path.write_bytes(five.read_bytes())
    if link:
        output = out.with_name("link.sgt")
        output.symlink_to(out)
    assert run("embed", path, "-o", output, "--force") == 2
    assert error_line() == f"the input {str(path)!r} is in the output {str(output)!r}; choose another output"
    assert path.exists()


@pytest.mark.parametrize(
    ("sequence", "options"),
    [
        ("AC" + "N" * 200 + "GT", {}),  # one pair: exp(-202)
        ("A" * 400, {"kappa": 0.04, "length_sensitive": True}),  # some 1e42
    ],
)
def test_what_float32_cannot_hold(run, error_line, fasta, out, sequence, options):
    vector = sgt_dna.embed([sequence], **options)["1"]
    assert 1e-200 < vector.max() < 1e-45 or 4e38 < vector.max() < 1e200
    before = [path.name for path in out.parent.iterdir()]
    sequences = {"fine": "ACGTTGCA", "zero": "A", "beyond": sequence}
    message = "record 'beyond': its vector is beyond float32, which reaches from 1e-45 to 3e38; take float64"
    with pytest.raises(ParameterError, match=re.escape(message)) as caught:
        sgt_dna.embed(sequences, out=out, dtype="float32", **options)
    assert caught.value.record == "beyond"
    assert [path.name for path in out.parent.iterdir()] == before
    assert Embedding.load(out).ids == ("a", "b")
    path = fasta("".join(f">{id_}\n{text}\n" for id_, text in sequences.items()))
    words = ["--dtype", "float32", "--shard", "1/1", "--kappa", options.get("kappa", 1)]
    assert (
        run("embed", path, "-o", out.with_name("x.sgt"), *words, *["--length-sensitive"] * bool(options)) == 2
    )
    assert message in error_line()
    assert np.isfinite(sgt_dna.embed(sequences, out=out, **options).vectors).all()


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_types_are_for_folders(dtype):
    for embed in (sgt_dna.embed, lambda source, **options: sgt_dna.embed_windows(source[0], 4, **options)):
        with pytest.raises(ParameterError, match="dtype"):
            embed(["ACGTTGCA"], dtype=dtype)
        assert embed(["ACGTTGCA"], dtype="float64").vectors.dtype == np.float64
