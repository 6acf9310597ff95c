"""Agreement with the vectors that Karaderi et al. (WACV 2024) published."""

import csv
from pathlib import Path

import numpy as np
import pytest
import sgt_dna

FIVE_VECTORS = Path(__file__).parent / "data" / "five_authors_sgt.npz"


@pytest.fixture(scope="module")
def species(forams):
    with (forams / "labels.csv").open(newline="") as handle:
        return {row["id"]: row["species"] for row in csv.DictReader(handle)}


@pytest.mark.parametrize("overlap", [True, False])
def test_five_sequences(five, authors_order, overlap):
    emb = sgt_dna.embed(five, overlap=overlap)
    with np.load(FIVE_VECTORS) as authors:
        assert list(emb.ids) == authors["ids"].tolist()
        expected = authors["overlapping" if overlap else "nonoverlapping"]
    assert emb.vectors.shape == (5, 256)
    np.testing.assert_allclose(emb.vectors[:, authors_order], expected, rtol=1e-12)


@pytest.mark.parametrize("overlap", [True, False])
def test_all_804_sequences(forams, authors_order, overlap):
    emb = sgt_dna.embed(forams / "sequences.fasta", overlap=overlap)
    with np.load(forams / "authors_sgt.npz") as authors:
        assert list(emb.ids) == authors["ids"].tolist()
        expected = authors[f"dinucleotide_{'overlapping' if overlap else 'nonoverlapping'}"]
    np.testing.assert_allclose(emb.vectors[:, authors_order], expected, rtol=1e-12)


def test_mononucleotides_of_all_804_sequences(forams):
    emb = sgt_dna.embed(forams / "sequences.fasta", k=1)
    with np.load(forams / "authors_sgt.npz") as authors:
        np.testing.assert_allclose(emb.vectors, authors["mononucleotide"], rtol=1e-12)


@pytest.mark.parametrize("method", ["median", "mean"])
def test_anchors_of_32_species(forams, species, authors_order, method):
    emb = sgt_dna.embed(forams / "sequences.fasta")
    found = sgt_dna.anchors(emb, species, method=method)
    with np.load(forams / "authors_sgt.npz") as authors:
        class_of = dict(zip(authors["ids"].tolist(), authors["species_class"].tolist(), strict=True))
        expected = authors[f"anchors_{method}"]
    row_of = {name: class_of[id_] - 1 for id_, name in species.items()}
    assert len(found) == 32
    for name, anchor in found:
        np.testing.assert_allclose(anchor[authors_order], expected[row_of[name]], rtol=1e-12)


@pytest.mark.parametrize(("overlap", "expected"), [(True, 0.995), (False, 0.98)])
def test_nearest_neighbour_tells_species_apart(forams, species, overlap, expected):
    """Leave-one-out 1-NN, cosine: what the vectors are for."""
    emb = sgt_dna.embed(forams / "sequences.fasta", overlap=overlap)
    names = np.array([species[id_] for id_ in emb.ids])
    unit = emb.vectors / np.linalg.norm(emb.vectors, axis=1, keepdims=True)
    similarity = unit @ unit.T
    np.fill_diagonal(similarity, -1)
    assert np.mean(names[similarity.argmax(axis=1)] == names) == pytest.approx(expected, abs=0.002)
