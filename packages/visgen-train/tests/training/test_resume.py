"""Faults 24, 25, 28: checkpoints that are damaged, of another run, or a stranger's."""

import os
import pickle
import struct

import pytest
import torch
from visgen_train.errors import UsageError
from visgen_train.training.resume import Checkpoints, Point, completed, differences

MADE_OF = {"train": {"lr": 0.1, "batch": 4}, "data": {"sha256": "ab"}}
FIRST, SECOND = "checkpoints/images.resume-0.safetensors", "checkpoints/images.resume-1.safetensors"


def point(step, epoch=0):
    return Point({"module/a": torch.full((3,), float(step))}, {"epoch": epoch, "step": step, "best": -1.5})


@pytest.fixture
def folder(tmp_path):
    """A run folder with the checkpoints after steps 2 and 3."""
    made = Checkpoints(tmp_path, MADE_OF, 0, resume=False)
    for step in (1, 2, 3):
        made.save("images", point(step))
    return tmp_path


def again(folder, made_of=MADE_OF):
    return Checkpoints(folder, made_of, 0, resume=True)


def flip(path, part):
    """One bit of a file the other way round."""
    content = bytearray(path.read_bytes())
    content[int(part * len(content))] ^= 1
    path.write_bytes(content)


def test_the_last_two_are_kept_and_the_newest_is_taken(folder):
    found = again(folder).newest("images")
    assert found.facts == {"epoch": 0, "step": 3, "best": -1.5}
    assert found.tensors["module/a"].tolist() == [3, 3, 3]
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == [
        "images.resume-0.safetensors",
        "images.resume-1.safetensors",
    ]
    assert again(folder).newest("align") is None
    assert Checkpoints(folder, MADE_OF, 0, resume=False).newest("images") is None


@pytest.mark.parametrize("part", [0.0, 0.3, 0.999])
def test_of_a_damaged_newest_the_one_before_is_taken_and_it_says_so(folder, caplog, part):
    flip(folder / FIRST, part)  # steps 1 and 3 went there
    checkpoints = again(folder)
    assert checkpoints.newest("images").facts["step"] == 2
    assert f"{FIRST} is damaged (" in caplog.text
    assert "going on with stage images from its checkpoint after batch 2 of epoch 1" in caplog.text
    checkpoints.save("images", point(4))  # in the place of the damaged one
    assert again(folder).newest("images").facts["step"] == 4
    flip(folder / FIRST, 0.5)
    flip(folder / SECOND, 0.5)
    assert again(folder).newest("images") is None


def test_the_end_of_an_epoch_is_told_as_such(tmp_path, caplog):
    Checkpoints(tmp_path, MADE_OF, 0, resume=False).save("align", point(0, epoch=2))
    again(tmp_path).newest("align")
    assert "from its checkpoint after epoch 2" in caplog.text


def test_other_settings_or_data_are_refused_with_the_difference(folder):
    other = {"train": {"lr": 0.2, "batch": 4}, "data": {"sha256": "cd"}}
    with pytest.raises(
        UsageError,
        match=r"train\.lr was 0\.1, now 0\.2, data\.sha256 was ab, now cd\)\. .* --force in place of --resume",
    ):
        again(folder, other).newest("images")


def test_differences_go_to_the_leaves():
    assert differences({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 1, "c": 4}, "e": 5}) == [
        "a.c was 2, now 4",
        "d was 3, now None",
        "e was None, now 5",
    ]


def test_a_setting_that_came_later_counts_as_its_default(tmp_path):
    now = {**MADE_OF, "precision": "auto", "train": {**MADE_OF["train"], "sampling": "balanced"}}
    Checkpoints(tmp_path, MADE_OF, 0, resume=False).save("images", point(1))  # before there were both
    assert again(tmp_path, now).newest("images").facts["step"] == 1
    with pytest.raises(UsageError, match=r"\(precision was auto, now bfloat16\)"):
        again(tmp_path, {**now, "precision": "bfloat16"}).check("images")
    gone = {"a": 1, "b": {"c": 2}}  # a setting that there is no more, or was no section, stays a difference
    assert completed(gone, {"b": {"d": 3}}, {"b": {"d": 4}}) == {"a": 1, "b": {"c": 2, "d": 4}}
    assert completed({"b": 1}, {"b": {"d": 3}}, {"b": {"d": 4}}) == {"b": 1}


def test_it_is_time_after_the_interval_and_after_a_tenth_of_it_where_an_epoch_ends(tmp_path, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("visgen_train.training.resume.time.monotonic", lambda: clock[0])
    checkpoints = Checkpoints(tmp_path, MADE_OF, 5, resume=False)
    for seconds, step, end in ((29, False, False), (30, False, True), (299, False, True), (300, True, True)):
        clock[0] = seconds
        assert (checkpoints.due(epoch_ended=False), checkpoints.due(epoch_ended=True)) == (step, end)
    checkpoints.save("images", point(1))
    assert not checkpoints.due(epoch_ended=True)


def test_a_strangers_file_is_left_aside_and_never_executed(folder, caplog):
    """A pickle that would make a folder, and a header that claims more than any machine holds."""

    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(folder / "owned"),)

    (folder / FIRST).write_bytes(pickle.dumps(Evil()))
    torch.save({"a": Evil()}, folder / SECOND)
    assert again(folder).newest("images") is None
    assert not (folder / "owned").exists()
    (folder / FIRST).write_bytes(struct.pack("<Q", 2**60) + b"{}")
    header = b'{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}'
    (folder / SECOND).write_bytes(struct.pack("<Q", len(header)) + header)
    caplog.clear()
    assert again(folder).newest("images") is None
    assert caplog.text.count("is damaged") == 2
