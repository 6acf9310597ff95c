"""Images listed in a CSV: columns, paths that leave the folder, and what a bad table is told."""

import logging
import random

import pytest
from PIL import Image
from visgen_train.data import manifest
from visgen_train.data.image_table import read_image_table, read_items, root_of
from visgen_train.data.manifest import Item
from visgen_train.errors import DataError, UsageError


@pytest.fixture
def folder(tmp_path):
    """tmp_path/set with three pictures, and one outside of it."""
    for name in ("set/a/1.png", "set/a/2.png", "set/b/3.png", "elsewhere/4.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (2, 2)).save(tmp_path / name)
    return tmp_path / "set"


def table(folder, *lines):
    (folder / "images.csv").write_text("\n".join(lines) + "\n")
    return folder / "images.csv"


def test_a_table_in_place_of_folders(folder):
    """Columns in any order, rows in any order, other columns besides; names in their one spelling."""
    rows = [
        "Bus_ruber,./b/3.png,s2,x,test",
        "Aus  albus,b/../a/2.png,s1,y,val",
        "Aus_albus,a/1.png,s1,z,train",
    ]
    expected = [
        Item("a/1.png", "Aus albus", "s1", "train"),
        Item("a/2.png", "Aus albus", "s1", "validation"),
        Item("b/3.png", "Bus ruber", "s2", "test"),
    ]
    for seed in range(4):
        random.Random(seed).shuffle(rows)
        file = table(folder, "species,path,group,light,split", *rows)
        assert read_items(file) == expected
    assert root_of(file) == folder == root_of(folder)
    file = table(folder, "species,file,specimen,group,split", *rows)
    assert [item.group for item in read_items(file, group="group")] == ["z", "y", "x"]


def test_columns_are_found_whatever_their_case(folder):
    file = table(folder, "Species, FILE ,Group,Specimen", "Aus albus,a/1.png,x,s1")
    assert read_items(file) == [Item("a/1.png", "Aus albus", "x")]
    assert read_items(file, group="specimen") == [Item("a/1.png", "Aus albus", "s1")]
    with pytest.raises(DataError, match="the column 'file' stands there twice"):
        read_items(table(folder, "File,FILE,species", "a/1.png,a/1.png,a"))


def test_a_table_of_folders_gives_what_the_folders_give(folder):
    lines = [f"{path.relative_to(folder).as_posix()},{path.parent.name}" for path in folder.rglob("*.png")]
    assert read_items(table(folder, "file,species", *lines)) == manifest.scan(folder)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["file,group", "a/1.png,s"], "no column 'species'; the columns are file, group"),
        (["picture,species", "a/1.png,a"], "one column `file` .or `path`.; the columns are picture, species"),
        (["file,path,species", "1.png,a/1.png,a"], "one column `file` .or `path`."),
        (["file,species"], "no rows"),
        (["file,species", "a/1.png,a", ",a"], "row 3 has an empty 'file'"),
        (["file,species", "a/1.png, _"], "row 2 has an empty 'species'"),
        (["file,species", "a/1.png,a", "b/../a/1.png,b"], "rows 2 and 3 list the same file, 'a/1.png'"),
        (["file,species", "a/1.png,a", "a/9.png,a"], r"1 of 2 files are not there, .* 'a/9.png' .row 3."),
        (["file,species", "a,a"], "1 of 1 files are not there, the first is 'a'"),
        (["file,species,group", "a/1.png,a,s", "a/2.png,a,"], "'a/2.png' has an empty 'group'"),
        (["file,species,split", "a/1.png,a,dev"], "'a/1.png' has split 'dev'; it must be one of train"),
    ],
)
def test_bad_tables(folder, lines, message):
    with pytest.raises(DataError, match=message):
        read_image_table(table(folder, *lines))


def test_a_column_for_groups_that_is_not_there(folder):
    with pytest.raises(DataError, match="no column 'specimen'; the columns are file, species"):
        read_items(table(folder, "file,species", "a/1.png,a"), group="specimen")


@pytest.mark.parametrize(
    "path", ["../elsewhere/4.png", "a/../../elsewhere/4.png", "{}/a/1.png", "/etc/passwd"]
)
def test_paths_that_leave_the_folder_are_refused(folder, path):
    file = table(folder, "file,species", "a/1.png,a", f"{path.format(folder)},a")
    with pytest.raises(
        DataError, match="images.csv: row 3 has the path .* which leaves the folder of the CSV"
    ):
        read_image_table(file)


def test_links_that_leave_the_folder_are_refused_and_others_are_not(folder):
    (folder / "a" / "copy.png").symlink_to("1.png")
    (folder / "deep").symlink_to("b")
    (folder.parent / "link").symlink_to(folder)
    lines = ["file,species", "a/copy.png,a", "deep/3.png,b"]
    assert [item.file for item in read_image_table(table(folder, *lines))] == ["a/copy.png", "deep/3.png"]
    assert len(read_image_table(folder.parent / "link" / "images.csv")) == 2
    (folder / "away").symlink_to("../elsewhere")
    (folder / "a" / "away.png").symlink_to("../../elsewhere/4.png")
    for name in ("away/4.png", "a/away.png"):
        with pytest.raises(DataError, match=f"row 4, '{name}', is or lies behind a link that leads out"):
            read_image_table(table(folder, *lines, f"{name},b"))


def test_columns_that_might_be_groups_are_pointed_out(folder, caplog):
    with caplog.at_level(logging.WARNING):
        read_items(table(folder, "file,species,specimen,sha256", "a/1.png,a,s,0"))
    assert "name it by --group; there are: specimen" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        read_items(table(folder, "file,species,specimen", "a/1.png,a,s"), group="specimen")
        read_items(table(folder, "file,species,specimen,group", "a/1.png,a,s,g"))
        read_items(table(folder, "file,species", "a/1.png,a"))
        read_items(table(folder, "file,species,specimen", "a/1.png,a,s"), split_follows=True)
    assert not caplog.records


def test_a_table_beside_a_table_and_a_group_without_one(folder):
    file = table(folder, "file,species", "a/1.png,a")
    with pytest.raises(UsageError, match="is a table itself, so --metadata .* has no place"):
        read_items(file, metadata=file)
    with pytest.raises(UsageError, match="--metadata CSV, or a CSV as IMAGES"):
        read_items(folder, group="specimen")


def test_a_name_that_no_file_system_holds_is_no_folder(tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        read_items(tmp_path / ("a" * 300))
