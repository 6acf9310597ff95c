"""Vectors that are written as they come: `embed(..., out=)`, and the folder it makes."""

import io
import json
import os
import shutil

import numpy as np
import pytest
import sgt_dna
from sgt_dna import Embedding, FormatError, ParameterError, batches
from sgt_dna.rows import Expected

SEQUENCES = {f"s{n}": "".join(np.random.default_rng(n).choice(list("ACGTN"), 40 + 13 * n)) for n in range(30)}


@pytest.fixture
def out(tmp_path):
    return tmp_path / "vectors.sgt"


def same(a, b):
    return (a.ids, a.descriptions, a.params, a.kind, a.feature_names) == (
        b.ids,
        b.descriptions,
        b.params,
        b.kind,
        b.feature_names,
    ) and (a.ambiguous.tolist(), a.vectors.dtype, a.vectors.tobytes()) == (
        b.ambiguous.tolist(),
        b.vectors.dtype,
        b.vectors.tobytes(),
    )


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("options", [{}, {"k": 1, "kappa": 5}, {"k": 3, "strand": "both"}])
def test_written_vectors_are_those_in_memory(monkeypatch, out, options, threads):
    monkeypatch.setattr(batches, "BATCH", 500)
    done = []
    written = sgt_dna.embed(SEQUENCES, out=out, threads=threads, progress=done.append, **options)
    expected = sgt_dna.embed(SEQUENCES, **options)
    assert same(written, expected)
    assert same(Embedding.load(out), expected)
    assert done == sorted(done)
    assert len(done) > 5
    assert done[-1] == 30
    assert not isinstance(expected.vectors.base, np.memmap)
    assert isinstance(written.vectors.base, np.memmap)
    assert not written.vectors.flags.writeable


def test_float32(out):
    written = sgt_dna.embed(SEQUENCES, out=out, dtype="float32")
    expected = sgt_dna.embed(SEQUENCES)
    assert written.vectors.dtype == np.float32
    assert written.vectors.tobytes() == expected.vectors.astype(np.float32).tobytes()
    assert (out / "vectors.npy").stat().st_size == 128 + 30 * 256 * 4
    np.testing.assert_allclose(written.distance(), expected.distance(), atol=1e-5)
    written.save(out.with_suffix(".npz"))
    assert Embedding.load(out.with_suffix(".npz")).vectors.dtype == np.float64


def test_the_files_are_plain_numpy_and_json(out):
    sgt_dna.embed(SEQUENCES, out=out)
    vectors = np.load(out / "vectors.npy")
    assert vectors.tobytes() == sgt_dna.embed(SEQUENCES).vectors.tobytes()
    assert json.loads((out / "ids.json").read_text()) == list(SEQUENCES)
    assert sorted(path.name for path in out.iterdir()) == [
        "ambiguous.npy",
        "descriptions.json",
        "feature_names.json",
        "ids.json",
        "sgt_dna.json",
        "vectors.npy",
    ]


def test_an_embedding_is_saved_as_a_folder(out, emb):
    emb.save(out)
    assert same(Embedding.load(out), emb)
    assert Embedding.load(out).zero_ids == emb.zero_ids


def test_a_folder_is_replaced_and_nothing_else(out, five):
    sgt_dna.embed(SEQUENCES, out=out)
    assert len(sgt_dna.embed(five, out=out)) == 5
    assert len(Embedding.load(out)) == 5
    assert list(out.parent.iterdir()) == [out]
    for name in ("vectors.npz", "vectors"):
        with pytest.raises(ParameterError, match=r"vectors must end in \.sgt"):
            sgt_dna.embed(five, out=out.with_name(name))
    foreign = out.with_name("mine.sgt")
    foreign.mkdir()
    with pytest.raises(ParameterError, match="exists and is no folder of vectors"):
        sgt_dna.embed(five, out=foreign)
    assert sorted(out.parent.iterdir()) == [foreign, out]


@pytest.mark.parametrize("dtype", ["float16", "int", None, "no such", object()])
def test_other_types_are_refused(out, dtype):
    with pytest.raises(ParameterError, match="dtype must be 'float64' or 'float32', not"):
        sgt_dna.embed(SEQUENCES, out=out, dtype=dtype)


class Stopped(BaseException):
    """As KeyboardInterrupt is."""


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupt_or_an_error_leaves_what_was_there(monkeypatch, out, threads, old):
    monkeypatch.setattr(batches, "BATCH", 500)
    if old:
        sgt_dna.embed({"a": "ACGT"}, out=out)

    def stop(done):
        assert len(list(out.parent.iterdir())) == 1 + old
        raise Stopped

    with pytest.raises(Stopped):
        sgt_dna.embed(SEQUENCES, out=out, threads=threads, progress=stop)
    with pytest.raises(sgt_dna.AlphabetError, match="record 'bad'"):
        sgt_dna.embed({**SEQUENCES, "bad": "AC5"}, out=out, threads=threads)
    assert list(out.parent.iterdir()) == [out] * old
    assert not old or Embedding.load(out).ids == ("a",)


