"""What can be wrong with a picture by itself, and with how the pictures of a collection go together."""

from collections import Counter
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

import numpy as np

from visgen_train.audit.findings import Finding, Kind
from visgen_train.audit.pictures import Picture, Pictures
from visgen_train.io.images import WHITE_12_BIT, WHITE_16_BIT

SMALLEST: Final = 32
"""px of the longer side; below, there is hardly a shape left."""
FLAT: Final = 2.0
"""Standard deviation of grey values (0 to 255) below which there is nothing to be seen."""
NARROW: Final = 8
"""Part of what is white that the brightest value of a 16-bit picture must reach, not to be read as nearly black."""
SPREAD: Final = 4
"""Times the longer side of the smallest picture that the largest may have."""

FORMATS: Final = {
    ".png": {"PNG"},
    ".jpg": {"JPEG", "MPO"},
    ".jpeg": {"JPEG", "MPO"},
    ".tif": {"TIFF"},
    ".tiff": {"TIFF"},
    ".bmp": {"BMP", "DIB"},
    ".webp": {"WEBP"},
}

UNREADABLE = Kind(
    "unreadable-image",
    "error",
    "pictures cannot be read",
    "Replace or remove them, or leave them out by `visgen run --skip-bad`.",
)
SKIPPED = replace(UNREADABLE, severity="note", fix="They are left out: this is what --skip-bad asks for.")
TINY = Kind(
    "tiny-image",
    "warning",
    "pictures are tiny",
    f"Take larger ones (the longer side is under {SMALLEST} px), or remove them.",
)
CONSTANT = Kind(
    "constant-image",
    "warning",
    "pictures show nothing, they are of one colour",
    "Look at them; replace or remove those that are blank.",
)
DARK = Kind(
    "narrow-16-bit",
    "warning",
    "16-bit pictures use a small part of their range and are read as nearly black",
    "Say what is white in them: --set data.white=4095 for 12 bits, or another value that none exceeds.",
)
ENDING = Kind(
    "wrong-ending",
    "note",
    "file names end otherwise than their content",
    "They are read by their content all the same; rename them to avoid surprises elsewhere.",
)
SIZES = Kind(
    "mixed-sizes",
    "note",
    "pictures are of very different sizes",
    "All are scaled to one size; see that size does not stand for a species or a place.",
)
MODES = Kind(
    "mixed-colour",
    "note",
    "some pictures are grey and some are in colour",
    "If colour stands for where they come from and not for the species, make all grey: --set data.colour=grey.",
)


def image_findings(pictures: Pictures, skip_bad: bool = False) -> list[Finding]:
    """All of this module's findings; with `skip_bad`, pictures that cannot be read are left out on purpose."""
    fine = [(picture, thumb) for picture, thumb in zip(pictures.seen, pictures.thumbs, strict=True)]
    found = [
        Finding(SKIPPED if skip_bad else UNREADABLE, (picture.file,), f"{picture.file}: {picture.problem}")
        for picture in pictures.seen
        if picture.problem
    ]
    for picture, thumb in fine:
        if not picture.problem:
            found += _alone(picture, thumb)
    readable = [picture for picture in pictures.seen if not picture.problem]
    return [*found, *_together(readable)]


def white_option(pictures: Pictures, white: int) -> tuple[str, ...]:
    """The option that a collection of 12 bits in 16 needs: where all pictures are such, and nothing else was said."""
    grey = [picture.brightest for picture in pictures.seen if not picture.problem]
    known = [value for value in grey if value is not None]
    fits = len(known) == len(grey) and 0 < max(known, default=0) <= WHITE_12_BIT
    dark = fits and any(value < WHITE_16_BIT // NARROW for value in known)
    return ("--set", f"data.white={WHITE_12_BIT}") if dark and white == WHITE_16_BIT else ()


def _alone(picture: Picture, thumb: np.ndarray) -> list[Finding]:
    found, about = [], (picture.file,)
    size = f"{picture.width} x {picture.height} px"
    if max(picture.width, picture.height) < SMALLEST:
        found.append(Finding(TINY, about, f"{picture.file}: {size}"))
    if picture.brightest is not None and picture.white and picture.brightest < picture.white // NARROW:
        text = f"{picture.file}: its brightest value is {picture.brightest} of {picture.white}"
        found.append(Finding(DARK, about, text))
    elif thumb.std() < FLAT:
        text = f"{picture.file}: grey values from {thumb.min()} to {thumb.max()} of 255"
        found.append(Finding(CONSTANT, about, text))
    ending = PurePosixPath(picture.file).suffix.lower()
    if picture.format not in FORMATS.get(ending, {picture.format}):
        found.append(Finding(ENDING, about, f"{picture.file}: the content is {picture.format}"))
    return found


def _together(pictures: list[Picture]) -> list[Finding]:
    found = []
    if pictures:
        sides = {max(picture.width, picture.height): picture for picture in pictures}
        small, large = sides[min(sides)], sides[max(sides)]
        if max(sides) >= SPREAD * min(sides):
            text = "from {0.width} x {0.height} px ({0.file}) to {1.width} x {1.height} px ({1.file})"
            found.append(Finding(SIZES, (small.file, large.file), text.format(small, large)))
    grey = [picture.file for picture in pictures if _is_grey(picture)]
    if 0 < len(grey) < len(pictures):
        modes = Counter(picture.mode for picture in pictures)
        listed = ", ".join(f"{number:,} {mode}" for mode, number in modes.most_common())
        rarer = grey if 2 * len(grey) <= len(pictures) else [p.file for p in pictures if not _is_grey(p)]
        found.append(Finding(MODES, tuple(rarer), f"{listed}; among the fewer is {rarer[0]}"))
    return found


def _is_grey(picture: Picture) -> bool:
    return picture.mode in ("1", "L", "LA", "La") or picture.mode.startswith("I")
