"""Whether a picture can be seen, before it is sent to a model that might not say."""

import io
import struct
import warnings
import zlib

# As in mmecinstruct/images/check.py, for an imported build may hold anything: a limit, a side that can be seen, the
# formats that the published servers take, and what Pillow's readers raise on damaged files.
_MAX_PIXELS = 50_000_000
_MIN_SIDE = 8
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, struct.error, zlib.error, OverflowError)


def media_type(picture: bytes) -> str:
    """Tell the media type of a picture, such as `image/jpeg`, once it is decoded; nothing if it cannot be."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # broken tags do not matter, and the limit on pixels is our own
        try:
            with Image.open(io.BytesIO(picture), formats=_FORMATS) as image:
                if image.width * image.height > _MAX_PIXELS or min(image.size) < _MIN_SIDE:
                    return ""
                image.load()
                return f"image/{str(image.format).lower()}"
        except (*_DAMAGE, Image.DecompressionBombError):
            return ""
