"""What is wrong with a picture by itself, each fault on a picture made to have it."""

import io

import numpy as np
import pytest
from PIL import Image
from visgen_train.audit.image_faults import image_findings
from visgen_train.audit.pictures import look


def kinds(folder, *files):
    findings = image_findings(look(folder, files))
    return {finding.kind.name: finding for finding in findings}


def drawing(seed=0, size=(60, 50)):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, size[::-1], dtype=np.uint8))


@pytest.fixture
def plain(tmp_path):
    drawing().save(tmp_path / "plain.png")
    return tmp_path


def test_a_plain_picture_has_no_fault(plain):
    assert kinds(plain, "plain.png") == {}


def test_all_that_cannot_be_read_is_told_at_once_and_why(plain):
    content = io.BytesIO()
    drawing(size=(400, 400)).save(content, "JPEG")
    (plain / "half.jpg").write_bytes(content.getvalue()[:3000])
    (plain / "empty.jpg").touch()
    (plain / "text.png").write_text("no picture")
    findings = image_findings(look(plain, ["plain.png", "half.jpg", "empty.jpg", "text.png", "gone.png"]))
    told = {finding.about[0]: finding.message for finding in findings}
    assert {finding.kind.name for finding in findings} == {"unreadable-image"}
    assert told.keys() == {"half.jpg", "empty.jpg", "text.png", "gone.png"}
    assert "cannot be decoded" in told["half.jpg"]
    assert "is empty" in told["empty.jpg"]
    assert "not a picture" in told["text.png"]
    assert "No such file" in told["gone.png"]


def test_a_bomb_is_told_as_unreadable(plain, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert "more pixels" in kinds(plain, "plain.png")["unreadable-image"].message


def test_tiny(plain):
    drawing(size=(31, 20)).save(plain / "tiny.png")
    drawing(size=(32, 20)).save(plain / "small.png")
    assert kinds(plain, "tiny.png")["tiny-image"].message == "tiny.png: 31 x 20 px"
    assert kinds(plain, "small.png") == {}


def test_nothing_to_be_seen(plain):
    faint = np.full((50, 50), 90, np.uint8)
    faint[::2] = 92
    Image.fromarray(faint).save(plain / "faint.png")
    assert "of 255" in kinds(plain, "faint.png")["constant-image"].message


def test_an_ending_that_lies(plain):
    drawing(3).save(plain / "really.png", "JPEG")
    assert kinds(plain, "really.png")["wrong-ending"].message == "really.png: the content is JPEG"


def test_twelve_bits_in_sixteen(plain):
    deep = np.random.default_rng(0).integers(0, 4096, (40, 40), dtype=np.uint16)
    Image.fromarray(deep).save(plain / "deep.png")
    Image.fromarray(deep * 16).save(plain / "full.png")
    assert f"{deep.max()} of 65535" in kinds(plain, "deep.png")["narrow-16-bit"].message
    assert kinds(plain, "full.png") == {}


def test_sizes_and_colours_that_do_not_go_together(plain):
    drawing(1, (240, 200)).save(plain / "large.png")
    Image.merge("RGB", [drawing(seed) for seed in (4, 5, 6)]).save(plain / "colour.png")
    found = kinds(plain, "plain.png", "large.png", "colour.png")
    assert found.keys() == {"mixed-sizes", "mixed-colour"}
    assert "60 x 50" in found["mixed-sizes"].message
    assert "240 x 200" in found["mixed-sizes"].message
    assert found["mixed-colour"].about == ("colour.png",)
    assert kinds(plain, "plain.png", "colour.png").keys() == {"mixed-colour"}
