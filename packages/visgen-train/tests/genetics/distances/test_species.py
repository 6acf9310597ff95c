"""Sequences of several individuals to distances of species."""

from io import StringIO

import numpy as np
import pytest
import sgt_dna
from Bio import Phylo
from visgen_train.errors import ConfigError, DataError
from visgen_train.genetics.distances import METHODS, SpeciesDistances, kmer, spearman, species_distances

COMPLEMENT = str.maketrans("ACGT", "TGCA")


def changed(sequence, share, rng):
    return "".join(rng.choice(list("ACGT")) if rng.random() < share else base for base in sequence)


@pytest.fixture
def barcodes():
    """Aus albus (3), Aus niger (5) and Bus ruber (1) of 600 bases; ids do not stand in order."""
    rng = np.random.default_rng(0)
    root = "".join(rng.choice(list("ACGT"), 600))
    records, labels = [], {}
    for name, number in (("Bus ruber", 1), ("Aus niger", 5), ("Aus albus", 3)):
        own = root[:60] + changed(root[60:], 0.3, rng)
        for row in range(number):
            key = f"{'zyx'[row % 3]}{name[4]}{row}"
            labels[key] = name
            records.append(sgt_dna.Record(key, key, own[:60] + changed(own[60:], 0.03, rng)))
    return records, labels


def with_texts(records, **texts):
    return [record._replace(sequence=texts.get(record.id, record.sequence)) for record in records]


def test_the_median_over_pairs_of_individuals(barcodes):
    records, labels = barcodes
    found = species_distances(records, labels, "kmer")
    pairs = kmer.distances(records)
    rows = {name: [r for r, one in enumerate(records) if labels[one.id] == name] for name in found.species}
    assert found.species == ("Aus albus", "Aus niger", "Bus ruber")
    assert found.n_sequences.tolist() == [3, 5, 1]
    for i, a in enumerate(found.species):
        for j, b in enumerate(found.species):
            expected = 0 if i == j else np.median(pairs[np.ix_(rows[a], rows[b])])
            assert found.matrix[i, j] == pytest.approx(expected, abs=1e-15)
    own = rows["Aus albus"]
    assert found.within[0] == pytest.approx(
        np.median([pairs[own[i], own[j]] for i in range(3) for j in range(i)])
    )
    assert np.isnan(found.within[2])
    assert found.notes == ()
    assert (found.within[:2] < found.matrix[0, 1]).all()


@pytest.mark.parametrize("method", [name for name, entry in METHODS.items() if entry.of != "tree"])
def test_the_order_of_the_records_does_not_matter(barcodes, method):
    records, labels = barcodes
    found, turned = (species_distances(order, labels, method) for order in (records, records[::-1]))
    assert (found.matrix == turned.matrix).all()
    assert (found.matrix == found.matrix.T).all()
    assert (found.matrix[np.triu_indices(3, 1)] > 0).all()


def test_what_would_spoil_an_alignment_is_left_out_and_named(barcodes):
    records, labels = barcodes
    rng = np.random.default_rng(1)
    texts = {record.id: record.sequence for record in records}
    records = with_texts(
        records,
        za0=texts["za0"] + "".join(rng.choice(list("ACGT"), 1300)),
        zn0=texts["zn0"][::-1].translate(COMPLEMENT),
        yn1=texts["yn1"][:150],
        xn2="".join(rng.choice(list("ACGT"), 600)),
    )
    clean = [record for record in records if record.id not in {"za0", "zn0", "yn1", "xn2"}]
    found = species_distances(records, labels, "jukes-cantor")
    assert (found.matrix == species_distances(clean, labels, "jukes-cantor").matrix).all()
    assert found.n_sequences.tolist() == [2, 2, 1]
    assert found.notes == (
        "left out of the alignment (nothing in common with the others): xn2",
        "left out of the alignment (over 3 times the median length): za0",
        "left out of the alignment (the other strand): zn0",
        "left out of the alignment (under a 3rd of the median length): yn1",
    )
    told = species_distances(records, labels, "kmer")
    assert told.n_sequences.tolist() == [3, 5, 1]
    assert "unlike the others, but compared (the other strand): zn0" in told.notes