def test_a_full_disk_leaves_what_was_there(monkeypatch, out):
    sgt_dna.embed({"a": "ACGT"}, out=out)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sgt_dna._folder.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        sgt_dna.embed(SEQUENCES, out=out)
    assert list(out.parent.iterdir()) == [out]
    assert Embedding.load(out).ids == ("a",)


def test_a_folder_that_cannot_be_made_is_named(out):
    path = out / "deeper.sgt"
    with pytest.raises(FileNotFoundError) as caught:
        sgt_dna.embed(SEQUENCES, out=path)
    assert caught.value.filename == str(path)


def cut(folder):
    with (folder / "vectors.npy").open("r+b") as handle:
        handle.truncate(1000)


def with_array(name, array):
    return lambda folder: np.save(folder / name, array)


DAMAGE = {
    "cut": (cut, "vectors.npy claims the shape"),
    "no vectors": (lambda folder: (folder / "vectors.npy").unlink(), "it lacks the file 'vectors.npy'"),
    "a pipe": (
        lambda folder: ((folder / "ids.json").unlink(), os.mkfifo(folder / "ids.json")),
        "it lacks the file 'ids.json'",
    ),
    "no provenance": (
        lambda folder: (folder / "sgt_dna.json").unlink(),
        "not an embedding written by sgt_dna",
    ),
    "other ids": (lambda folder: (folder / "ids.json").write_text("[]"), "0 ids for 30 vectors"),
    "an id twice": (
        lambda folder: (folder / "ids.json").write_text(json.dumps(["a"] * 30)),
        "ids stand more than once",
    ),
    "no JSON": (lambda folder: (folder / "ids.json").write_text("{"), "not a .sgt file, or a damaged one"),
    "objects": (with_array("vectors.npy", np.array([[None]])), "vectors.npy is object"),
    "other features": (with_array("vectors.npy", np.zeros((30, 2))), "256 feature names for 2 features"),
    "other counts": (with_array("ambiguous.npy", np.zeros(3, np.int64)), "3 counts of ambiguous"),
    "one dimension": (with_array("vectors.npy", np.zeros(30)), "vectors.npy is float64 in 1 dimensions"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_folder_is_refused(out, kind):
    sgt_dna.embed(SEQUENCES, out=out)
    damage, message = DAMAGE[kind]
    damage(out)
    with pytest.raises(FormatError) as caught:
        Embedding.load(out)
    assert str(caught.value).startswith(f"{out}: {message}")


def test_no_such_folder(out):
    with pytest.raises(FormatError, match="vectors.sgt: no such file"):
        Embedding.load(out)


def test_command_line(run, five, out, capsys, error_line):
    assert run("embed", five, "-o", out, "--dtype", "float32") == 0
    assert Embedding.load(out).vectors.dtype == np.float32
    assert f"written: {out}\n" in capsys.readouterr().err
    assert run("embed", five, "-o", out) == 2
    assert f"{str(out)!r} exists; give --force to replace it" in error_line()
    assert run("embed", five, "-o", out, "--force") == 0
    assert same(Embedding.load(out), sgt_dna.embed(five))
    capsys.readouterr()
    assert run("info", out, "--json") == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["format"] == "sgt"
    assert figures["bytes"] == sum(path.stat().st_size for path in out.iterdir())
    shutil.rmtree(out)
    assert run("embed", five, "-o", out.with_suffix(".npz"), "--dtype", "float32") == 2
    assert "--dtype float32 is for a folder, whose name ends in .sgt" in error_line()


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(
    "expected", [None, *(Expected(**{of: n}) for of in ("bases", "sequences") for n in (10, 10**7))]
)
def test_rows_grow_as_needed(monkeypatch, size, expected):
    monkeypatch.setattr(batches, "BATCH", size)
    monkeypatch.setattr(sgt_dna.transform, "_expected", lambda source: expected)
    text = "".join(f">{id_}\n{sequence}\n" for id_, sequence in SEQUENCES.items())
    for source in (SEQUENCES, io.StringIO(text)):
        found = sgt_dna.embed(source)
        assert len(found.vectors) == 30
        for id_, vector in found:
            assert vector.tobytes() == sgt_dna.embed([SEQUENCES[id_]])["1"].tobytes()
