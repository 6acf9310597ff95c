"""Paths that stay inside the data folder, links, and pipes among the pictures."""

import os
import sys

import numpy as np
import pytest
from PIL import Image
from visgen_train.audit.pictures import look
from visgen_train.data.images import Policy, decode_all
from visgen_train.data.store import open_store
from visgen_train.errors import DataError
from visgen_train.io.places import is_file, leaves, relative


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a/1.png", "a/1.png"),
        ("./a//b/../1.png", "a/1.png"),
        ("a/..b.png", "a/..b.png"),
        ("..", None),
        ("../1.png", None),
        ("a/../../1.png", None),
        ("/1.png", None),
    ],
)
def test_paths_of_a_table(text, expected):
    assert relative(text) == expected


def test_links_are_followed(tmp_path):
    for name in ("data/a", "data-of-another"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to("data")
    (tmp_path / "data" / "inside").symlink_to("a")
    (tmp_path / "data" / "outside").symlink_to("../data-of-another")
    (tmp_path / "data" / "loop").symlink_to("loop")
    for folder in (tmp_path / "data", tmp_path / "link"):
        for name in ("a", "inside", "loop", "a/not-there.png", "inside/not-there.png", "a/../a"):
            assert not leaves(folder, folder / name)
        for name in ("outside", "outside/not-there.png", "..", "../data-of-another", "/etc"):
            assert leaves(folder, folder / name)


def test_a_name_that_no_file_system_holds_is_no_file(tmp_path):
    (tmp_path / "a.png").touch()
    names = ("a.png", "b.png", "a\0.png", "a" * 300 + ".png", "a/" * 3000, "a.png/b.png", ".")
    assert [is_file(tmp_path / name) for name in names] == [True, *[False] * 6]


@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes in folders")
def test_a_pipe_among_the_pictures_is_refused_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.png")
    message = "x.png: is not a regular file"
    with pytest.raises(DataError, match=message):
        decode_all(tmp_path, ["x.png"], Policy(8), tmp_path)
    assert look(tmp_path, ["x.png"]).seen[0].problem == "is not a regular file"
    (tmp_path / "x.png").unlink()
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "x.png")
    open_store(tmp_path / "store", tmp_path, ["x.png"], Policy(8))
    (tmp_path / "x.png").unlink()
    os.mkfifo(tmp_path / "x.png")
    with pytest.raises(DataError, match=message):
        open_store(tmp_path / "store", tmp_path, ["x.png"], Policy(8))
