"""Pictures and an archive of them, as the Endless Forams library has them."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

WIDTH, STRIP = 640, 160
FOLDERS = (
    "2 - Globigerina bulloides",
    "4 -Globigerinella adamsi",
    "12 - Globigerinoides sacculifer ",
)


def specimen(width: int, height: int, seed: int) -> np.ndarray:
    """A bright ellipse on a dark ground that is nowhere exactly black, (height, width) uint8."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    shell = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) < 0.12
    return np.where(
        shell, 150 + rng.integers(0, 100, shell.shape), 12 + rng.integers(0, 12, shell.shape)
    ).astype(np.uint8)


def in_frame(picture: np.ndarray, quality: int = 90) -> bytes:
    """A JPEG: the picture between black padding, above a white strip with a scale bar and text."""
    height, width = picture.shape
    whole = max(WIDTH, width)
    framed = Image.new("RGB", (whole, height + STRIP), "white")
    framed.paste("black", (0, 0, whole, height))
    framed.paste(Image.fromarray(picture).convert("RGB"), ((whole - width) // 2, 0))
    drawn, middle = ImageDraw.Draw(framed), whole // 2
    for length, down in ((200, 7), (50, 17)):
        drawn.line((middle - length // 2, height + down, middle + length // 2, height + down), "black", 2)
    for line, down in (
        ("Object 00122 of 724748", 30),
        ("Natural history museum", 55),
        ("724748_obj00122", 100),
    ):
        drawn.text((middle - 60, height + down), line, "black")
    content = io.BytesIO()
    framed.save(content, "JPEG", quality=quality)
    return content.getvalue()


@pytest.fixture
def framed():
    """(JPEG, the box of the picture in it): of a picture, or of a specimen drawn by size and seed."""

    def make(picture=None, width=300, height=260, seed=0, quality=90):
        picture = specimen(width, height, seed) if picture is None else picture
        height, width = picture.shape
        left = (max(WIDTH, width) - width) // 2
        return in_frame(picture, quality), (left, 0, left + width, height)

    return make


@pytest.fixture
def archive(tmp_path, framed):
    """tmp_path/archive/Dataset: three folders of two pictures, and what systems leave behind."""
    for number, folder in enumerate(FOLDERS):
        images = tmp_path / "archive" / "Dataset" / folder / "images"
        images.mkdir(parents=True)
        for index in range(2):
            content, _ = framed(width=200 + 20 * index, height=150, seed=10 * number + index)
            (images / f"obj{index}.jpg").write_bytes(content)
    (tmp_path / "archive" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "archive" / "__MACOSX").mkdir()
    (tmp_path / "archive" / "__MACOSX" / "._obj0.jpg").write_bytes(b"x")
    return tmp_path / "archive"
