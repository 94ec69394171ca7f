"""Which artifact a folder holds, and what a whole run holds."""

from collections.abc import Iterator
from pathlib import Path

from caslie.errors import PushError
from caslie.publish.artifact import Artifact
from caslie.publish.dataset import DatasetBuild
from caslie.publish.metrics import MetricsSpace
from caslie.publish.model import AdapterFolder
from caslie.publish.publication import Publication, decided
from caslie.publish.settling import has_its_rows, needs_dataset
from mmecinstruct.builder.folder import Folder

METRICS = "mmecinstruct-metrics"
MADE = {"adapter": "{run}", "dataset": "{run}-dataset"}  # what a run's folders are called on a Hub


def artifact_in(directory: Path, publication: Publication) -> DatasetBuild | AdapterFolder:
    """The build or the adapter that a folder holds.

    Raises:
        PushError: it holds neither.
    """
    if (directory / "manifest.json").is_file():
        return DatasetBuild(directory, publication)
    if (directory / "adapter_config.json").is_file():
        return AdapterFolder(directory, publication)
    raise PushError(f"{directory}: neither a build of mmecinstruct nor an adapter of caslie")


def artifacts_of(run: Path, namespace: str, license: str | None) -> Iterator[tuple[str, Artifact]]:
    """Yield what a run or a folder of runs holds, with its repository: datasets before the models that name them.

    The metrics come last.

    Raises:
        PushError: there is nothing to publish in it.
    """
    if not run.is_dir():
        raise PushError(f"{run}: no such folder")
    folders = list(_folders(run))
    builds = [path for path in folders if (path / "manifest.json").is_file()]
    adapters = [path for path in folders if (path / "adapter_config.json").is_file()]
    if not builds and not adapters:
        raise PushError(f"{run}: holds neither a build of mmecinstruct nor an adapter of caslie")
    datasets = {f"{namespace}/{_name(path)}": path for path in builds}
    for repository, path in datasets.items():
        yield repository, DatasetBuild(path, decided(path, repository, license))
    for path in adapters:
        repository = f"{namespace}/{_name(path)}"
        adapter = AdapterFolder(path, decided(path, repository, None))
        adapter.follows = _followed(adapter, datasets)
        yield repository, adapter
    yield f"{namespace}/{METRICS}", MetricsSpace(f"{namespace}/{METRICS}")


def _folders(run: Path) -> Iterator[Path]:
    """Where artifacts may lie: the folder itself, those in it, and in each of these the two of a run."""
    for path in sorted(path for path in (run, *run.iterdir()) if path.is_dir()):
        yield path
        if path != run:
            yield from (inside for name in MADE if (inside := path / name).is_dir())


def _name(path: Path) -> str:
    """A folder's name; the two that `caslie run` makes go by that of their run."""
    run, name = path.resolve().parent.name, path.resolve().name
    return MADE[name].format(run=run) if name in MADE else name


def _followed(adapter: AdapterFolder, datasets: dict[str, Path]) -> str | None:
    """The dataset, of those that are published too, whose commit an adapter must name."""
    if not needs_dataset(adapter.found):
        return None
    return next((name for name, path in datasets.items() if has_its_rows(Folder(path), adapter.found)), None)
