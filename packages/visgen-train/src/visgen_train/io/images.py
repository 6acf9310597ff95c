"""Pictures from disk, by one policy: decoded in full, turned upright, as 8-bit RGB of one size."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFile, ImageOps, TiffImagePlugin, UnidentifiedImageError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
POLICY_VERSION = 1
"""Goes up whenever `decode` would make other pixels of a file: stores of decoded pictures are then made anew."""
WHITE_16_BIT, WHITE_12_BIT = 65535, 4095
_REDUCED, _BITS, _PHOTOMETRIC, _WHITE_IS_ZERO = 254, 258, 262, 0  # TIFF 6.0


@dataclass(frozen=True)
class Picture:
    """What a file holds.

    Attributes
    ----------
    rgb : PIL.Image.Image
        8 bits a channel, upright.
    format : str
        One of `FORMATS`, whatever the file is called, or "MPO": a JPEG with further pictures behind it.
    mode : str
        As stored: "L", "RGB", "I;16", "P" ... (Pillow's names).
    brightest : int, optional
        Highest value of 16-bit grey; None for all others.
    white : int, optional
        Value of 16-bit grey that became white; None for all others.
    """

    rgb: Image.Image
    format: str
    mode: str
    brightest: int | None = None
    white: int | None = None


def decode(content: bytes, size: int, colour: str = "auto", white: int = WHITE_16_BIT) -> np.ndarray:
    """Decode a picture, as `read` does, and fit it into a square.

    The longest side becomes `size`, the aspect is kept, and the rest is padded with the median colour of the
    picture's own border.

    Parameters
    ----------
    content : bytes
        The file.
    size : int
        Side of the square, px.
    colour : {"auto", "grey"}
        Colour as the picture has it, or its luminance (ITU-R 601) repeated over the three channels.
    white : int
        Value of 16-bit grey that becomes white.

    Returns
    -------
    numpy.ndarray
        (3, size, size) uint8.

    Raises
    ------
    ValueError
        The bytes are no complete picture; the message says what was found.
    """
    return fitted(read(content, white).rgb, size, colour)


def fitted(rgb: Image.Image, size: int, colour: str = "auto") -> np.ndarray:
    """(3, size, size) uint8 of an upright picture of 8 bits a channel, as `decode` makes it."""
    if colour == "grey":
        rgb = rgb.convert("L").convert("RGB")
    return np.ascontiguousarray(_square(rgb, size).transpose(2, 0, 1))


def in_memory(picture: Image.Image | np.ndarray) -> Image.Image:
    """A picture that is not a file, (height, width) or (height, width, 3) uint8 or of Pillow, as `read` makes it.

    Raises
    ------
    ValueError
        Not of 8 bits a channel, or of another shape: what its white is, or which part is meant, is not known.
    """
    if isinstance(picture, np.ndarray):
        if (
            picture.dtype != np.uint8
            or not (picture.ndim == 2 or picture.shape[2:] == (3,))
            or 0 in picture.shape
        ):
            raise ValueError(
                f"an array of {picture.dtype} and shape {picture.shape}; uint8 (height, width) or (height, width, 3) "
                "is needed"
            )
        picture = Image.fromarray(picture)
    if picture.mode in ("F", "I") or picture.mode.startswith("I;16"):
        raise ValueError(f"a picture of mode {picture.mode}; give its file, or convert it to 8 bits")
    return _over_black(ImageOps.exif_transpose(picture))


def read(content: bytes, white: int = WHITE_16_BIT) -> Picture:
    """Decode a picture at its own size.

    Grey is repeated over the three channels. 16-bit grey becomes `value * 255 // white`, never clipped: a value above
    `white` is an error. 16-bit colour keeps the upper eight bits. Transparency is laid over black. Grey of 32 bits,
    with a sign or in floating point has no known white and is refused, as are several pictures in one file.

    Parameters
    ----------
    content : bytes
        The file.
    white : int
        Value of 16-bit grey that becomes white; that of a TIFF of 12 bits is 4095, whatever is said here.

    Raises
    ------
    ValueError
        The bytes are no complete picture; the message says what was found.
    """
    if not content:
        raise ValueError("is empty")
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
        if Image.MAX_IMAGE_PIXELS and image.width * image.height > Image.MAX_IMAGE_PIXELS:
            raise Image.DecompressionBombError(f"{image.width} x {image.height}")
        _check_alone(image)
        return _loaded(image, white)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"has more pixels than a picture should ({error}); save it smaller") from error
    except Exception as error:  # damaged bytes make Pillow raise almost anything
        raise ValueError(f"cannot be decoded ({_reason(error, content)})") from error


def _reason(error: Exception, content: bytes) -> str:
    if isinstance(error, UnidentifiedImageError):
        if content[:4] in (b"II*\0", b"MM\0*"):
            return "a TIFF of an unusual kind; save it with 8 bits, or as PNG"
        return "not a picture"
    told = isinstance(error, OSError | SyntaxError | ValueError | EOFError) and str(error)
    return str(error) if told else f"damaged: {error!r}"


def _check_alone(image: ImageFile.ImageFile) -> None:
    """Raise ValueError if which picture is meant is not clear; smaller copies and JPEG's previews do not count."""
    pages = getattr(image, "n_frames", 1)
    if pages == 1 or image.format == "MPO":
        return
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        others = []
        for page in range(1, pages):
            image.seek(page)
            others.append(image.tag_v2.get(_REDUCED, 0) & 1)
        image.seek(0)
        if all(others):
            return
    raise ValueError(f"{pages} pictures in one file; save the one that is meant as a file of its own")


def _loaded(image: ImageFile.ImageFile, white: int) -> Picture:
    layouts = str(
        [tile.args for tile in image.tile]
    )  # such as "RGB;16B": what the file holds, not what is made of it
    tags = image.tag_v2 if isinstance(image, TiffImagePlugin.TiffImageFile) else {}
    image.load()
    format_, mode = str(image.format), image.mode
    if mode in ("F", "I"):
        raise ValueError("grey of 32 bits or with a sign; save it with 8 or 16 bits")
    if not mode.startswith("I;16"):
        if ";16" in layouts and white != WHITE_16_BIT:
            raise ValueError(
                f"16-bit colour, which data.white={white} does not apply to; save it with 8 bits a channel"
            )
        return Picture(_over_black(ImageOps.exif_transpose(image)), format_, mode)
    white = WHITE_12_BIT if tags.get(_BITS) == (12,) else white
    upright = np.asarray(ImageOps.exif_transpose(image)).astype(np.uint16)
    clear = upright == image.info["transparency"] if "transparency" in image.info else False
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:  # Pillow turns 8 bits round, but not 16
        upright = white - np.minimum(upright, white)
    brightest = int(upright.max())
    if brightest > white:
        raise ValueError(f"16-bit values up to {brightest}, above data.white={white}")
    grey = np.where(clear, 0, upright.astype(np.uint32) * 255 // white).astype(np.uint8)
    return Picture(Image.fromarray(grey).convert("RGB"), format_, mode, brightest, white)


def _over_black(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, (0, 0, 0, 255)), image)
    return image.convert("RGB")


def _square(image: Image.Image, size: int) -> np.ndarray:
    if max(image.size) != size:
        scale = size / max(image.size)
        width, height = (max(1, round(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    pixels = np.asarray(image)
    height, width = pixels.shape[:2]
    if height == width:
        return pixels
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    square = np.empty((size, size, 3), np.uint8)
    square[:] = np.median(border, axis=0).astype(np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    square[top : top + height, left : left + width] = pixels
    return square
