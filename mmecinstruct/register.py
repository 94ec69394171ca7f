"""`load_dataset("mmecinstruct", ...)`: our builder among those that come with `datasets`.

`datasets` has no entry points, so its table of packaged builders gets one more row, and the factory that would search
the working directory for data files is told that this one needs none. `datasets` takes a second to import: if it is
not there yet, this waits until somebody imports it.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

NAME = "mmecinstruct"


def register_with_datasets() -> None:
    """Register now if `datasets` is loaded, else as soon as it is."""
    if "datasets" in sys.modules:
        _register()
    elif not any(isinstance(finder, _AfterDatasets) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AfterDatasets())


class _AfterDatasets(importlib.abc.MetaPathFinder):
    """Finds `datasets` as anybody would, and registers our builder once it is loaded."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "datasets":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Registering(spec.loader)
        return spec


class _Registering(importlib.abc.Loader):
    """The loader of `datasets`, with one step more."""

    def __init__(self, loader: importlib.abc.Loader) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        _register()


def _register() -> None:
    from datasets import load
    from datasets.packaged_modules import _PACKAGED_DATASETS_MODULES

    factory = load.PackagedDatasetModuleFactory
    if NAME in _PACKAGED_DATASETS_MODULES:
        return
    _PACKAGED_DATASETS_MODULES[NAME] = ("mmecinstruct.loading", "")
    original = factory.get_module

    def get_module(self: Any) -> Any:
        if self.name != NAME or self.data_files is not None:
            return original(self)
        if not self.data_dir and _is_dataset(Path(NAME)):
            return load.LocalDatasetModuleFactory(NAME, download_mode=self.download_mode).get_module()
        from mmecinstruct.loading import dataset_module

        return dataset_module(self.data_dir)

    factory.get_module = get_module


def _is_dataset(folder: Path) -> bool:
    """Tell whether a folder is a built or downloaded dataset: it wins, as it does without this package."""
    return (folder / "README.md").is_file() and (folder / "data").is_dir()
