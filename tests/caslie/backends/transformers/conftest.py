"""A tiny model of each family, drawn and saved once for all tests, and pictures that are really files."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.caslie.backends.transformers import families


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a family's model."""
    root = tmp_path_factory.mktemp("families")

    def folder(family: str) -> Path:
        place = root / family
        return place if place.exists() else families.save(family, place)

    return folder


@pytest.fixture(scope="session")
def photograph() -> Callable[[int], bytes]:
    """The bytes of a picture, each number another one, of another size."""

    def picture(number: int) -> bytes:
        draw = np.random.default_rng(number)
        width, height = draw.integers(40, 200, 2)
        file = BytesIO()
        Image.fromarray(draw.integers(0, 256, (height, width, 3), dtype=np.uint8)).save(file, "PNG")
        return file.getvalue()

    return picture
