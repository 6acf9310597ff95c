"""Pictures from disk: decoded in full, turned upright, as 8-bit RGB of one size."""

import io

import numpy as np
from PIL import Image, ImageOps

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})


def decode(content: bytes, size: int, colour: str = "auto") -> np.ndarray:
    """Decode a picture and fit it into a square.

    The longest side becomes `size`, the aspect is kept, and the rest is padded with the median colour of the
    picture's own border. Grey is repeated over the three channels; 16-bit grey is divided by 257, not clipped;
    an alpha channel is laid over black. Deeper grey (32-bit, floating point) has no known white and is refused.

    Parameters
    ----------
    content : bytes
        The file.
    size : int
        Side of the square, px.
    colour : {"auto", "grey"}
        Colour as the picture has it, or its luminance (ITU-R 601) repeated over the three channels.

    Returns
    -------
    numpy.ndarray
        (3, size, size) uint8.

    Raises
    ------
    ValueError
        The bytes are no complete picture; the message says what was found.
    """
    try:
        image = Image.open(io.BytesIO(content))
        if Image.MAX_IMAGE_PIXELS and image.width * image.height > Image.MAX_IMAGE_PIXELS:
            raise Image.DecompressionBombError(f"{image.width} x {image.height}")
        image.load()
        upright = _rgb(ImageOps.exif_transpose(image))
        if colour == "grey":
            upright = upright.convert("L").convert("RGB")
        return np.ascontiguousarray(_square(upright, size).transpose(2, 0, 1))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"has more pixels than a picture should ({error})") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ValueError("is empty" if not content else f"cannot be decoded ({_reason(error)})") from error


def _reason(error: Exception) -> str:
    return "not a picture" if "cannot identify" in str(error) else str(error)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("F", "I"):
        raise ValueError("32-bit grey; save it with 8 or 16 bits")
    if image.mode.startswith("I;16"):
        grey = np.asarray(image).astype(np.uint16) // 257
        image = Image.fromarray(grey.astype(np.uint8))
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
