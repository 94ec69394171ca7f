"""Reads a task's YAML as both harnesses document it: `include` is merged in, `!function module.name` is looked up."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml


def read(path: Path) -> dict[str, Any]:
    class Loader(yaml.SafeLoader):
        pass

    def function(_: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
        module, _, name = str(node.value).rpartition(".")
        return getattr(load(path.parent / f"{module}.py"), name)

    Loader.add_constructor("!function", function)
    config: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader)
    included = config.pop("include", None)
    return (read(path.parent / included) if included else {}) | config


def load(path: Path) -> ModuleType:
    """Load a module by its file, outside of its package, as a harness does."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
