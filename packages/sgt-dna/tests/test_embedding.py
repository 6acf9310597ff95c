"""The result: access, and storage that is whole or refused."""

import dataclasses
import re

import numpy as np
import pytest
import sgt_dna
from sgt_dna import Embedding, FormatError, ParameterError, SGTParams


@pytest.fixture
def emb(five):
    return sgt_dna.embed(five, kappa=2.5, overlap=False, ambiguous="drop")


def test_shape_and_access(emb, five):
    assert len(emb) == 5
    assert emb.vectors.shape == (5, 256)
    assert emb.vectors.dtype == np.float64
    assert emb.vectors.flags.c_contiguous
    assert np.shares_memory(np.asarray(emb), emb.vectors)
    assert not np.shares_memory(np.array(emb, copy=True), emb.vectors)
    assert np.asarray(emb, np.float32).dtype == np.float32
    first = emb.ids[0]
    assert first in emb
    assert "absent" not in emb
    assert np.all(emb[first] == emb.vectors[0])
    assert [id_ for id_, _ in emb] == list(emb.ids)
    assert np.all(dict(emb)[first] == emb.vectors[0])
    assert emb.descriptions == tuple(record.description for record in sgt_dna.read_fasta(five))


def test_repr(emb, five):
    assert repr(emb) == "Embedding: 5 sequences x 256 features (dinucleotides, non-overlapping, kappa=2.5)"
    plain = sgt_dna.embed(five)
    assert repr(plain) == "Embedding: 5 sequences x 256 features (dinucleotides, overlapping, kappa=1)"


def test_unknown_id_is_named(emb):
    with pytest.raises(KeyError, match="no id 'absent' among 5 sequences"):
        emb["absent"]


def test_it_is_frozen(emb):
    with pytest.raises(dataclasses.FrozenInstanceError):
        emb.ids = ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ids": ("a",)}, "vectors have shape (5, 256), expected (1, 256)"),
        ({"feature_names": ("x",)}, "vectors have shape (5, 256), expected (5, 1)"),
        ({"ids": ("a",) * 5}, "ids must be unique"),
        ({"descriptions": ()}, "descriptions and ambiguous must have one entry for each of 5 ids"),
        ({"ambiguous": np.zeros(4)}, "descriptions and ambiguous must have one entry for each of 5 ids"),
    ],
)
def test_parts_that_do_not_fit_are_refused(emb, change, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        dataclasses.replace(emb, **change)


def test_no_copy_is_refused_where_one_is_needed(emb):
    with pytest.raises(ValueError, match="as float32 they need a copy"):
        emb.__array__(np.float32, copy=False)


def test_saved_and_loaded_is_the_same(emb, tmp_path):
    path = tmp_path / "vectors.npz"
    emb.save(path)
    back = Embedding.load(path)
    assert back.vectors.tobytes() == emb.vectors.tobytes()
    assert back.ambiguous.tolist() == emb.ambiguous.tolist()
    for name in ("ids", "feature_names", "params", "descriptions", "kind"):
        assert getattr(back, name) == getattr(emb, name)
    assert back.params == SGTParams(overlap=False, kappa=2.5, ambiguous="drop")
    assert [entry.name for entry in tmp_path.iterdir()] == ["vectors.npz"]


def test_odd_names_survive_storage(tmp_path):
    emb = sgt_dna.embed({"=1+1": "ACGT", "Gl\u00f3bigerina \U0001f41a": "ACGA"})
    emb.save(tmp_path / "odd.npz")
    assert Embedding.load(tmp_path / "odd.npz").ids == emb.ids


def test_a_failed_write_leaves_the_old_file(emb, tmp_path, monkeypatch):
    path = tmp_path / "vectors.npz"
    path.write_bytes(b"old")

    def full(handle, **arrays):
        handle.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        emb.save(path)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["vectors.npz"]


def test_only_npz_is_written(emb, tmp_path):
    with pytest.raises(ParameterError, match=re.escape("the name must end in .npz")):
        emb.save(tmp_path / "vectors.csv")


def stored(emb, tmp_path, **change):
    """File of that embedding with some arrays changed, or left out (None)."""
    emb.save(tmp_path / "good.npz")
    with np.load(tmp_path / "good.npz") as arrays:
        parts = {**arrays, **change}
    np.savez(tmp_path / "bad.npz", **{name: part for name, part in parts.items() if part is not None})
    return tmp_path / "bad.npz"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": np.array(99)}, "format version 99 is unknown, expected 1; update sgt-dna"),
        ({"version": None}, "not an embedding written by sgt_dna: version"),
        ({"ids": None}, "not an embedding written by sgt_dna: ids"),
        ({"ids": np.array(["a"])}, "do not fit each other: vectors have shape"),
        ({"ids": np.array(["a"] * 5)}, "do not fit each other: ids must be unique"),
        ({"ids": np.array([{}] * 5, dtype=object)}, "Object arrays cannot be loaded"),
        ({"metadata": np.frombuffer(b"{", np.uint8)}, "do not fit each other"),
        ({"metadata": np.frombuffer(b"{}", np.uint8)}, "do not fit each other: 'params'"),
    ],
)
def test_foreign_files_are_refused(emb, tmp_path, change, message):
    path = stored(emb, tmp_path, **change)
    with pytest.raises(FormatError, match=re.escape(f"{path}: ")) as caught:
        Embedding.load(path)
    assert message in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"hello"])
def test_what_is_no_npz_is_refused(tmp_path, content):
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(FormatError, match="not an npz file, or a damaged one"):
        Embedding.load(path)


def test_a_single_array_is_refused(tmp_path):
    with (tmp_path / "array.npz").open("wb") as handle:
        np.save(handle, np.zeros(3))
    with pytest.raises(FormatError, match="not an npz file, or a damaged one"):
        Embedding.load(tmp_path / "array.npz")


def test_a_cut_off_file_is_refused(emb, tmp_path):
    path = tmp_path / "cut.npz"
    emb.save(path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(FormatError, match="not an npz file, or a damaged one"):
        Embedding.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FormatError, match=re.escape(f"{tmp_path / 'absent.npz'}: no such file")):
        Embedding.load(tmp_path / "absent.npz")
