"""A small build of the sample, and recipes over it with models that need no weights."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mmecinstruct.builder import Request, build
from mmecinstruct.config import load_recipe

MIXED = {"model": {"uri": "echo/mixed", "batch": 4}}


@pytest.fixture(scope="session")
def built(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of three tasks of the sample; to read only."""
    out = tmp_path_factory.mktemp("built") / "mmecinstruct"
    build(load_recipe("sample"), Request(corpora, out, tasks=("ap", "prp", "sr"), limit=8))
    return out


@pytest.fixture(scope="session")
def larger(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that the sample has of four tasks; to read only."""
    out = tmp_path_factory.mktemp("larger") / "mmecinstruct"
    build(load_recipe("sample"), Request(corpora, out, tasks=("ap", "cc", "mpc", "sa")))
    return out


@pytest.fixture
def cook(built: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write a recipe whose values are the usual ones but for those that are given."""

    def cook(name: str = "echo", captioner: Any = MIXED, **values: Any) -> Path:
        usual = {
            "name": name,
            "dataset": str(built),
            "captioners": {"echo": captioner},
            "captioner": "echo",
            "judges": {"a": {"uri": "echo/hash", "batch": 4}, "b": {"uri": "echo/yes"}, "c": {"uri": "echo/no"}},
            "lineups": {"single": ["a"], "mv3": ["a", "b", "c"]},
            "lineup": "mv3",
            "run": str(tmp_path / "runs" / name),
        }
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(usual | values))
        return path

    return cook
