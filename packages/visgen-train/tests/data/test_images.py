"""All pictures of a run in one array: colour, order, hashes, and bad files named at once."""

import dataclasses
import hashlib

import numpy as np
import pytest
from PIL import Image
from visgen_train.config import DataConfig
from visgen_train.data.images import Policy, decode_all
from visgen_train.errors import DataError
from visgen_train.experiment.examples import read_pictures
from visgen_train.experiment.inputs import Inputs, read_labels


def test_pixels_and_hashes_in_the_order_of_the_files(tmp_path):
    for value in (10, 20, 30):
        Image.new("L", (8, 8), value).save(tmp_path / f"{value}.png")
    files = ["20.png", "30.png", "10.png"]
    store = decode_all(tmp_path, files, Policy(8), tmp_path)
    assert store.pixels.shape == (3, 3, 8, 8)
    assert store.pixels[:, 0, 0, 0].tolist() == [20, 30, 10]
    assert store.sha256[1] == hashlib.sha256((tmp_path / "30.png").read_bytes()).hexdigest()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["10.png", "20.png", "30.png"]
    assert isinstance(store.pixels, np.memmap)


@pytest.mark.parametrize("colour", ["auto", "grey"])
def test_colour_is_kept_or_made_grey(tmp_path, colour):
    Image.new("RGB", (8, 8), (200, 100, 50)).save(tmp_path / "a.png")
    store = decode_all(tmp_path, ["a.png"], Policy(8, colour), tmp_path)
    assert store.pixels[0, :, 0, 0].tolist() == {"auto": [200, 100, 50], "grey": [124, 124, 124]}[colour]


def test_a_run_sees_the_colour_of_its_settings(collection, small):
    grey = dataclasses.replace(small, data=dataclasses.replace(small.data, colour="grey"))
    inputs = Inputs(collection / "images", collection / "sequences.fasta")
    pixels = read_pictures(read_labels(inputs, grey), inputs, grey, collection).content
    assert (pixels[:, :1] == pixels).all()


def test_every_bad_file_is_named_at_once(tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "good.png")
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(DataError) as raised:
        decode_all(tmp_path, ["good.png", "text.png", "empty.jpg", "gone.png"], Policy(8), tmp_path)
    message = str(raised.value)
    assert message.startswith("3 of 4 images cannot be read:")
    assert "text.png: cannot be decoded (not a picture)" in message
    assert "empty.jpg: is empty" in message
    assert "gone.png: No such file or directory" in message
    assert "good.png" not in message


def test_from_then_on_the_files_are_not_needed(tmp_path):
    Image.new("L", (8, 8), 77).save(tmp_path / "a.png")
    Image.new("L", (8, 8), 88).save(tmp_path / "b.png")
    store = decode_all(tmp_path, ["a.png", "b.png"], Policy(8), tmp_path)
    (tmp_path / "a.png").unlink()
    (tmp_path / "b.png").write_bytes(b"changed")
    assert store.pixels[np.array([1, 0]), 0, 0, 0].tolist() == [88, 77]


def test_the_white_of_the_settings_is_used(tmp_path):
    Image.fromarray(np.full((8, 8), 4095, np.uint16)).save(tmp_path / "a.png")
    for white, seen in ((65535, 15), (4095, 255)):
        policy = Policy.of(DataConfig(image_size=16, white=white))
        assert decode_all(tmp_path, ["a.png"], policy, tmp_path).pixels[0].max() == seen
