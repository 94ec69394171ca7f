"""What our HTML pages share: text that cannot become markup, and no script or style but their own."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def environment(folder: Path) -> Environment:
    """The templates of a folder; titles, reviews and captions are hostile until they are escaped."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def csp_hash(text: str) -> str:
    """The name by which a page's Content-Security-Policy lets this script or style run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
