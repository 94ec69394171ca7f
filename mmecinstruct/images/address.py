"""What an address of a picture says: the image id, the name it is stored under, the address to ask at."""

import hashlib
import re
from urllib.parse import quote, unquote

# "Ids may hold + - %2B" (sources.md, 4.1); real ones have 11 characters, and a digest, the other kind of name, has 32.
_ID = re.compile(r"[A-Za-z0-9+_-]{1,31}")
_ADDRESS_OF_AN_ID = re.compile(r"(https?://[^/?#]+)/(?:[^?#]*/)?images/I/([^/?#.]+)", re.IGNORECASE)

# From Amazon's own web component (sources.md, 4.1), seen with any suffix; the path is in SQID 442 times.
_PLACEHOLDER_IDS = frozenset(
    (
        *("01RmK+J4pJL", "01AodW1Gh-L", "01QFb8SNuTL", "01PkLIhTX3L", "21xiVkxN-SL", "01GmVhVRioL", "01RPy1SfeqL"),
        *("01-y6Ov3R+L", "01e-XWjq3EL", "11RGjrCdvsL", "01MKUOLsA5L"),
    )
)
_PLACEHOLDER_PATH = "/images/G/01/digital/video/web/Default_Background_Art"


def image_id(address: str) -> str:
    """Read the image id out of an address: `41fby+UjOJL` of `.../images/I/41fby%2BUjOJL._SX425_.jpg`, else nothing."""
    return found[1] if (found := _host_and_id(address)) else ""


def request_address(address: str, longest_side: int = 500) -> str:
    """Ask for the medium size: rewrite the size suffix of an Amazon image, leave any other address as it is."""
    found = _host_and_id(address)
    return f"{found[0]}/images/I/{quote(found[1], safe='')}._SL{longest_side}_.jpg" if found else address


def picture_name(address: str) -> str:
    """Name the picture behind an address: its image id, else a digest. Never a path, whatever the address holds."""
    return image_id(address) or hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def is_placeholder(address: str) -> bool:
    """Tell whether the address is that of a picture which says that there is no picture."""
    return image_id(address) in _PLACEHOLDER_IDS or _PLACEHOLDER_PATH in address


def _host_and_id(address: str) -> tuple[str, str] | None:
    found = _ADDRESS_OF_AN_ID.match(address)
    if not found or not _ID.fullmatch(name := unquote(found[2])):
        return None
    return found[1], name
