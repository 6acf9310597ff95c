"""How a picture file becomes pixels: colour, alpha, palettes, rotation, and what is refused."""

import io

import numpy as np
import pytest
from PIL import Image
from visgen_train.io.images import decode, read


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


def test_alpha_lies_over_black():
    assert decode(encoded(Image.new("RGBA", (2, 2), (200, 100, 50, 0))), 2).max() == 0
    half = decode(encoded(Image.new("RGBA", (2, 2), (200, 100, 50, 128))), 2)[:, 0, 0]
    assert half.tolist() == [100, 50, 25]  # value * 128 / 255
    assert decode(encoded(Image.new("LA", (2, 2), (200, 51))), 2)[:, 0, 0].tolist() == [40, 40, 40]


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_alpha_is_alpha_in_every_format(kind):
    pixels = np.full((4, 4, 4), 255, np.uint8)
    pixels[:2, :, 3] = 0
    options = {"lossless": True} if kind == "WEBP" else {}
    found = decode(encoded(Image.fromarray(pixels), kind, **options), 4)
    assert found[0].tolist() == [[0] * 4] * 2 + [[255] * 4] * 2


def test_a_palette_gives_its_colours_and_its_transparent_entry_is_black():
    image = Image.new("P", (3, 1))
    image.putpalette([200, 100, 50, 1, 2, 3, 90, 91, 92])
    image.putdata([0, 1, 2])
    assert decode(encoded(image), 3)[:, 1].T.tolist() == [[200, 100, 50], [1, 2, 3], [90, 91, 92]]
    found = decode(encoded(image, transparency=2), 3)[:, 1].T.tolist()
    assert found == [[200, 100, 50], [1, 2, 3], [0, 0, 0]]


def test_a_transparent_grey_is_black():
    grey = Image.fromarray(np.array([[7, 90], [200, 90]], np.uint8))
    assert decode(encoded(grey, transparency=90), 2)[0].tolist() == [[7, 0], [200, 0]]


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_one_bit_is_black_and_white(kind):
    image = Image.fromarray(np.array([[True, False], [False, True]]))
    assert decode(encoded(image, kind), 2)[1].tolist() == [[255, 0], [0, 255]]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_multiplied_out(kind):
    """(255 - ink) * (255 - black) / 255, whatever profile is in the file; 1 or 2 of 255 for the losses of JPEG."""
    image = Image.new("CMYK", (8, 8), (200, 100, 0, 51))
    options = {"quality": 100} if kind == "JPEG" else {}
    found = decode(encoded(image, kind, **options), 8)[:, 4, 4].astype(int)
    assert np.abs(found - [44, 124, 204]).max() <= (2 if kind == "JPEG" else 0)


@pytest.mark.parametrize(("kind", "error"), [("PNG", 0), ("TIFF", 0), ("BMP", 0), ("WEBP", 0), ("JPEG", 2)])
def test_every_format_gives_the_same_pixels(kind, error):
    ramp = np.add.outer(np.arange(16) * 5, np.arange(16) * 9)
    pixels = np.stack([ramp, ramp[::-1], np.full_like(ramp, 80)], axis=2).astype(np.uint8)
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}.get(kind, {})
    found = decode(encoded(Image.fromarray(pixels), kind, **options), 16).astype(int)
    assert np.abs(found - pixels.transpose(2, 0, 1)).max() <= error


SEEN = {  # what is shown of [[10, 80], [150, 220]] with each value of the EXIF tag Orientation
    1: [[10, 80], [150, 220]],
    2: [[80, 10], [220, 150]],
    3: [[220, 150], [80, 10]],
    4: [[150, 220], [10, 80]],
    5: [[10, 150], [80, 220]],
    6: [[150, 10], [220, 80]],
    7: [[220, 80], [150, 10]],
    8: [[80, 220], [10, 150]],
}


@pytest.mark.parametrize("orientation", SEEN)
@pytest.mark.parametrize(
    ("kind", "deep"),
    [("PNG", False), ("PNG", True), ("TIFF", False), ("TIFF", True), ("JPEG", False), ("WEBP", False)],
)
def test_exif_rotation_is_applied(kind, orientation, deep):
    blocks = np.kron(np.array([[10, 80], [150, 220]]), np.ones((8, 8), int))
    image = Image.fromarray((blocks * 257).astype(np.uint16) if deep else blocks.astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100} if kind == "JPEG" else {}
    found = decode(encoded(image, kind, exif=exif, **options), 16)[0, 4::8, 4::8]
    assert found.tolist() == SEEN[orientation]


def test_the_content_counts_and_not_the_name():
    assert read(encoded(Image.new("L", (4, 4)), "JPEG")).format == "JPEG"
    for kind in ("GIF", "EPS", "PPM"):  # EPS would start another program
        with pytest.raises(ValueError, match="not a picture"):
            decode(encoded(Image.new("RGB", (4, 4)), kind), 4)


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "WEBP"])
def test_several_pictures_in_one_file_are_refused(kind):
    first, second = Image.new("RGB", (8, 8), (9, 9, 9)), Image.new("RGB", (8, 8), (200, 9, 9))
    with pytest.raises(ValueError, match="2 pictures in one file; save the one that is meant"):
        decode(encoded(first, kind, save_all=True, append_images=[second]), 8)


def test_smaller_copies_behind_a_picture_do_not_count():
    first, small = Image.new("L", (8, 8), 9), Image.new("L", (4, 4), 200)
    small.encoderinfo = {"tiffinfo": {254: 1}}
    assert (decode(encoded(first, "TIFF", save_all=True, append_images=[small]), 8) == 9).all()
    preview = encoded(
        Image.new("RGB", (8, 8), (9, 9, 9)), "MPO", save_all=True, append_images=[Image.new("RGB", (4, 4))]
    )
    assert read(preview).format == "MPO"
    assert (decode(preview, 8) == 9).all()


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
    with pytest.raises(ValueError, match="grey of 32 bits or with a sign; save it with 8 or 16 bits"):
        decode(encoded(Image.fromarray(np.ones((4, 4), kind)), "TIFF"), 4)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "WEBP"])
def test_damage_is_always_told_as_such(kind):
    """Pillow itself raises TypeError, KeyError and struct.error for some of these."""
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (9, 11, 3), dtype=np.uint8))
    whole, rng = encoded(image, kind), np.random.default_rng(1)
    told = 0
    for _ in range(400):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), 2):
            damaged[place] = rng.integers(256)
        try:
            assert decode(bytes(damaged), 8).shape == (3, 8, 8)
        except ValueError:
            told += 1
    assert told > 20
