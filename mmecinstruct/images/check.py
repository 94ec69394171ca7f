"""Opening a picture for real, and fitting it: hostile bytes in, a plain picture or a reason out."""

import hashlib
import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from PIL import Image, UnidentifiedImageError

from mmecinstruct.images.conform import is_plain
from mmecinstruct.images.outcome import Checked, Failure, Picture

MAX_PIXELS = 50_000_000  # "e.g. 50 MP" (sources.md, 4.5)
MAX_SCANS = 100  # a progressive JPEG has about 10; each costs a pass over all pixels, and 5 MB hold 170,000 empty ones
TINY = (60, 40)  # Amazon's "no image" is 60x40 (sources.md, 4.1)
MIN_SIDE = 8  # thinner than this after fitting, there is nothing to see, and processors take 1 or 3 for channels
MIN_CONTRAST = 8  # of 255, in the liveliest channel: "near-uniform pixels" (sources.md, 4.1)
QUALITY = 90  # "1500 -> 500, q90" (sources.md, 4.2)

_ALLOWED = ("JPEG", "PNG", "GIF", "WEBP")
_ALLOWED_MARKS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
# BMP, TIFF (twice), EPS, ICO, PSD, JPEG 2000 (twice), JPEG XL, FITS, SVG (twice)
_OTHER_MARKS = (
    *(b"BM", b"II*\0", b"MM\0*", b"%!PS", b"\0\0\1\0", b"8BPS", b"\0\0\0\x0cjP", b"\xff\x4f\xff\x51", b"\xff\x0a"),
    *(b"SIMPLE", b"<svg", b"<?xml"),
)
# What Pillow's readers raise on damaged files, by reading them and by fuzzing.
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, struct.error, zlib.error, OverflowError)
_WARNINGS = threading.Lock()

_HIGH_BYTE = [value >> 8 for value in range(65536)]
_ORIENTATION = 0x0112
_UPRIGHT: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def check(data: bytes, *, box: int, max_bytes: int) -> Checked | Failure:
    """Decode the bytes to the end and give them back upright, plain and inside `box` x `box`, or say what is wrong."""
    if len(data) > max_bytes:
        return Failure("too_large")
    if data.count(b"\xff\xda") > MAX_SCANS and data.startswith(_ALLOWED_MARKS[0]):
        return Failure("too_many_scans")
    try:
        with _quiet():
            image = Image.open(io.BytesIO(data), formats=_ALLOWED)
        with image:
            return _refusal(image.size, box) or _decoded(image, data, box)
    except Image.DecompressionBombError:
        return Failure("too_many_pixels")
    except UnidentifiedImageError:
        return Failure(_unopened(data))
    except _DAMAGE:
        return Failure("truncated")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Pillow's warnings about broken tags from the screen: the picture counts, its tags are dropped."""
    with _WARNINGS, warnings.catch_warnings():  # which threads may not enter together
        warnings.simplefilter("ignore")
        yield


def _refusal(size: tuple[int, int], box: int) -> Failure | None:
    """Refuse by the header alone, before a pixel is decoded."""
    if size[0] * size[1] > MAX_PIXELS:
        return Failure("too_many_pixels")
    if size[0] <= TINY[0] and size[1] <= TINY[1]:
        return Failure("placeholder")
    return Failure("too_thin") if min(_fitted(size, box)) < MIN_SIDE else None


def _unopened(data: bytes) -> str:
    if data.startswith(_ALLOWED_MARKS) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return "truncated"
    if data.startswith(_OTHER_MARKS) or data[4:8] == b"ftyp":  # AVIF and HEIC
        return "format_not_allowed"
    return "not_an_image"


def _decoded(image: Image.Image, data: bytes, box: int) -> Checked | Failure:
    if max(image.size) <= box and is_plain(data):
        image.load()
        return _blank(image) or _checked(data, image.size, str(image.format), kept=True)
    plain = _plain(image, box)
    if failure := _blank(plain):
        return failure
    file = io.BytesIO()
    plain.save(file, "JPEG", quality=QUALITY)
    return _checked(file.getvalue(), plain.size, "JPEG", kept=False)


def _checked(data: bytes, size: tuple[int, int], file_format: str, *, kept: bool) -> Checked:
    return Checked(Picture(hashlib.sha256(data).hexdigest(), *size, file_format), data, kept)


def _plain(image: Image.Image, box: int) -> Image.Image:
    """Give the first frame as RGB: fitted, flattened on white, upright, and without anything but pixels."""
    size = _fitted(image.size, box)
    image.draft(None, size)  # a JPEG is decoded at 1/2, 1/4 or 1/8: 2.7x faster (sources.md, 4.2)
    image.load()
    turn = _turn(image)
    fitted = _in_colour(image).resize(size, Image.Resampling.BICUBIC)
    plain = _on_white(fitted)
    if turn is not None:
        plain = plain.transpose(turn)
    plain.info = {}  # Pillow would write a comment found there into the new file
    return plain


def _fitted(size: tuple[int, int], box: int) -> tuple[int, int]:
    scale = min(1.0, box / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        with _quiet():
            return _UPRIGHT.get(image.getexif().get(_ORIENTATION))
    except _DAMAGE:  # as browsers do: a picture with broken EXIF is shown as it lies
        return None


def _in_colour(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits: convert() would clip at 255 and leave white
        return image.convert("I").point(_HIGH_BYTE, "L").convert("RGB")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)  # which copies: 50 MP are 200 MB


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    return white.convert("RGB")


def _blank(image: Image.Image) -> Failure | None:
    contrasts = [cast("tuple[int, int]", band.getextrema()) for band in image.split()]
    return Failure("placeholder") if all(high - low < MIN_CONTRAST for low, high in contrasts) else None
