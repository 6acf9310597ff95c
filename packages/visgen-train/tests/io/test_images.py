import io

import numpy as np
import pytest
from PIL import Image
from visgen_train.io.images import decode


def encoded(image, kind="PNG", **options):
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def test_grey_is_repeated_and_size_kept():
    grey = np.arange(16, dtype=np.uint8).reshape(4, 4)
    assert (decode(encoded(Image.fromarray(grey)), 4) == grey).all()


def test_colour_is_kept_channels_first():
    pixels = np.random.default_rng(0).integers(0, 255, (5, 5, 3), dtype=np.uint8)
    assert (decode(encoded(Image.fromarray(pixels)), 5) == pixels.transpose(2, 0, 1)).all()


def test_grey_is_the_luminance_in_all_three_channels():
    """0.299 r + 0.587 g + 0.114 b (ITU-R 601), and what is grey already stays as it is."""
    pixels = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [200, 100, 50]]], np.uint8)
    found = decode(encoded(Image.fromarray(pixels)), 2, "grey")
    assert found.tolist() == [[[76, 150], [29, 124]]] * 3
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert (decode(encoded(Image.fromarray(grey)), 16, "grey") == grey).all()


def test_the_aspect_is_kept_and_the_border_colour_fills_the_rest():
    pixels = np.full((4, 8, 3), 200, np.uint8)
    pixels[1:3, 2:6] = 10
    square = decode(encoded(Image.fromarray(pixels)), 8)
    assert (square[:, :2] == 200).all()
    assert (square[:, 6:] == 200).all()
    assert (square[:, 2:6] == pixels.transpose(2, 0, 1)).all()


def test_a_larger_picture_shrinks_to_the_longest_side():
    assert decode(encoded(Image.new("RGB", (100, 50), (9, 9, 9))), 20).shape == (3, 20, 20)


def test_sixteen_bit_grey_is_scaled_not_clipped():
    deep = np.array([[0, 257], [32896, 65535]], np.uint16)
    assert decode(encoded(Image.fromarray(deep)), 2)[0].tolist() == [[0, 1], [128, 255]]


def test_alpha_lies_over_black():
    assert decode(encoded(Image.new("RGBA", (2, 2), (200, 100, 50, 0))), 2).max() == 0
    assert decode(encoded(Image.new("RGBA", (2, 2), (200, 100, 50, 255))), 2)[:, 0, 0].tolist() == [
        200,
        100,
        50,
    ]


def test_exif_rotation_is_applied():
    image = Image.fromarray(np.array([[10, 200], [10, 200]], np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # stored on its side: turn by 90 degrees clockwise to show
    assert decode(encoded(image, exif=exif), 2)[0].tolist() == [[10, 10], [200, 200]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"GIF? no", "cannot be decoded .not a picture"),
        (encoded(Image.new("RGB", (64, 64), (1, 2, 3)), "JPEG")[:300], "cannot be decoded"),
        (encoded(Image.effect_noise((64, 64), 50))[:2000], "cannot be decoded"),
    ],
)
def test_what_is_no_whole_picture_is_refused(content, message):
    with pytest.raises(ValueError, match=message):
        decode(content, 8)


def test_a_decompression_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    for side in (8, 20):
        with pytest.raises(ValueError, match="more pixels than a picture should"):
            decode(encoded(Image.new("L", (side, side))), 8)


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_grey_of_unknown_white_is_refused(kind):
    with pytest.raises(ValueError, match="32-bit grey; save it with 8 or 16 bits"):
        decode(encoded(Image.fromarray(np.ones((4, 4), kind)), "TIFF"), 4)
