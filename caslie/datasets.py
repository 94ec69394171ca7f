"""A dataset to caption, to judge or to train on, by its name: a folder that was built, or a dataset on a Hub."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from mmecinstruct.builder.captioned import restore
from mmecinstruct.builder.folder import Folder
from mmecinstruct.builder.plan import FORMAT
from mmecinstruct.errors import OutputError

ON_A_HUB = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")
BESIDE = ("README.md", "manifest.json", "leakage.json", "authors_captions.jsonl")


def open_dataset(name: str, revision: str | None = None) -> Folder:
    """Open a folder that was built, or else a dataset on a Hub: `user/name` or `user/name@revision`.

    What a Hub has is fetched once; `commit` tells which state of it that is. Without a network, it is the state that
    was fetched last.

    Raises:
        OutputError: there is no such dataset, or it is none that this version can read.
    """
    restore(Path(name))
    if Path(name).is_dir():
        if revision:
            raise OutputError(f"{name}: a folder has no revisions, so not {revision} either")
        folder = Folder(Path(name))
        _paths(folder, name)
        return folder
    named = ON_A_HUB.fullmatch(name)
    if not named:
        raise OutputError(f"{name}: no such folder, nor a dataset's name on a Hub, user/name or user/name@revision")
    if revision and named["revision"] not in (None, revision):
        raise OutputError(f"{name}: names another revision than {revision}")
    return _from_hub(named["repository"], revision or named["revision"])


def _from_hub(repository: str, revision: str | None) -> Folder:
    """Fetch the manifest, which tells whether this is a dataset of ours and of which files, and then those."""
    from huggingface_hub import hf_hub_download, snapshot_download

    manifest = _fetched(
        repository,
        revision,
        lambda: hf_hub_download(repository, "manifest.json", repo_type="dataset", revision=revision),
    )
    folder = Folder(manifest.parent, commit=manifest.parent.name)
    paths = _paths(folder, repository)
    patterns = [*BESIDE, *map(_literally, paths)]
    there = _fetched(
        repository,
        folder.commit,
        lambda: snapshot_download(repository, repo_type="dataset", revision=folder.commit, allow_patterns=patterns),
    )
    if lost := [path for path in paths if not (there / path).is_file()]:
        raise OutputError(f"{repository}: {lost[0]} is in its manifest.json, but cannot be had")
    return folder


def _fetched(repository: str, revision: str | None, fetch: Callable[[], str]) -> Path:
    """Where something of a Hub's dataset lies now; what goes wrong is told on one line."""
    from httpx2 import TransportError
    from huggingface_hub.errors import (
        LocalEntryNotFoundError,
        RemoteEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        return Path(fetch())
    except RepositoryNotFoundError as error:
        raise OutputError(f"{repository}: no such folder, nor a dataset on the Hub that you may read") from error
    except RevisionNotFoundError as error:
        raise OutputError(f"{repository}: has no revision {revision}") from error
    except RemoteEntryNotFoundError as error:
        raise OutputError(f"{repository}: has no manifest.json, so `mmecinstruct build` did not make it") from error
    except LocalEntryNotFoundError as error:
        raise OutputError(f"{repository}: no Hub can be reached, and not all of it was fetched before") from error
    except (OSError, ValueError, RuntimeError, TransportError) as error:  # RuntimeError: of hf_xet
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise OutputError(f"{repository}: cannot be fetched ({reason})") from error


def _paths(folder: Folder, name: str) -> list[str]:
    """The shards; a layout that this version does not know is refused, and files that are not inside the dataset."""
    layout = folder.manifest.get("format")
    if layout != FORMAT:
        raise OutputError(f"{name}: is of layout {layout!r}; this version reads layout {FORMAT}")
    paths = []
    for path in _named(folder.manifest):
        if not (isinstance(path, str) and _is_inside(path)):
            raise OutputError(f"{name}: manifest.json names the file {path!r}, which is none of a dataset's")
        paths.append(path)
    return paths


def _named(manifest: dict[str, Any]) -> Iterator[object]:
    for config in manifest["configs"].values():
        for split in config["splits"].values():
            yield from (file.get("path") if isinstance(file, dict) else file for file in split["files"])


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return parts[:1] == ("data",) and ".." not in parts and path.endswith(".parquet")


def _literally(path: str) -> str:
    """A pattern that only this path fits."""
    return re.sub(r"([*?\[])", r"[\1]", path)
