"""Words of sequences: against plain slicing and a full sort."""

import numpy as np
from visgen_train.genetics.words import (
    Likeness,
    bases,
    families,
    nearest,
    reverse_complement,
    strands,
    word_numbers,
)

RNG = np.random.default_rng(0)
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def random_sequence(length=300, seed=None):
    rng = RNG if seed is None else np.random.default_rng(seed)
    return "".join(rng.choice(list("ACGT"), length))


def changed(sequence, share, seed):
    rng = np.random.default_rng(seed)
    return "".join(rng.choice(list("ACGT")) if rng.random() < share else base for base in sequence)


def test_words_are_those_of_plain_slicing():
    text = random_sequence(200, 1) + "N" + random_sequence(50, 2)
    for length in (1, 7, 16):
        slices = {text[i : i + length] for i in range(len(text) - length + 1)}
        expected = {
            sum("ACGT".index(base) * 4 ** (length - 1 - i) for i, base in enumerate(word))
            for word in slices
            if "N" not in word
        }
        assert set(word_numbers(bases(text), length).tolist()) == expected
    assert len(word_numbers(bases("ACG"), 7)) == 0


def test_the_other_strand_backwards():
    text = random_sequence(40)
    assert (reverse_complement(bases(text)) == bases(text[::-1].translate(COMPLEMENT))).all()
    assert reverse_complement(bases("AN")).tolist() == [4, 3]


def test_likeness_is_the_share_of_the_smaller_set_of_words():
    texts = [
        random_sequence(300, 5),
        changed(random_sequence(300, 5), 0.05, 6)[:150],
        random_sequence(200, 7),
    ]
    words = [{text[i : i + 7] for i in range(len(text) - 6)} for text in texts]
    expected = [[len(a & b) / min(len(a), len(b)) for b in words] for a in words]
    np.testing.assert_allclose(
        Likeness([bases(text) for text in texts]).rows(slice(0, 3)), expected, rtol=1e-6
    )


def test_reversed_sequences_are_told_from_the_others():
    root = random_sequence(400, 8)
    texts = [changed(root, 0.03, seed) for seed in range(9)]
    for row in (2, 5, 6):
        texts[row] = texts[row][::-1].translate(COMPLEMENT)
    assert np.flatnonzero(strands([bases(text) for text in texts])).tolist() == [2, 5, 6]
    assert strands([bases("AC")]).tolist() == [False]


def test_families_share_long_words():
    one, other = random_sequence(300, 9), random_sequence(300, 10)
    texts = [one[:200], other, one[150:], changed(other, 0.02, 1), random_sequence(300, 11)]
    family = families([bases(text) for text in texts])
    assert family[0] == family[2]
    assert family[1] == family[3]
    assert len(set(family.tolist())) == 3


def test_the_nearest_are_those_of_a_full_sort_also_across_blocks(monkeypatch):
    monkeypatch.setattr("visgen_train.genetics.words._BLOCK", 4)
    root = random_sequence(300, 12)
    codes = [bases(changed(root, 0.04 * (1 + seed % 3), seed)) for seed in range(11)]
    species = np.array(list("aabbccddeef"))
    rows, values, own = nearest(codes, species, 3)
    full = Likeness(codes).rows(slice(None))
    np.fill_diagonal(full, -1)
    for row in range(11):
        assert rows[row].tolist() == np.argsort(-full[row], kind="stable")[:3].tolist()
        assert values[row].tolist() == np.sort(full[row])[::-1][:3].tolist()
        assert own[row] == full[row][species == species[row]].max()
    assert own[10] == -1
