"""Features as a user brings them: what is taken, what is refused and by which row, and their split."""

import logging
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch
from visgen_train.data.features import FeatureTable, feature_table, split_features
from visgen_train.data.manifest import Item
from visgen_train.errors import DataError

VECTORS = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]
LABELS = ["Aus albus", "Aus albus", "Bus ruber", "Bus ruber"]
IDS = ["a", "b", "c", "d"]


def vectors_with(row, value):
    changed = [list(kept) for kept in VECTORS]
    changed[row] = value
    return changed


def table_of(vectors=VECTORS, labels=LABELS, **rest):
    return feature_table(vectors, labels, **rest)


def test_a_table_holds_what_was_given():
    table = table_of(ids=IDS, groups=["x", "x", " y ", 7], splits=["train", "val", "valid", " test "])
    assert table.items == (
        Item("a", "Aus albus", "x", "train"),
        Item("b", "Aus albus", "x", "validation"),
        Item("c", "Bus ruber", "y", "validation"),
        Item("d", "Bus ruber", "7", "test"),
    )
    assert table.vectors.tolist() == VECTORS
    assert (table.vectors.dtype, table.vectors.flags.c_contiguous) == (np.float32, True)
    assert [item.file for item in table_of().items] == ["1", "2", "3", "4"]
    assert {(item.group, item.split) for item in table_of().items} == {(None, None)}


def test_names_of_one_species_in_several_spellings_become_one():
    labels = ["Aus_albus", " Aus  albus", "Bus re\u0301el", "Bus_r\u00e9el"]
    assert [item.species for item in table_of(labels=labels).items] == ["Aus albus"] * 2 + ["Bus réel"] * 2


@pytest.mark.parametrize(
    "vectors",
    [
        np.array(VECTORS),
        np.array(VECTORS, np.float16),
        np.array(VECTORS, np.longdouble),
        np.array(VECTORS, ">f4"),
        np.array(VECTORS, np.uint8),
        np.array(VECTORS, np.int64),
        np.asfortranarray(VECTORS, np.float32),
        np.array(VECTORS, object),
        pd.DataFrame(VECTORS),
        pd.DataFrame(VECTORS, columns=["x", "y"], dtype="Float64"),
        pd.Series(VECTORS),
        pd.Series([np.array(row, np.float32) for row in VECTORS]),
        torch.tensor(VECTORS),
        [torch.tensor(row) for row in VECTORS],
    ],
    ids=str,
)
def test_any_array_of_numbers_will_do(vectors):
    table = table_of(vectors)
    assert table == table_of()
    assert type(table.vectors) is np.ndarray
    assert table.vectors.dtype == np.float32
    assert table.vectors.flags.c_contiguous
    assert table.vectors.flags.writeable


