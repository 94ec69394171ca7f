"""A small captioned build and a base that reads it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mmecinstruct.builder.folder import Folder
from tests.caslie.tuned import captioned_build, cook_in, save_base, tokenizer


@pytest.fixture(scope="session")
def dataset(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A captioned build of three tasks; to read only."""
    return captioned_build(corpora, tmp_path_factory.mktemp("fusion"))


@pytest.fixture(scope="session")
def base(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tied Llama; to read only."""
    return save_base(tmp_path_factory.mktemp("base") / "base", tokenizer(Folder(dataset)))


@pytest.fixture
def cook(tmp_path: Path, dataset: Path, base: Path) -> Callable[..., Path]:
    """Write a recipe over the two."""
    return cook_in(tmp_path, dataset, base)
