"""The result: its parts and access to them. Its files are in test_storage.py."""

import dataclasses
import re

import numpy as np
import pytest
import sgt_dna
from sgt_dna import ParameterError


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
