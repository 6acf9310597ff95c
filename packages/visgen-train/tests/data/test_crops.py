"""The specimen cut out of the frame of an Endless Forams picture."""

import numpy as np
import pytest
from PIL import Image
from visgen_train.data.crops import TRIM, crop_box
from visgen_train.io.images import read


def pixels_of(content):
    return np.asarray(read(content).rgb)


@pytest.mark.parametrize("quality", [60, 90, 100])
@pytest.mark.parametrize(("width", "height"), [(300, 260), (120, 400), (501, 77), (640, 300), (900, 500)])
def test_the_specimen_is_cut_out_of_its_frame(framed, width, height, quality):
    content, (left, top, right, bottom) = framed(width=width, height=height, seed=width, quality=quality)
    found = crop_box(pixels_of(content))
    expected = (left + TRIM, top + TRIM, right - TRIM, bottom - TRIM)
    assert np.abs(np.subtract(found, expected)).max() <= 8  # what a block of JPEG can smear


def test_without_losses_the_box_is_exact(framed):
    content, (left, top, right, bottom) = framed()
    pixels = pixels_of(content).copy()
    pixels[:bottom, :left] = pixels[:bottom, right:] = 0
    pixels[bottom:] = np.where(pixels[bottom:] < 128, 0, 255)
    pixels[:bottom, left:right] = np.maximum(pixels[:bottom, left:right], 1)
    assert crop_box(pixels) == (left + TRIM, top + TRIM, right - TRIM, bottom - TRIM)


def test_an_object_counts_with_its_holes():
    """A ring that encloses more than a disc of more pixels; both on white."""
    y, x = np.mgrid[:200, :300]
    ring = np.abs(np.hypot(x - 90, y - 100) - 70) < 2
    disc = np.hypot(x - 240, y - 100) < 40
    assert disc.sum() > ring.sum()
    pixels = np.where((ring | disc)[..., None], 50, 255).astype(np.uint8).repeat(3, axis=2)
    left, _, right, _ = crop_box(pixels)
    assert right < 200
    assert left < 40


def test_outer_columns_that_are_nearly_white_go():
    pixels = np.full((100, 200, 3), 255, np.uint8)
    pixels[:, 50:150] = 40
    pixels[99, :] = 40  # one line over the whole width: column means of 253
    assert crop_box(pixels) == (50 + TRIM, TRIM, 150 - TRIM, 100 - TRIM)


@pytest.mark.parametrize("value", [0, 201, 255])
def test_nothing_dark_is_nothing(value):
    assert crop_box(np.full((100, 100, 3), value, np.uint8)) is None


def test_text_alone_is_nothing(framed):
    content, (_, _, _, bottom) = framed()
    assert crop_box(pixels_of(content)[bottom + 2 :]) is None


def test_of_colours_the_luminance_counts():
    pixels = np.full((100, 100, 3), 255, np.uint8)
    pixels[20:80, 20:80] = (255, 255, 0)  # luminance 226: above the threshold
    assert crop_box(pixels) is None
    pixels[20:80, 20:80] = (255, 0, 0)  # 76
    assert crop_box(pixels) == (30, 30, 70, 70)


def test_real_foraminifera_come_out_of_a_frame(shared_data, framed):
    """Where the ground is exactly black, the rule takes it for frame, and cuts a little of the shell's outline."""
    for path in sorted((shared_data / "foram-pair" / "images").glob("*/*_light[04].png"))[::4]:
        picture = np.asarray(Image.open(path))
        content, (left, top, right, bottom) = framed(np.maximum(picture, 8))
        expected = (left + TRIM, top + TRIM, right - TRIM, bottom - TRIM)
        assert np.abs(np.subtract(crop_box(pixels_of(content)), expected)).max() <= 8
        pixels = pixels_of(framed(picture)[0])
        left, top, right, bottom = crop_box(pixels)
        found = np.zeros(pixels.shape[:2], bool)
        found[top:bottom, left:right] = True
        inner = slice(expected[1], expected[3]), slice(expected[0], expected[2])
        assert pixels[inner][found[inner]].sum() > 0.97 * pixels[inner].sum()
