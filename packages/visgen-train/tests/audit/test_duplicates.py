"""Pictures that stand twice in a collection: equal files, and those that look alike."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from visgen_train.audit.duplicates import alike, clusters, duplicate_findings
from visgen_train.audit.pictures import look
from visgen_train.data.manifest import Item

SIZE = (120, 100)


def drawing(seed):
    """Bright discs on black, other ones for each seed."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    pixels = np.zeros(SIZE[::-1])
    for a, b, radius, light in rng.uniform((0, 0, 8, 60), (120, 100, 25, 250), (6, 4)):
        pixels[(x - a) ** 2 + (y - b) ** 2 < radius**2] = light
    return Image.fromarray(pixels.astype(np.uint8))


@pytest.fixture
def three(tmp_path):
    """Three pictures of two species, no two alike, and a copy of the first as it might be saved again."""
    for seed, name in enumerate(("a", "b", "c")):
        drawing(seed).save(tmp_path / f"{name}.png")
    return tmp_path, [Item("a.png", "Aus"), Item("b.png", "Aus"), Item("c.png", "Bus")]


def found(folder, items):
    findings = duplicate_findings(items, look(folder, [item.file for item in items]))
    return [(finding.kind.name, finding.about) for finding in findings]


def test_other_pictures_are_no_duplicates(three):
    assert found(*three) == []


@pytest.mark.parametrize(
    "again",
    [
        lambda picture: picture.resize((60, 50)),
        lambda picture: picture.resize((300, 250)),
        lambda picture: ImageEnhance.Brightness(picture).enhance(0.7),
        lambda picture: ImageEnhance.Contrast(picture).enhance(0.6),
        lambda picture: picture.convert("RGB"),
    ],
)
def test_a_picture_saved_again_is_found(three, again):
    folder, items = three
    again(drawing(0)).save(folder / "again.jpg", quality=50)
    assert found(folder, [*items, Item("again.jpg", "Aus")]) == [("alike", ("a.png", "again.jpg"))]
    assert found(folder, [*items, Item("again.jpg", "Bus")]) == [
        ("alike-two-species", ("a.png", "again.jpg"))
    ]


def test_equal_files_are_told_by_what_they_spoil(three):
    folder, items = three
    (folder / "copy.png").write_bytes((folder / "a.png").read_bytes())
    pair = ("a.png", "copy.png")
    assert found(folder, [*items, Item("copy.png", "Aus")]) == [("same-file", pair)]
    assert found(folder, [*items, Item("copy.png", "Bus")]) == [("same-file-two-species", pair)]
    given = [replace(item, split="train") for item in items]
    assert found(folder, [*given, Item("copy.png", "Aus", split="test")]) == [("same-file-two-sides", pair)]


def test_what_belongs_together_anyway_is_no_finding(three):
    """Pictures of one group, and pictures on one side of a given split, cannot be parted."""
    folder, items = three
    drawing(0).save(folder / "again.jpg")
    together = [replace(item, group=f"specimen {item.file}") for item in items]
    assert found(folder, [*together, Item("again.jpg", "Aus", group="specimen a.png")]) == []
    assert found(folder, [*together, Item("again.jpg", "Aus", group="another")]) != []
    given = [replace(item, split="train") for item in items]
    assert found(folder, [*given, Item("again.jpg", "Aus", split="train")]) == []
    assert found(folder, [*given, Item("again.jpg", "Aus", split="test")]) == [
        ("alike-two-sides", ("a.png", "again.jpg"))
    ]


def test_pairs_are_those_of_numpy_corrcoef_also_across_blocks(monkeypatch):
    monkeypatch.setattr("visgen_train.audit.duplicates._BLOCK", 7)
    rng = np.random.default_rng(0)
    base = rng.integers(0, 255, (25, 8, 8))
    thumbs = np.concatenate([base, base + rng.integers(-30, 30, base.shape)]).clip(0, 255).astype(np.uint8)
    thumbs[3] = 77  # shows nothing
    with np.errstate(invalid="ignore"):
        expected = np.argwhere(np.triu(np.corrcoef(thumbs.reshape(50, -1)) >= 0.95, 1))
    assert len(expected) > 5
    pairs = np.stack(alike(thumbs, 0.95), axis=1)
    assert sorted(pairs.tolist()) == expected.tolist()


def test_clusters_are_linked_indirectly():
    assert clusters(np.array([0, 4, 2]), np.array([4, 5, 7]), 9) == [[0, 4, 5], [2, 7]]
    assert clusters(np.empty(0, int), np.empty(0, int), 3) == []
