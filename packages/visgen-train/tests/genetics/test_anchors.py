"""Anchors of species: medians, centred over those asked for, and two species with one barcode."""

import io

import numpy as np
import pytest
import sgt_dna
from visgen_train.config import AlignConfig
from visgen_train.genetics.anchors import nearest, species_anchors

FASTA = ">a\nACGTTGCAAC\n>b\nACGTAGCAAC\n>c\nACGTACCAAC\n>d\nTTGACCANNT\n>e\nGGGGGGTTTACA\n"
LABELS = {"a": "Aus albus", "b": "Aus albus", "c": "Aus albus", "d": "Bus ruber", "e": "Cus niger"}


def read(text):
    return list(sgt_dna.read_fasta(io.StringIO(text)))


def test_medians_in_the_order_asked_and_centred_over_these_species_alone():
    records, species = read(FASTA), ["Bus ruber", "Aus albus"]
    vectors = sgt_dna.embed(records)
    raw = species_anchors(records, LABELS, species, AlignConfig(anchor_transform="none"))
    expected = np.stack([vectors["d"], np.median([vectors[i] for i in "abc"], axis=0)])
    np.testing.assert_array_equal(raw, expected)
    centred = species_anchors(records, LABELS, species, AlignConfig())
    np.testing.assert_allclose(centred, expected - expected.mean(0), atol=1e-15)


def test_the_symbols_of_the_transform_can_be_chosen():
    records = read(FASTA)
    config = AlignConfig(anchor_transform="none", anchor_k=1, anchor_kappa=2.0, anchor_overlap=False)
    found = species_anchors(records, LABELS, ["Bus ruber", "Cus niger"], config)
    vectors = sgt_dna.embed(records, k=1, kappa=2.0, overlap=False)
    np.testing.assert_array_equal(found, np.stack([vectors["d"], vectors["e"]]))


def test_two_species_with_one_barcode_are_named():
    records = read(">a\nACGTTGCAAC\n>d\nACGTTGCAAC\n")
    with pytest.raises(sgt_dna.LabelError, match="'Aus albus' and 'Bus ruber' have the same anchor"):
        species_anchors(records, LABELS, ["Aus albus", "Bus ruber"], AlignConfig())


def test_the_nearest_relative_is_another_species():
    anchors = np.array([[1.0, 0.0], [3.0, 4.0], [0.0, -2.0]])
    found = nearest(anchors, ["a", "b", "c"])
    assert [name for name, _ in found] == ["b", "a", "a"]
    assert [cosine for _, cosine in found] == pytest.approx([0.6, 0.6, 0.0])
