"""Folders of images, one a species, and the metadata that tells of them."""

import logging
import os

import pytest
from PIL import Image
from visgen_train.data import manifest
from visgen_train.data.manifest import Item
from visgen_train.data.metadata import with_metadata
from visgen_train.errors import DataError


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (2, 2)).save(path)


def test_scan_finds_images_in_sub_folders_and_reports_the_rest(tmp_path, caplog):
    for name in ("Aus_albus/1.png", "Aus_albus/deep/2.JPG", "Bus ruber/3.tif", "Aus_albus/.hidden.png"):
        touch(tmp_path / name)
    (tmp_path / "Aus_albus" / "notes.txt").write_text("x")
    (tmp_path / "Cus_cus").mkdir()
    with caplog.at_level(logging.WARNING):
        items = manifest.scan(tmp_path)
    assert items == [
        Item("Aus_albus/1.png", "Aus albus"),
        Item("Aus_albus/deep/2.JPG", "Aus albus"),
        Item("Bus ruber/3.tif", "Bus ruber"),
    ]
    assert "1 files passed over (1 .txt)" in caplog.text
    assert "Cus_cus: no images" in caplog.text


def test_scan_says_what_a_folder_should_look_like(tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        manifest.scan(tmp_path / "none")
    with pytest.raises(DataError, match="no sub-folders. Put each species"):
        manifest.scan(tmp_path)
    (tmp_path / "Aus_albus").mkdir()
    with pytest.raises(DataError, match="no images .*in its 1 sub-folders"):
        manifest.scan(tmp_path)
    touch(tmp_path / "Aus_albus" / "1.png")
    touch(tmp_path / "Aus albus" / "1.png")
    with pytest.raises(DataError, match="'Aus albus' and 'Aus_albus' are one species"):
        manifest.scan(tmp_path)


def test_pictures_beside_the_folders_are_told(tmp_path, caplog):
    for name in ("Aus_albus/1.png", "2.png", "3.JPG", ".hidden.png"):
        touch(tmp_path / name)
    (tmp_path / "notes.txt").write_text("x")
    assert [item.file for item in manifest.scan(tmp_path)] == ["Aus_albus/1.png"]
    assert (
        "2 pictures lie beside the folders of species, not in one, and are passed over: 2.png, 3.JPG"
        in caplog.text
    )


def test_sides_of_a_split_are_no_species(tmp_path):
    for name in ("Train/Aus_albus/1.png", "val/Aus_albus/2.png"):
        touch(tmp_path / "set" / name)
    with pytest.raises(
        DataError, match=r".Train, val. are sides of a split.*`set/Train/Genus_species/1.png,"
    ):
        manifest.scan(tmp_path / "set")
    touch(tmp_path / "set" / "Aus_albus" / "3.png")  # some folders are species
    assert len(manifest.scan(tmp_path / "set")) == 3


@pytest.fixture
def pictured(tmp_path):
    for name in ("a/1.png", "a/2.png"):
        touch(tmp_path / "images" / name)
    return tmp_path


def with_table(folder, text, group=None):
    (folder / "meta.csv").write_text(text)
    images = folder / "images"
    return with_metadata(manifest.scan(images), images, folder / "meta.csv", group)


def test_metadata_paths_are_relative_to_the_csv(pictured, caplog):
    text = (
        "file,specimen,split\nimages/a/2.png,s2,test\n./images/a/1.png,s1,train\nimages/a/gone.png,s1,train\n"
    )
    items = with_table(pictured, text, "specimen")
    assert items == [Item("a/1.png", "a", "s1", "train"), Item("a/2.png", "a", "s2", "test")]
    assert "1 rows name files that are not among the images" in caplog.text


@pytest.mark.parametrize(
    ("text", "group", "message"),
    [
        ("file\nimages/a/1.png\n", None, "meta.csv: 'a/2.png' has no row. Add rows"),
        ("picture\nimages/a/1.png\n", None, "one column `file` .or `path`.; the columns are picture"),
        ("file\nimages/a/1.png\nimages/a/2.png\n", "specimen", "no column 'specimen'"),
        (
            "file\nimages/a/1.png\nimages/../images/a/1.png\n",
            None,
            "rows 2 and 3 are of one file, 'images/a/1.png'",
        ),
        (
            "file,specimen\nimages/a/1.png,s\nimages/a/2.png,\n",
            "specimen",
            "'a/2.png' has an empty 'specimen'",
        ),
        (
            "file\nimages/a/1.png\nimages/a/2.png\n../other/1.png\n",
            None,
            "'../other/1.png' leads out of the folders",
        ),
        (
            "file\nimages/a/1.png\nimages/a/2.png\n/etc/passwd\n",
            None,
            "row 4 has the absolute path '/etc/passwd'. Write paths relative",
        ),
        (
            "file,split\nimages/a/1.png,train\nimages/a/2.png,dev\n",
            None,
            "has split 'dev'; it must be one of",
        ),
    ],
)
def test_bad_metadata(pictured, text, group, message):
    with pytest.raises(DataError, match=message):
        with_table(pictured, text, group)


def test_names_that_are_not_utf8_are_refused(tmp_path):
    touch(tmp_path / "a" / "1.png")
    (tmp_path / "a" / "1.png").rename(os.fsdecode(os.fsencode(tmp_path / "a") + b"/Globig\xe9rina.png"))
    with pytest.raises(DataError, match=r"Globig.*rina.png': the name is not valid UTF-8"):
        manifest.scan(tmp_path)


def test_metadata_that_says_nothing_is_noticed(pictured, caplog):
    with_table(pictured, "file,specimen\nimages/a/1.png,s\nimages/a/2.png,s\n")
    assert "--group names none (other columns: specimen): it does nothing" in caplog.text


def test_metadata_may_lie_elsewhere(pictured):
    (pictured / "tables").mkdir()
    (pictured / "tables" / "meta.csv").write_text(
        "file,split\n../images/a/1.png,train\n../images/a/2.png,valid\n"
    )
    images = pictured / "images"
    items = with_metadata(manifest.scan(images), images, pictured / "tables" / "meta.csv")
    assert [item.split for item in items] == ["train", "validation"]


def test_links_that_leave_the_images_are_refused(tmp_path, caplog):
    """The folder of images may be a link, and links in it may stay in it."""
    for name in ("data/a/1.png", "elsewhere/2.png"):
        touch(tmp_path / name)
    data = tmp_path / "data"
    (tmp_path / "images").symlink_to("data")
    (data / "a" / "copy.png").symlink_to("1.png")
    (data / "b").symlink_to("a")
    (data / "b" / "again").symlink_to("../a")
    with caplog.at_level(logging.WARNING):
        items = manifest.scan(tmp_path / "images")
    assert [item.file for item in items] == ["a/1.png", "a/copy.png", "b/1.png", "b/copy.png"]
    assert "1 files passed over (1 link to a folder)" in caplog.text
    for place, target in (
        ("c", "../elsewhere"),
        ("a/c", "../../elsewhere"),
        ("a/2.png", "../../elsewhere/2.png"),
    ):
        (data / place).symlink_to(target)
        with pytest.raises(
            DataError, match=f"images/{place}: a link that leads out of .*images, to {target}"
        ):
            manifest.scan(tmp_path / "images")
        (data / place).unlink()


def test_the_order_is_that_of_species_and_paths(tmp_path):
    names = ["Aus_b/z.png", "Aus_b/deep/a.png", "Aus b-c/1.png", "AusB/1.png"]
    for name in names:
        touch(tmp_path / name)
    assert [item.file for item in manifest.scan(tmp_path)] == [
        "Aus_b/deep/a.png",
        "Aus_b/z.png",
        "Aus b-c/1.png",
        "AusB/1.png",
    ]
