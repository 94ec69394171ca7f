"""Pictures for a model: the bytes of a file in, pixels or nothing out."""

import struct
import warnings
import zlib
from io import BytesIO

from PIL import Image

MAX_PIXELS = 50_000_000  # as in mmecinstruct/images/check.py: an imported build may hold anything
MIN_SIDE = 8  # also from there: processors take a side of 1 or 3 for the channels

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, struct.error, zlib.error, OverflowError)


def opened(data: bytes) -> Image.Image | None:
    """The picture as RGB; None where it cannot be decoded to the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # broken tags do not matter, and the limit on pixels is our own
        try:
            image = Image.open(BytesIO(data), formats=_FORMATS)
            if image.width * image.height > MAX_PIXELS or min(image.size) < MIN_SIDE:
                return None
            return image.convert("RGB")
        except (*_DAMAGE, Image.DecompressionBombError):
            return None
