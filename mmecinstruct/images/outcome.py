"""What asking for a picture gives, and the rules of asking."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mmecinstruct.errors import RecipeError


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture. Its bytes are read from the store by their sha256."""

    sha256: str
    width: int
    height: int
    format: str


@dataclass(frozen=True, slots=True)
class Failure:
    """No picture, and why: a short snake_case reason that is counted in the manifest."""

    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A picture with the bytes to store; `kept` when they are the ones that came."""

    picture: Picture
    data: bytes
    kept: bool


@dataclass(frozen=True, slots=True)
class FetchRules:
    """What may be fetched, and how politely.

    Addresses come from data files and are hostile until checked; the rules come from the recipe and are trusted.
    `origins` sends the requests for a host to a mirror or a stand-in (`{"m.media-amazon.com": "http://127.0.0.1:8000"}`):
    only what is named there may be plain http, another port, or an address that is not public.
    """

    # Amazon's image hosts (sources.md, 4.5) with their European sister.
    hosts: tuple[str, ...] = (
        "m.media-amazon.com",
        "images-na.ssl-images-amazon.com",
        "images-eu.ssl-images-amazon.com",
        "images-cn.ssl-images-amazon.cn",
    )
    enabled: bool = False
    connections: int = 16  # ours: enough for 10 a second while one answer takes up to 1.6 s
    per_second: float = 10  # "At 10 req/s (polite) 75K products take ~2 h" (sources.md, 4.3)
    timeout_s: float = 20  # ours, for one whole request: twice img2dataset's 10 s (sources.md, 4.4)
    max_bytes: int = 5 * 1024 * 1024  # camo's 5 MB (sources.md, 4.5)
    max_redirects: int = 4  # camo's 4 (sources.md, 4.5)
    retries: int = 3  # ours; img2dataset makes none (sources.md, 4.4)
    backoff_s: float = 1  # ours: 1, 2, 4 s
    max_wait_s: float = 60  # ours: the longest `Retry-After` that is obeyed
    origins: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse numbers that no fetch could obey."""
        for name in ("connections", "per_second", "timeout_s", "max_bytes"):
            if getattr(self, name) <= 0:
                raise RecipeError(f"fetch.{name} must be more than 0, not {getattr(self, name)}")
        for name in ("max_redirects", "retries", "backoff_s", "max_wait_s"):
            if getattr(self, name) < 0:
                raise RecipeError(f"fetch.{name} must not be negative, not {getattr(self, name)}")
