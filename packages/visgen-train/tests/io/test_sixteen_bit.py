"""16 bits in files made byte by byte: Pillow writes few of their kinds."""

import struct
import zlib

import numpy as np
import pytest
from visgen_train.io.images import decode, read

VALUES = np.array([[0, 256, 257], [4095, 32896, 65535]], np.uint16)
FULL = (VALUES // 257).tolist()
UPPER = (VALUES >> 8).tolist()


def png(pixels, kind, extra=b""):
    """A PNG of 16 bits: `kind` 0 grey, 2 RGB, 4 grey and alpha, 6 RGB and alpha."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    height, width = pixels.shape[:2]
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in pixels)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + (chunk(b"tRNS", extra) if extra else b"")
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )


def tiff(pixels, photometric, order="<", bits=16, data=None, sample_format=1, extra_samples=()):
    """A TIFF without compression, in one strip."""
    height, width = pixels.shape[:2]
    samples = pixels[0, 0].size
    data = pixels.astype(f"{order}u{pixels.itemsize}").tobytes() if data is None else data
    tags = {
        256: ("I", [width]),
        257: ("I", [height]),
        258: ("H", [bits] * samples),
        259: ("H", [1]),
        262: ("H", [photometric]),
        273: ("I", [0]),
        277: ("H", [samples]),
        278: ("I", [height]),
        279: ("I", [len(data)]),
        338: ("H", list(extra_samples)),
        339: ("H", [sample_format] * samples),
    }
    tags = {tag: held for tag, held in tags.items() if held[1]}
    behind = 8 + 2 + 12 * len(tags) + 4
    far, entries = b"", b""
    tags[273] = ("I", [behind + sum(2 * len(v) for k, v in tags.values() if k == "H" and len(v) > 2)])
    for tag, (kind, values) in tags.items():
        packed = struct.pack(f"{order}{len(values)}{kind}", *values)
        if len(packed) > 4:
            far, packed = far + packed, struct.pack(f"{order}I", behind + len(far))
        entries += struct.pack(f"{order}HHI", tag, {"H": 3, "I": 4}[kind], len(values)) + packed.ljust(
            4, b"\0"
        )
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(f"{order}HIH", 42, 8, len(tags))
    return head + entries + bytes(4) + far + data


GREY = [png(VALUES, 0), tiff(VALUES, 1), tiff(VALUES, 1, ">")]
RGB = np.stack([VALUES, VALUES[::-1], VALUES], axis=2)
WITH_ALPHA = np.concatenate([RGB, np.full((2, 3, 1), 65535, np.uint16)], axis=2)


@pytest.mark.parametrize("content", GREY)
def test_grey_is_scaled_over_the_full_range(content):
    picture = read(content)
    assert np.asarray(picture.rgb)[:, :, 1].tolist() == FULL
    assert (picture.brightest, picture.white) == (65535, 65535)
    assert picture.mode.startswith("I;16")


@pytest.mark.parametrize("kind", [png, tiff])
def test_white_may_be_lower(kind):
    twelve = np.array([[0, 16, 17], [2048, 4094, 4095]], np.uint16)
    content = kind(twelve, 0 if kind is png else 1)
    found = np.asarray(read(content, white=4095).rgb)[:, :, 0]
    assert found.tolist() == [[0, 0, 1], [127, 254, 255]]
    assert read(content).rgb.getextrema()[0] == (0, 15)
    assert read(content).brightest == 4095
    assert decode(content, 3, white=4095).max() == 255


def test_what_is_brighter_than_white_is_refused_not_clipped():
    with pytest.raises(ValueError, match="16-bit values up to 65535, above data.white=4095"):
        read(GREY[0], white=4095)


def test_a_white_level_says_nothing_of_eight_bits():
    eight = tiff(VALUES.astype(np.uint8), 1, bits=8)
    assert (np.asarray(read(eight, white=4095).rgb)[:, :, 0] == VALUES.astype(np.uint8)).all()
    assert read(eight).brightest is None


@pytest.mark.parametrize("white", [65535, 1023])
def test_twelve_bits_packed_have_their_own_white(white):
    values = np.array([[0, 17, 2047, 4095]], np.uint16)
    bits = "".join(f"{value:012b}" for value in values[0])
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    picture = read(tiff(values, 1, bits=12, data=data), white)
    assert np.asarray(picture.rgb)[0, :, 0].tolist() == [0, 1, 127, 255]
    assert picture.white == 4095


def test_grey_where_white_is_zero_is_turned_round():
    assert np.asarray(read(tiff(VALUES, 0)).rgb)[:, :, 0].tolist() == ((65535 - VALUES) // 257).tolist()
    twelve = np.array([[0, 4095]], np.uint16)
    assert np.asarray(read(tiff(twelve, 0), white=4095).rgb)[:, :, 0].tolist() == [[255, 0]]
    eight = np.array([[0, 200]], np.uint8)
    assert np.asarray(read(tiff(eight, 0, bits=8)).rgb)[:, :, 0].tolist() == [[255, 55]]


def test_a_transparent_grey_is_black():
    content = png(VALUES, 0, struct.pack(">H", 32896))
    expected = np.array(FULL)
    expected[1, 1] = 0
    assert np.asarray(read(content).rgb)[:, :, 0].tolist() == expected.tolist()


@pytest.mark.parametrize(
    "content",
    [
        png(RGB, 2),
        png(WITH_ALPHA, 6),
        tiff(RGB, 2),
        tiff(RGB, 2, ">"),
        tiff(WITH_ALPHA, 2, extra_samples=[2]),
    ],
)
def test_colour_keeps_its_upper_eight_bits(content):
    found = np.asarray(read(content).rgb)
    assert found[:, :, 0].tolist() == UPPER
    assert found[:, :, 1].tolist() == UPPER[::-1]
    with pytest.raises(
        ValueError, match="16-bit colour, which data.white=4095 does not apply to; save it with 8"
    ):
        read(content, white=4095)


def test_grey_with_alpha_keeps_its_upper_eight_bits():
    half = np.full_like(VALUES, 0x8000)
    found = np.asarray(read(png(np.stack([VALUES, half], axis=2), 4)).rgb)[:, :, 2]
    assert np.abs(found - VALUES // 256 * (128 / 255)).max() < 1


@pytest.mark.parametrize("order", "<>")
def test_grey_with_a_sign_is_refused(order):
    with pytest.raises(ValueError, match="grey of 32 bits or with a sign"):
        read(tiff(VALUES, 1, order, sample_format=2))


def test_a_kind_pillow_does_not_know_is_named():
    content = tiff(np.stack([VALUES, VALUES], axis=2), 1, extra_samples=[2])
    with pytest.raises(ValueError, match="a TIFF of an unusual kind; save it with 8 bits, or as PNG"):
        read(content)
