"""Each method against a slow reading of its formula, or another library."""

import itertools
import math
from collections import Counter
from io import StringIO

import numpy as np
import pytest
import sgt_dna
from Bio import Phylo
from scipy.spatial.distance import braycurtis
from visgen_train.errors import DataError
from visgen_train.genetics.distances import jukes_cantor, k80, kmer, patristic, sgt
from visgen_train.genetics.distances.alignment import align, aligned
from visgen_train.genetics.words import letters
from visgen_train.simulate import SequenceParams, covariance, evolve, newick, yule_tree

TRANSITIONS = {frozenset("AG"), frozenset("CT")}


def records(*texts):
    return [sgt_dna.Record(f"r{row}", f"r{row}", text) for row, text in enumerate(texts)]


def rows(count, length, alphabet="ACGTACGTACGTACGT-NR", seed=0):
    """Aligned relatives with gaps and ambiguous letters."""
    rng = np.random.default_rng(seed)
    root = rng.choice(list("ACGT"), length)
    return [
        "".join(np.where(rng.random(length) < 0.3, rng.choice(list(alphabet), length), root))
        for _ in range(count)
    ]


def differences(one, other):
    """Sites, transitions and transversions, letter by letter."""
    both = [(a, b) for a, b in zip(one, other, strict=True) if a in "ACGT" and b in "ACGT"]
    unlike = [frozenset(pair) for pair in both if pair[0] != pair[1]]
    changes = sum(pair in TRANSITIONS for pair in unlike)
    return len(both), changes, len(unlike) - changes


@pytest.mark.parametrize("method", [jukes_cantor, k80])
def test_distances_of_an_alignment_letter_by_letter(method):
    texts = rows(6, 300)
    found = method.distances(np.stack([letters(text) for text in texts]))
    for i, j in itertools.combinations(range(6), 2):
        sites, transitions, transversions = differences(texts[i], texts[j])
        p, q = transitions / sites, transversions / sites
        expected = (
            -0.75 * math.log(1 - 4 / 3 * (p + q))
            if method is jukes_cantor
            else -0.5 * math.log(1 - 2 * p - q) - 0.25 * math.log(1 - 2 * q)
        )
        assert found[i, j] == found[j, i] == pytest.approx(expected, rel=1e-12)
    assert (np.diag(found) == 0).all()


