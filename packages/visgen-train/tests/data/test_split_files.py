"""split.csv: what is written comes back, what others wrote is read, changed pictures are named."""

import logging
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from visgen_train.data.manifest import SPLITS, Item
from visgen_train.data.split_files import check_content, split_csv, with_split
from visgen_train.data.synonyms import in_force, load, readings
from visgen_train.errors import DataError

ITEMS = [Item("a/1.png", "Aus albus"), Item("a/2.png", "Aus albus"), Item("b/1.png", "Bus ruber")]
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
GROUPS = NAMES.map(str.strip).filter(bool)


def written(folder, *lines):
    (folder / "split.csv").write_text("\n".join(lines) + "\n")
    return folder / "split.csv"


@settings(deadline=None)  # other work on the machine is no fault
@given(
    st.lists(
        st.tuples(NAMES, GROUPS, st.sampled_from(SPLITS)), min_size=1, max_size=8, unique_by=lambda r: r[0]
    ),
    st.booleans(),
)
def test_what_is_written_comes_back(rows, grouped):
    """Names of any letters: commas, quotes, line ends, what a spreadsheet would run."""
    items = [Item(file, "Aus albus", group if grouped else None) for file, group, _ in rows]
    sides = [side for _, _, side in rows]
    digests = [f"{number:064x}" for number in range(len(rows))]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "split.csv")
        file.write_text(split_csv(items, sides, digests), encoding="utf-8")
        bare = [Item(item.file, item.species) for item in items]
        again = with_split(bare, [item.file for item in items], file)
        check_content(again, digests, file)
    assert [item.split for item in again] == sides
    assert [(item.file, item.group) for item in again] == [(item.file, item.group) for item in items]


def test_the_file_is_a_plain_table():
    items = [Item("a/1.png", "Aus albus", "=s"), Item("b/1.png", "Bus ruber", "t")]
    assert split_csv(items, ["train", "test"], ["00", "11"]).splitlines() == [
        '"file","species","group","split","sha256"',
        '"a/1.png","Aus albus","\'=s","train","00"',
        '"b/1.png","Bus ruber","t","test","11"',
    ]
    ungrouped = split_csv(ITEMS[:1], ["train"], ["00"])
    assert ungrouped == '"file","species","split","sha256"\n"a/1.png","Aus albus","train","00"\n'


def test_a_split_of_somebody_else_needs_file_and_split_alone(tmp_path):
    file = written(tmp_path, "split,file", "val,b/1.png", "train,a/1.png", "test,a/2.png")
    items = with_split(ITEMS, {item.file for item in ITEMS}, file)
    assert [item.split for item in items] == ["train", "test", "validation"]
    check_content(items, ["x", "y", "z"], file)


def test_groups_that_are_known_already_stay(tmp_path):
    file = written(tmp_path, "file,group,split", "a/1.png,there,train")
    (item,) = with_split([Item("a/1.png", "Aus albus", "here")], ["a/1.png"], file)
    assert item.group == "here"


def test_images_left_out_may_have_a_row_and_need_none(tmp_path):
    """Of a species without sequences, say."""
    file = written(tmp_path, "file,split", "a/1.png,train", "b/1.png,test")
    assert len(with_split(ITEMS[:1], {item.file for item in ITEMS}, file)) == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["file", "a/1.png"], "no column 'split'"),
        (["file,split", "a/1.png,train", "a/1.png,test"], "row 3 repeats the file 'a/1.png'"),
        (["file,split", "a/1.png,train"], "2 of 3 images have no row, the first is 'a/2.png'. Add rows"),
        (["file,split"], "3 of 3 images have no row"),
        (
            ["file,split", "gone.png,train"],
            "1 of its 1 files are not among the images, the first is 'gone.png'; an image here is 'a/1.png'",
        ),
        (["file,split", *(f"{item.file},dev" for item in ITEMS)], "'a/1.png' has split 'dev'"),
        (["file,group,split", *(f"{item.file},,test" for item in ITEMS)], "'a/1.png' has an empty 'group'"),
    ],
)
def test_bad_split_files(tmp_path, lines, message):
    with pytest.raises(DataError, match=message):
        with_split(ITEMS, {item.file for item in ITEMS}, written(tmp_path, *lines))


def test_changed_pictures_are_named(tmp_path):
    file = written(tmp_path, "file,split,sha256", "a/1.png,train,AB", "a/2.png,test,", "b/1.png,test,cd")
    check_content(ITEMS, ["ab", "anything", "cd"], file)
    with pytest.raises(DataError, match="1 of 3 images are not those it was made of, the first is 'b/1.png'"):
        check_content(ITEMS, ["ab", "anything", "ce"], file)


def test_what_is_not_taken_is_told(tmp_path, caplog):
    lines = [
        "file,species,split",
        "a/1.png,Aus_albus,train",
        "a/2.png,Bus ruber,train",
        "b/1.png,Bus ruber,test",
    ]
    items = [ITEMS[0], *(Item(item.file, item.species, None, "test") for item in ITEMS[1:])]
    with caplog.at_level(logging.WARNING):
        assert [
            item.split for item in with_split(items, {i.file for i in items}, written(tmp_path, *lines))
        ] == [
            "train",
            "train",
            "test",
        ]
    assert "the column split of the images' table is not used" in caplog.text
    assert (
        "1 images are of another species there, the first is a/2.png (Bus ruber, here Aus albus)"
        in caplog.text
    )


@pytest.mark.parametrize("swapped", [False, True])
def test_synonyms_are_no_other_species(tmp_path, caplog, swapped):
    """Whichever of the two has the accepted name; a subspecies that is read as its species is none either."""
    names = ["Vetus albus", "Culex pipiens molestus", "Bus ruber", "Aus albus", "Culex pipiens", "Cus niger"]
    here, there = (names[3:], names[:3]) if swapped else (names[:3], names[3:])
    (tmp_path / "own.csv").write_text("synonym,accepted\nVetus albus,Aus albus\n")
    table = load(tmp_path / "own.csv")
    read_as = in_force(table, readings(["Culex pipiens molestus"], ["Culex pipiens"], table))
    items = [Item(f"{number}.png", name) for number, name in enumerate(here)]
    lines = [f"{number}.png,{name},test" for number, name in enumerate(there)]
    with_split(items, [item.file for item in items], written(tmp_path, "file,species,split", *lines), read_as)
    assert (
        f"1 images are of another species there, the first is 2.png ({there[2]}, here {here[2]})"
        in caplog.text
    )