def test_a_species_left_without_a_sequence_is_an_error(barcodes):
    records, labels = barcodes
    long = with_texts(records, zr0=records[0].sequence * 4)
    with pytest.raises(DataError, match="No sequence to align of Bus ruber.*kmer.*median length\\): zr0"):
        species_distances(long, labels, "k80")
    assert species_distances(long, labels, "kmer").n_sequences.tolist() == [3, 5, 1]
    short = with_texts(records, zr0="ACG")
    with pytest.raises(DataError, match="No two sequences of Aus albus and Bus ruber can be compared"):
        species_distances(short, labels, "kmer")


def test_a_given_alignment_takes_the_place_of_pyfamsa(barcodes):
    """Three substitutions' difference in 600 sites, and a gap that does not count."""
    records, labels = barcodes
    root = "ACGT" * 150
    rows = [record._replace(sequence=root) for record in records[:-1]]
    rows[0] = rows[0]._replace(sequence="CAA---" + root[6:])
    rows.append(sgt_dna.Record("foreign", "", root))
    found = species_distances(records, labels, "jukes-cantor", alignment=rows)
    assert found.matrix[2, 0] == pytest.approx(-0.75 * np.log(1 - 4 / 3 * 3 / 597))
    assert found.n_sequences.tolist() == [2, 5, 1]
    assert found.notes == ("not in the alignment, and left out: xa2",)
    apart = [row._replace(sequence="-" * 590 + root[:10]) if row.id == "zr0" else row for row in rows]
    with pytest.raises(DataError, match="No two sequences of Aus albus and Bus ruber share 20 sites"):
        species_distances(records, labels, "jukes-cantor", alignment=apart)
    with pytest.raises(DataError, match="No sequence to align of Aus albus, Aus niger, Bus ruber"):
        species_distances(records, labels, "k80", alignment=rows[-1:])


def test_some_of_each_species_where_there_are_too_many(barcodes, monkeypatch):
    records, labels = barcodes
    monkeypatch.setattr("visgen_train.genetics.distances.species.MOST", 6)
    found = species_distances(records, labels, "kmer", seed=1)
    assert found.n_sequences.tolist() == [2, 2, 1]
    assert found.notes == ("of 9 sequences 5 were compared, 2 of a species at most",)
    assert (found.matrix == species_distances(records[::-1], labels, "kmer", seed=1).matrix).all()


def newick(text):
    return Phylo.read(StringIO(text), "newick")


def test_tips_are_species_or_ids_of_their_sequences(barcodes):
    records, labels = barcodes
    tree = newick("(('Aus albus':1,'Aus albus':3):1,(zn0:2,yn1:2):1,('Bus ruber':5,'Cus novus':1):1);")
    found = species_distances(records, labels, "patristic", tree=tree)
    assert found.matrix.tolist() == [[0, 6, 9], [6, 0, 9], [9, 9, 0]]
    assert found.n_sequences.tolist() == [2, 2, 1]
    assert found.within[:2].tolist() == [4, 4]
    assert found.notes == ("tips of the tree that are none of these species: Cus novus",)
    with pytest.raises(DataError, match="no tip of Aus albus, Aus niger. Name its tips by species"):
        species_distances(records, labels, "patristic", tree=newick("('Bus ruber':5,'Cus novus':1);"))


def test_methods_and_what_they_take(barcodes):
    records, labels = barcodes
    with pytest.raises(ConfigError, match="no method 'kmers'.*perhaps kmer"):
        species_distances(records, labels, "kmers")
    with pytest.raises(ConfigError, match="patristic needs a tree"):
        species_distances(records, labels, "patristic")
    with pytest.raises(ConfigError, match="kmer does not take a tree"):
        species_distances(records, labels, "kmer", tree=newick("(a:1,b:1);"))
    with pytest.raises(ConfigError, match="kmer does not take an alignment"):
        species_distances(records, labels, "kmer", alignment=records)
    with pytest.raises(DataError, match="no sequences"):
        species_distances([], {}, "kmer")