@pytest.mark.parametrize("method", [jukes_cantor, k80])
@pytest.mark.parametrize(("differ", "saturated"), [(50, False), (72, False), (75, True), (100, True)])
def test_saturated_pairs_are_five_substitutions_a_site_apart(method, differ, saturated):
    """Two transversions to each transition, as between unrelated sequences: at 3/4 neither formula is defined."""
    third = -(-differ // 3)
    text = "G" * (differ - 2 * third) + "C" * third + "T" * third + "A" * (100 - differ)
    found = method.distances(np.stack([letters("A" * 100), letters(text)]))[0, 1]
    assert (found == 5.0) == saturated
    assert 0 < found <= 5


def test_a_pair_that_shares_too_few_sites_has_no_distance():
    codes = np.stack([letters("A" * 30 + "-" * 30), letters("-" * 11 + "A" * 49), letters("A" * 60)])
    assert np.isnan(jukes_cantor.distances(codes)).tolist() == [
        [False, True, False],
        [True, False, False],
        [False] * 3,
    ]


def test_kmer_is_the_bray_curtis_dissimilarity_of_counted_words():
    texts = [text.replace("-", "") for text in rows(5, 400, seed=1)]
    texts.append(texts[0][:90] + "ACGTACGA" * 20)  # words that stand there many times
    words = sorted({text[i : i + 7] for text in texts for i in range(len(text) - 6)})
    counts = []
    for text in texts:
        of = Counter(text[i : i + 7] for i in range(len(text) - 6))
        counts.append([of[word] if set(word) <= set("ACGT") else 0 for word in words])
    expected = [[braycurtis(x, y) for y in counts] for x in counts]
    np.testing.assert_allclose(kmer.distances(records(*texts)), expected, atol=1e-12)


def test_kmer_of_a_sequence_without_words_is_undefined():
    found = kmer.distances(records("ACGTACGTT", "ACGTAC", "ACGTACGTA"))
    assert np.isnan(found).tolist() == [[False, True, False], [True, True, True], [False, True, False]]


def test_kmer_in_many_blocks(monkeypatch):
    given = records(*(text.replace("-", "") for text in rows(5, 400, seed=2)))
    once = kmer.distances(given)
    monkeypatch.setattr("visgen_train.genetics.distances.kmer._BLOCK", 7)
    assert (kmer.distances(given) == once).all()


def test_sgt_distances_are_those_of_the_vectors_of_anchors():
    given = records(*rows(4, 200, "ACGT", seed=3))
    vectors = sgt_dna.embed(given).vectors
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    root = np.sqrt(vectors / vectors.sum(1, keepdims=True))
    np.testing.assert_allclose(sgt.cosine(given), 1 - unit @ unit.T, atol=1e-12)
    expected = np.sqrt(np.maximum(0, 1 - root @ root.T))
    np.testing.assert_allclose(sgt.hellinger(given), expected, atol=1e-7)


def test_an_alignment_keeps_every_base_and_brings_homologous_ones_together():
    rng = np.random.default_rng(4)
    tree = yule_tree(8, rng)
    made = evolve(tree, SequenceParams(indels=0.04, individuals=(1, 2)), rng)
    texts = [
        made.sequences[0].lower(),
        made.sequences[1].replace("T", "U"),
        *made.sequences[2:],
        made.sequences[2],
    ]
    codes = align(records(*texts))
    for row, text in zip(codes, texts, strict=True):
        assert (row[row < 4] == letters(text)).all()
    ours = jukes_cantor.distances(codes[:-1])
    true = jukes_cantor.distances(np.where(made.alignment < 0, 4, made.alignment))
    pairs = np.triu_indices(len(true), 1)
    assert np.corrcoef(ours[pairs], true[pairs])[0, 1] > 0.97


def test_rows_of_an_alignment_have_one_length():
    assert aligned(records("AC-", "acg")).tolist() == [[0, 1, 4], [0, 1, 2]]
    with pytest.raises(DataError, match="record r1 has 4 columns and r0 3"):
        aligned(records("AC-", "ACGT"))


def test_patristic_distances_of_a_simulated_tree():
    tree = yule_tree(40, np.random.default_rng(5))
    shared = covariance(tree)
    names, found = patristic.distances(Phylo.read(StringIO(newick(tree)), "newick"))
    order = [names.index(name) for name in tree.names]
    np.testing.assert_allclose(found[np.ix_(order, order)], 2 - 2 * shared, atol=1e-4)


def test_patristic_distances_with_polytomies_inner_names_and_a_root_branch():
    tree = Phylo.read(StringIO("((a:1,b:2,c:0.5)x:0.25,d:4,(e:1):1)root:9;"), "newick")
    names, found = patristic.distances(tree)
    expected = [[tree.distance(one, other) for other in names] for one in names]
    assert sorted(names) == list("abcde")
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_tree_deeper_than_python_recurses():
    count = 3000
    text = "(" * count + "t:1" + "".join(f",t{n}:1):1" for n in range(count)) + ";"
    names, found = patristic.distances(Phylo.read(StringIO(text), "newick"))
    assert found[names.index("t"), names.index(f"t{count - 1}")] == count + 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(a:1,(b:1,c):1);", "above c has no length"),
        ("(a:1,(b:1,c:1));", "above the node of b has no length"),
        ("(a:1,b:-2);", "above b has the length -2.0"),
    ],
)
def test_a_tree_with_lengths_missing_or_negative(text, message):
    with pytest.raises(DataError, match=message):
        patristic.distances(Phylo.read(StringIO(text), "newick"))