def test_vectors_are_rounded_to_float32_and_read_only_ones_are_left_alone():
    precise = np.array(VECTORS) + 1e-12
    precise.flags.writeable = False
    assert table_of(precise) == table_of()
    assert precise[0, 0] == 1 + 1e-12


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series, pd.Index, pd.Categorical, iter])
def test_any_column_of_names_will_do(kind):
    plain = table_of(ids=IDS, groups=["1", "1", "2", "2"])
    assert table_of(labels=kind(LABELS), ids=kind(IDS), groups=kind([1, 1, 2, 2])) == plain
    assert (
        table_of(labels=[label.encode() for label in LABELS], ids=IDS, groups=["1", "1", "2", "2"]) == plain
    )


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ([1.0, 2.0, 3.0, 4.0], r"shape \(4,\), expected two dimensions"),
        ([[[1.0]], [[2.0]]], r"shape \(2, 1, 1\), expected two dimensions"),
        (7, r"shape \(\), expected two dimensions"),
        (np.empty((0, 5)), r"no vectors, the shape is \(0, 5\)"),
        (np.empty((4, 0)), r"no vectors, the shape is \(4, 0\)"),
        ([], r"shape \(0,\)"),
        ([["1", "2"]] * 4, "vectors are <U1, not numbers"),
        (np.array(VECTORS).astype("M8[s]"), "vectors are datetime64.s., not numbers"),
        (np.array(VECTORS) + 1j, "vectors are complex.*real and imaginary parts"),
        (
            vectors_with(1, [1.0]),
            r"not one array: row 1 has 2 numbers, but row 2 \('b'\) has 1; 1 rows differ",
        ),
        (pd.Series(vectors_with(2, [1.0, 2.0, 3.0])), r"row 1 has 2 numbers, but row 3 \('c'\) has 3"),
        (vectors_with(3, [1.0, [2.0]]), "not one array: NumPy makes no array"),
        (vectors_with(2, [None, 1.0]), r"1 of 4 vectors hold what is no number \(None\): row 3 \('c'\)"),
        (vectors_with(2, [pd.NA, 1.0]), r"1 of 4 vectors hold what is no number \(<NA>\): row 3 \('c'\)"),
        (vectors_with(2, [2**70, 1]), "keeps the vectors as objects"),
        (
            vectors_with(1, [np.nan, 1.0]),
            r"1 of 4 vectors hold NaN, empty or infinite values: row 2 \('b'\)\.",
        ),
        (
            vectors_with(3, [-np.inf, 1.0]),
            r"1 of 4 vectors hold NaN, empty or infinite values: row 4 \('d'\)\.",
        ),
        (
            np.full((4, 2), np.nan),
            r"4 of 4 vectors hold NaN.*: row 1 \('a'\), row 2 \('b'\), row 3 \('c'\) and 1 more\.",
        ),
        (vectors_with(0, [3.5e38, 1.0]), r"1 of 4 vectors hold values beyond float32.*row 1 \('a'\)"),
        (vectors_with(2, [0.0, -0.0]), r"1 of 4 vectors hold nothing but zeros.*row 3 \('c'\)"),
        (vectors_with(2, [1e-50, 0.0]), r"1 of 4 vectors hold nothing but zeros.*row 3 \('c'\)"),
        ([[0.5, 0.5]] * 4, "all 4 vectors are equal"),
        (np.ma.masked_equal(VECTORS, 4.0), "some vectors are masked"),
        (
            torch.tensor(VECTORS, requires_grad=True),
            r"cannot take the tensor.*detach\(\)\.float\(\)\.cpu\(\)",
        ),
        (torch.tensor(VECTORS).bfloat16(), r"cannot take the tensor.*detach\(\)\.float\(\)\.cpu\(\)"),
        (torch.tensor(VECTORS, device="meta"), r"cannot take the tensor.*detach\(\)\.float\(\)\.cpu\(\)"),
    ],
    ids=str,
)
def test_vectors_that_cannot_be_used(vectors, message):
    with pytest.raises(DataError, match=rf"^mine: .*{message}"):
        table_of(vectors, ids=IDS, source="mine")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"labels": None}, "labels must be a list.* not NoneType"),
        ({"labels": "Aus albus"}, "labels must be a list.* not str"),
        ({"labels": set(LABELS)}, "labels must be a list.* not set"),
        ({"labels": pd.DataFrame({"species": LABELS})}, "labels must be .*not DataFrame of 2 dimensions"),
        ({"labels": LABELS[:3]}, "4 vectors, but 3 labels"),
        ({"groups": ["x"] * 5}, "4 vectors, but 5 groups"),
        ({"splits": ["train"]}, "4 vectors, but 1 splits"),
        ({"ids": IDS[:2]}, "4 vectors, but 2 ids"),
        (
            {"labels": [*LABELS[:3], ""]},
            r"1 of 4 labels are empty or missing: row 4 \('d'\)\. Give each row its",
        ),
        ({"labels": [*LABELS[:3], " _ "]}, "1 of 4 labels are empty or missing"),
        ({"labels": [*LABELS[:3], None]}, "1 of 4 labels are empty or missing"),
        ({"labels": [*LABELS[:3], float("nan")]}, "1 of 4 labels are empty or missing"),
        ({"labels": np.array([*LABELS[:3], float("nan")])}, "1 of 4 labels are empty or missing"),
        ({"labels": [*LABELS[:3], pd.NA]}, "1 of 4 labels are empty or missing"),
        ({"labels": [None] * 4}, r"4 of 4 labels .*: row 1 \('a'\), row 2 \('b'\), row 3 \('c'\) and 1 more"),
        (
            {"labels": [*LABELS[:3], "Bus\0"]},
            r"labels with a NUL or invalid Unicode: row 4 \('d'\), 'Bus\\x00'",
        ),
        (
            {"labels": [*LABELS[:3], b"Bus\xff"]},
            r"labels with a NUL or invalid Unicode: row 4 .*'Bus\\udcff'",
        ),
        ({"labels": ["Aus_albus", "Aus albus"] * 2}, "all 4 rows are of one species, 'Aus albus'"),
        ({"ids": ["a", "b", "a", "b"]}, r"2 ids stand on more than one row, .*'a' \(rows 1 and 3\)"),
        ({"ids": ["a", "b", "", "d"]}, r"1 of 4 ids are empty or missing: row 3\. Give each row an id"),
        (
            {"groups": ["x", " ", "y", "y"]},
            r"1 of 4 groups .*row 2 \('b'\)\. .*its own id where it stands alone",
        ),
        ({"groups": ["x", None, "y", None]}, r"2 of 4 groups .*row 2 \('b'\), row 4 \('d'\)\."),
        (
            {"splits": ["train", None, "test", "test"]},
            r"1 of 4 splits .*row 2 \('b'\)\. .*or leave splits out",
        ),
        (
            {"splits": ["train", "tst", "x", "test"]},
            r"unknown split 'tst' \(row 2 \('b'\), row 3.*perhaps test",
        ),
        ({"splits": ["Train", "test", "test", "test"]}, "unknown split 'Train' .* perhaps train"),
    ],
)
def test_labels_and_other_columns_that_cannot_be_used(given, message):
    with pytest.raises(DataError, match=rf"^mine: .*{message}"):
        table_of(**{"ids": IDS, "source": "mine", **given})


