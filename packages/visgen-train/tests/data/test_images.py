import hashlib

import numpy as np
import pytest
from PIL import Image
from visgen_train.data.images import decode_all
from visgen_train.errors import DataError


def test_pixels_and_hashes_in_the_order_of_the_files(tmp_path):
    for value in (10, 20, 30):
        Image.new("L", (8, 8), value).save(tmp_path / f"{value}.png")
    files = ["20.png", "30.png", "10.png"]
    store = decode_all(tmp_path, files, 8, tmp_path)
    assert store.pixels.shape == (3, 3, 8, 8)
    assert store.pixels[:, 0, 0, 0].tolist() == [20, 30, 10]
    assert store.sha256[1] == hashlib.sha256((tmp_path / "30.png").read_bytes()).hexdigest()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["10.png", "20.png", "30.png"]
    assert isinstance(store.pixels, np.memmap)


def test_every_bad_file_is_named_at_once(tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "good.png")
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(DataError) as raised:
        decode_all(tmp_path, ["good.png", "text.png", "empty.jpg", "gone.png"], 8, tmp_path)
    message = str(raised.value)
    assert message.startswith("3 of 4 images cannot be read:")
    assert "text.png: cannot be decoded (not a picture)" in message
    assert "empty.jpg: is empty" in message
    assert "gone.png: No such file or directory" in message
    assert "good.png" not in message
