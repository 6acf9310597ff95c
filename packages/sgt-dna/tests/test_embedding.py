"""The result: its parts and access to them. Its files are in test_storage.py, its figures in test_views.py."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
import sgt_dna
from sgt_dna import LabelError, ParameterError


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


def test_zero_vectors_are_looked_for_once():
    emb = sgt_dna.embed({"a": "ACGTTGCA", "short": "A"})
    assert emb.zero_ids == ("short",)
    assert emb.zero_ids is emb.zero_ids


@pytest.fixture
def abc(made):
    return made("abcd")


@pytest.mark.parametrize(
    ("key", "ids"),
    [
        (slice(1, 3), "bc"),
        (slice(None, None, -2), "db"),
        ([True, False, False, True], "ad"),
        (np.array([False, True, True, False]), "bc"),
        (["d", "a"], "da"),
        (("b",), "b"),
        (np.array(["c", "a"]), "ca"),
        (pd.Index(["c", "a"]), "ca"),
        ([-1, 0], "da"),
        (np.argsort([3, 1, 2, 0]), "dbca"),
        ([], ""),
        (pd.Series([True, False, True, False], index=[*"dcba"]), "bd"),
    ],
)
def test_rows_can_be_taken_in_any_usual_way(abc, key, ids):
    found = abc[key]
    assert found.ids == tuple(ids)
    rows = [abc.ids.index(id_) for id_ in ids]
    assert np.array_equal(found.vectors, abc.vectors[rows])
    assert found.ambiguous.tolist() == rows
    assert found.descriptions == tuple(ids)
    assert (found.params, found.kind, found.feature_names) == (abc.params, abc.kind, abc.feature_names)


@pytest.mark.parametrize(
    ("key", "error", "message"),
    [
        (0, TypeError, "rows are taken by id, slice, mask or list, not by 0; `vectors` has them by number"),
        ([None, "a"], TypeError, "not by None"),
        ([[True, False]], TypeError, "not by [[True, False]]"),
        (["a", "x"], KeyError, "no id 'x' among 4 sequences"),
        ([True, False], IndexError, "the mask has 2 entries for 4 sequences; give one each"),
        ([4], IndexError, "index 4 is out of bounds"),
        (["a", "a"], ParameterError, "ids must be unique"),
        (
            pd.Series([True] * 4),
            LabelError,
            "the index of the mask lacks 'a', 'b', 'c', 'd'; for one in the order",
        ),
    ],
)
def test_rows_that_are_not_there_are_named(abc, key, error, message):
    with pytest.raises(error, match=re.escape(message)):
        abc[key]


def test_a_part_of_a_shard_is_no_shard(made):
    assert made("ab", kind="sequences (shard 1 of 3)")[:1].kind == "sequences"


def test_equal_vectors_are_found(made):
    vectors = np.array([[1.0, 2], [3, 4], [1, 2], [5, 6]])
    assert made("abcd", 2, vectors=vectors).equal_ids == (("a", "c"),)
    assert made("abc").equal_ids == ()