def test_rows_without_ids_are_named_by_their_number_alone():
    with pytest.raises(DataError, match=r"^features: 1 of 4 vectors hold NaN.*: row 2\."):
        table_of(vectors_with(1, [np.nan, 1.0]))


def test_columns_of_pandas_in_another_order_are_refused():
    features = pd.DataFrame(VECTORS, index=IDS)
    labels = pd.Series(LABELS, index=IDS)
    with pytest.raises(DataError, match=r"vectors and labels have one index in two orders.*labels\.loc\["):
        table_of(features, labels.iloc[::-1])
    assert table_of(features, labels) == table_of()
    assert table_of(features, labels.reset_index(drop=True)) == table_of()


def test_every_part_counts_in_the_hash():
    given = {"ids": IDS, "groups": ["x", "x", "y", "y"], "splits": ["train", "test"] * 2}
    tables = [
        table_of(**given),
        table_of(vectors_with(0, [1.0, 2.0000002]), **given),
        table_of(labels=["Aus niger", *LABELS[1:]], **given),
        *(table_of(**{**given, what: None}) for what in given),
        table_of(**{**given, "ids": ["A", "b", "c", "d"]}),
        table_of(**{**given, "groups": ["x", "x", "y", "z"]}),
        table_of(**{**given, "splits": ["train", "test", "train", "train"]}),
    ]
    assert len({table.sha256 for table in tables}) == len(tables)
    assert tables[0] == table_of(**given)
    assert tables[0] != tables[1]
    first = np.array(VECTORS, np.float32)
    assert FeatureTable(tables[0].items, first) != FeatureTable(tables[0].items, first.reshape(2, 4))


def test_equal_vectors_of_two_species_are_warned_of(caplog):
    with caplog.at_level(logging.WARNING):
        table_of(vectors_with(1, VECTORS[0]))
        assert not caplog.records
        table_of([VECTORS[0], [0.0, 2.0], VECTORS[0], [-0.0, 2.0]], ids=IDS, source="mine")
    assert [record.getMessage() for record in caplog.records] == [
        "mine: 2 rows have the vector of a row of another species, the first are 'a' (Aus albus) and 'c' (Bus ruber)"
    ]


def test_groups_and_equal_vectors_stay_on_one_side_of_the_split():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 3))
    vectors[10], vectors[20], vectors[31] = vectors[0], vectors[2], vectors[1]
    groups = [f"g{i // 2}" for i in range(60)]
    table = feature_table(vectors, ["Aus albus"] * 30 + ["Bus ruber"] * 30, groups=groups)
    for seed in range(20):
        sides = split_features(table, 0.3, 0.2, np.random.default_rng(seed))
        assert sides[0::2] == sides[1::2]
        # 0 and 1 are of one group, 10, 20 and 31 have vectors of that group or of the next
        assert sides[0] == sides[10] == sides[31]
        assert sides[2] == sides[20]
        assert set(sides) == {"train", "validation", "test"}
    assert sides == split_features(table, 0.3, 0.2, np.random.default_rng(19))


def test_shares_and_trained_only_species_are_those_of_the_pictures():
    table = feature_table(np.random.default_rng(0).normal(size=(30, 4)), ["Aus"] * 20 + ["Bus"] * 10)
    sides = split_features(table, 0.2, 0.1, np.random.default_rng(0), ["Bus"])
    assert Counter(sides[:20]) == {"train": 14, "validation": 2, "test": 4}
    assert set(sides[20:]) == {"train"}


def test_a_given_split_is_kept_and_equal_vectors_across_it_are_refused():
    splits = ["train", "test", "train", "test"]
    assert split_features(table_of(splits=splits), 0.2, 0.1, np.random.default_rng(0)) == splits
    with pytest.raises(DataError, match="'1' .train. and '2' .test. belong together"):
        split_features(
            table_of(vectors_with(1, VECTORS[0]), splits=splits), 0.2, 0.1, np.random.default_rng(0)
        )
