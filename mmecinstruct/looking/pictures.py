"""Stored pictures made small for people to look at; one that does not open is a value, not an end."""

import struct
import zlib
from io import BytesIO

from PIL import Image

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, struct.error, zlib.error, OverflowError)
_MAX_PIXELS = 50_000_000  # as in images/check.py: an imported build may hold anything


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height, by the header alone."""
    image = _opened(data)
    return image.size if image else None


def thumbnail(data: bytes, side: int) -> Image.Image | None:
    """The picture as RGB inside `side` x `side`, or None if it cannot be decoded."""
    image = _opened(data)
    if image is None or image.width * image.height > _MAX_PIXELS:
        return None
    try:
        image.draft("RGB", (side, side))
        small = image.convert("RGB")
    except _DAMAGE:
        return None
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return small


def jpeg(image: Image.Image, quality: int) -> bytes:
    """The picture as JPEG bytes."""
    file = BytesIO()
    image.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()


def _opened(data: bytes) -> Image.Image | None:
    try:
        return Image.open(BytesIO(data), formats=_FORMATS)
    except (*_DAMAGE, Image.DecompressionBombError):
        return None
