"""Where the specimen is in a picture of the Endless Forams library, whose frame holds padding, a scale bar and text.

The library's pictures (Hsiang et al. 2019) are a specimen on a dark ground, padded with black on both sides to a common
width, above a white strip with a scale bar and text.
"""

import numpy as np
from scipy import ndimage

DARK = 200
"""Grey up to this belongs to the specimen's picture; the strip below it is brighter."""
WHITE_COLUMN = 240
"""Columns with a higher mean are no part of it."""
TRIM = 10
"""Cut off at every side, px: what JPEG made of the frame's edges."""
_EIGHT = np.ones((3, 3), int)
_LUMINANCE = np.array([0.299, 0.587, 0.114])  # ITU-R 601


def crop_box(pixels: np.ndarray) -> tuple[int, int, int, int] | None:
    """The specimen's picture within its frame, by the rule of Karaderi et al. 2024 (their `processing.py`).

    Pixels that are exactly black count as white; of what is dark the object with the largest outline is taken; outer
    columns that are nearly white go, then `TRIM` pixels at every side. Theirs squeezed the crop to a square and left
    exactly black pixels of the specimen white; this gives the box alone, for the picture as it is.

    Parameters
    ----------
    pixels : numpy.ndarray
        (height, width, 3) uint8.

    Returns
    -------
    tuple of int, or None
        Left, top, right, bottom, the latter two exclusive; None if nothing is left.

    Examples
    --------
    >>> framed = np.full((80, 100, 3), 255, np.uint8)
    >>> framed[:60] = 0  # padding, with the picture between
    >>> framed[:60, 20:80] = 40
    >>> crop_box(framed)
    (30, 10, 70, 50)
    """
    black = (pixels == 0).all(axis=2)
    luminance = np.rint(pixels @ _LUMINANCE)
    found = _largest((luminance <= DARK) & ~black)
    if found is None:
        return None
    rows, columns = found
    means = np.where(black, 255, pixels.mean(axis=2))[rows, columns].mean(axis=0)
    kept = np.flatnonzero(means < WHITE_COLUMN)
    if not len(kept):
        return None
    left, right = columns.start + int(kept[0]) + TRIM, columns.start + int(kept[-1]) + 1 - TRIM
    top, bottom = rows.start + TRIM, rows.stop - TRIM
    return (left, top, right, bottom) if left < right and top < bottom else None


def _largest(dark: np.ndarray) -> tuple[slice, slice] | None:
    """Bounding box of the object that encloses the most pixels, its holes included."""
    grounds, _ = ndimage.label(~dark)
    outside = np.unique(np.concatenate([grounds[0], grounds[-1], grounds[:, 0], grounds[:, -1]]))
    filled = dark | ~np.isin(grounds, outside)
    objects, number = ndimage.label(filled, _EIGHT)
    if not number:
        return None
    largest = int(np.bincount(objects.ravel())[1:].argmax()) + 1
    box: tuple[slice, slice] = ndimage.find_objects(objects, largest)[-1]
    return box
