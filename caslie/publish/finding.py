"""Which artifact a folder holds, and what a whole run holds."""

from collections.abc import Iterator
from pathlib import Path

from caslie.errors import PushError
from caslie.publish.artifact import Artifact
from caslie.publish.dataset import DatasetBuild
from caslie.publish.metrics import MetricsSpace
from caslie.publish.model import AdapterFolder
from caslie.publish.publication import Publication, decided

METRICS = "mmecinstruct-metrics"


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
    """Yield all that a run made, datasets before the models that name them, and the metrics; each with its repository.

    Raises:
        PushError: there is nothing to publish in it.
    """
    if not run.is_dir():
        raise PushError(f"{run}: no such folder")
    folders = sorted(path for path in (run, *run.iterdir()) if path.is_dir())
    builds = [path for path in folders if (path / "manifest.json").is_file()]
    adapters = [path for path in folders if (path / "adapter_config.json").is_file()]
    if not builds and not adapters:
        raise PushError(f"{run}: holds neither a build of mmecinstruct nor an adapter of caslie")
    for path in (*builds, *adapters):
        repository = f"{namespace}/{path.resolve().name}"
        yield repository, artifact_in(path, decided(path, repository, license if path in builds else None))
    yield f"{namespace}/{METRICS}", MetricsSpace(f"{namespace}/{METRICS}")
