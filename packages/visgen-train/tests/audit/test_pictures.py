"""Pictures looked at in parallel: what is kept of each, and Ctrl-C while more are to come."""

import time

import pytest
from PIL import Image
from visgen_train.audit import pictures


def test_ctrl_c_does_not_wait_for_the_pictures_still_to_come(tmp_path, monkeypatch):
    Image.effect_noise((40, 40), 50).save(tmp_path / "a.png")
    begun = []

    def slowly(content, _):
        begun.append(content)
        time.sleep(0.02)
        raise ValueError

    def interrupted(items, *_):
        yield next(iter(items))
        raise KeyboardInterrupt

    monkeypatch.setattr(pictures, "read", slowly)
    with pytest.raises(KeyboardInterrupt):
        pictures.look(tmp_path, ["a.png"] * 2000, interrupted)
    assert len(begun) < 1000


def test_a_picture_is_described_and_made_small(tmp_path):
    half = Image.new("L", (80, 40), 0)
    half.paste(200, (0, 0, 40, 40))
    half.save(tmp_path / "half.png")
    found = pictures.look(tmp_path, ["half.png"])
    (seen,) = found.seen
    assert (seen.format, seen.mode, seen.width, seen.height, seen.problem) == ("PNG", "L", 80, 40, "")
    assert found.thumbs.shape == (1, pictures.THUMB, pictures.THUMB)
    assert (found.thumbs[0, :, : pictures.THUMB // 2 - 2] == 200).all()
    assert (found.thumbs[0, :, pictures.THUMB // 2 + 2 :] == 0).all()