def test_without_pyfamsa_the_error_says_what_to_install(barcodes, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyfamsa", None)
    with pytest.raises(ConfigError, match="visgen-train\\[phylo\\].*kmer"):
        species_distances(*barcodes, "k80")


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[0, 1], [2, 0]], "that of a to b, 1, is not that of the other way round"),
        ([["-", "x"], ["x", "-"]], "the matrix is none of numbers"),
        ([[0, np.nan], [np.nan, 0]], "that of a to b, nan, is no number"),
        ([[0, np.inf], [np.inf, 0]], "that of a to b, inf, is no number"),
        ([[0, -1], [-1, 0]], "that of a to b, -1, is negative"),
        ([[0, 1], [1, 0.5]], "that of b to b, 0.5, should be 0"),
        ([[0, 1, 2], [1, 0, 2]], "shape \\(2, 3\\), and there are 2 species"),
    ],
)
def test_a_matrix_that_is_none_of_distances(matrix, message):
    with pytest.raises(DataError, match=f"mine distances: .*{message}"):
        SpeciesDistances(("a", "b"), np.array(matrix), "mine")


def test_species_stand_once_and_everything_has_their_number():
    with pytest.raises(DataError, match="species a stands there twice"):
        SpeciesDistances(("a", "a"), np.zeros((2, 2)), "mine")
    with pytest.raises(DataError, match="one entry for each of 2 species"):
        SpeciesDistances(("a", "b"), np.zeros((2, 2)), "mine", np.ones(3))


def test_a_matrix_is_neither_altered_nor_shared():
    matrix = np.array([[0, 1.0], [1.0, 0]])
    found = SpeciesDistances(("a", "b"), matrix, "mine")
    matrix[0, 1] = 7
    assert found.matrix.tolist() == [[0, 1], [1, 0]]
    with pytest.raises(ValueError, match="read-only"):
        found.matrix[0, 1] = 2


def test_spearman_over_the_species_in_common():
    """Distances of a, b, c: 1, 2, 3 (ab, ac, bc) and 1, 3, 2: rank correlation 1 - 6 * 2 / (3 * 8) = 0.5."""
    one = SpeciesDistances(("a", "b", "c"), np.array([[0, 1, 2], [1, 0, 3], [2, 3, 0]]), "one")
    other = SpeciesDistances(
        ("c", "x", "a", "b"), np.array([[0, 9, 3, 2], [9, 0, 9, 9], [3, 9, 0, 1], [2, 9, 1, 0]]), "other"
    )
    flat = SpeciesDistances(("a", "b", "c"), 1.0 - np.eye(3), "flat")
    table = spearman([one, other, flat])
    assert list(table.index) == list(table.columns) == ["one", "other", "flat"]
    assert table.loc["one", "other"] == table.loc["other", "one"] == pytest.approx(0.5)
    assert table["flat"].isna().all()
    with pytest.raises(DataError, match="one, few have 2 species in common"):
        spearman([one, SpeciesDistances(("a", "b"), np.zeros((2, 2)), "few")])


def test_methods_agree_on_real_sequences(shared_data):
    """Words of 7 rank species nearly as an alignment does, SGT less so; LC049318 has 3.3 kb among 1 kb."""
    from visgen_train.data.sequences import read_sequences

    records, labels = read_sequences(shared_data / "foram-18s" / "sequences.fasta")
    places = {
        name: [row for row, record in enumerate(records) if labels[record.id] == name]
        for name in labels.values()
    }
    few = sorted(row for rows in places.values() for row in rows[:5])
    long = [row for row, record in enumerate(records) if record.id == "LC049318"]
    records = [records[row] for row in {*few, *long}]
    found = [
        species_distances(records, labels, method) for method in ("jukes-cantor", "kmer", "sgt-hellinger")
    ]
    table = spearman(found)
    assert table.loc["jukes-cantor", "kmer"] > 0.75
    assert table.loc["jukes-cantor", "kmer"] > table.loc["jukes-cantor", "sgt-hellinger"] + 0.1
    assert any("LC049318" in note for note in found[0].notes)
