"""A small build of the sample, and recipes over it with models that need no weights."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mmecinstruct.builder import Request, build
from mmecinstruct.config import load_recipe
from mmecinstruct.sample import write_sample


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of three tasks of the sample; to read only."""
    root = tmp_path_factory.mktemp("built")
    write_sample(root / "corpora")
    build(load_recipe("sample"), Request(root / "corpora", root / "mmecinstruct", tasks=("ap", "prp", "sr"), limit=8))
    return root / "mmecinstruct"


@pytest.fixture
def cook(built: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write a recipe whose values are the usual ones but for those that are given."""

    def cook(name: str = "echo", **values: Any) -> Path:
        usual = {
            "name": name,
            "dataset": str(built),
            "captioner": {"model": {"uri": "echo/mixed", "batch": 4}},
            "judges": {"a": {"uri": "echo/hash", "batch": 4}, "b": {"uri": "echo/yes"}, "c": {"uri": "echo/no"}},
            "lineups": {"single": ["a"], "mv3": ["a", "b", "c"]},
            "lineup": "mv3",
            "run": str(tmp_path / "runs" / name),
        }
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(usual | values))
        return path

    return cook
