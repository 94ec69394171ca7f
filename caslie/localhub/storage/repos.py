"""All repositories of a Hub: which there are, what their owners set, and how one is made, moved and removed."""

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from caslie.localhub.errors import bad_request, conflict, gated, no_repo
from caslie.localhub.storage.accounts import Caller
from caslie.localhub.storage.git import MAIN, GitRepo
from caslie.localhub.storage.names import RepoId, RepoType, repo_id
from caslie.localhub.storage.objects import write_whole

SETTINGS = "hub.json"  # inside the bare repository, so that both move and vanish as one

Gate = Literal["auto", "manual"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What an owner decides; `gated` lets all see the repository, and only `admitted` users read its files."""

    created: str
    private: bool = False
    gated: Gate | None = None
    admitted: tuple[str, ...] = ()
    space_sdk: str | None = None


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository that is there."""

    id: RepoId
    path: Path
    settings: Settings

    def git(self) -> GitRepo:
        """Open its git half, for the thread at hand."""
        return GitRepo(self.path)

    def must_admit(self, caller: Caller) -> None:
        """Refuse the files of a gated repository to whom its owner has not let in."""
        if self.settings.gated is None or caller.may_read(self.id.namespace):
            return
        if caller.name is None or caller.name not in self.settings.admitted:
            raise gated(str(self.id), caller.name is not None)


class Repos:
    """The folder of all repositories; a repository is there or not there, never half."""

    def __init__(self, root: Path, unfinished: Path) -> None:
        self._root = root
        self._unfinished = unfinished

    def find(self, id: RepoId, caller: Caller) -> Repo:
        """A repository this caller may know of; both an absent and a hidden one are refused alike."""
        path = self._path(id)
        if not path.is_dir():
            raise no_repo(caller.name is not None)
        repo = Repo(id, path, _settings(path))
        if repo.settings.private and not caller.may_read(id.namespace):
            raise no_repo(caller.name is not None)
        return repo

    def list(self, type: RepoType, caller: Caller) -> Iterator[Repo]:
        """Yield the repositories of a type that this caller may know of, by name."""
        for path in sorted((self._root / f"{type}s").glob("*/*.git")):
            with suppress(FileNotFoundError):  # deleted or moved in this very moment
                repo = Repo(repo_id(type, path.parent.name, path.name.removesuffix(".git")), path, _settings(path))
                if not repo.settings.private or caller.may_read(repo.id.namespace):
                    yield repo

    def create(self, id: RepoId, private: bool = False, space_sdk: str | None = None) -> Repo:
        """Make a repository with one commit, as the real Hub does; its name must be free in any spelling."""
        if id.type is RepoType.SPACE and space_sdk not in ("static", "gradio", "docker", "streamlit"):
            raise bad_request("a Space needs an SDK: static, gradio, docker or streamlit")
        if self._taken(id):
            raise conflict(f"You already created this {id.type} repo: {id}")
        making = self._unfinished / f"{id.type}-{id.namespace}-{id.name}.git"
        shutil.rmtree(making, ignore_errors=True)
        GitRepo.create(making)
        git = GitRepo(making)
        git.start(f"refs/heads/{MAIN}", id.namespace)
        settings = Settings(datetime.now(UTC).isoformat(), private, space_sdk=space_sdk)
        self._write(making, settings)
        path = self._path(id)
        path.parent.mkdir(parents=True, exist_ok=True)
        making.rename(path)
        return Repo(id, path, settings)

    def change(self, repo: Repo, **changes: object) -> Repo:
        """Keep other settings."""
        settings = replace(repo.settings, **changes)  # type: ignore[arg-type]
        self._write(repo.path, settings)
        return replace(repo, settings=settings)

    def move(self, repo: Repo, to: RepoId) -> None:
        """Give a repository another name or namespace."""
        if self._taken(to):
            raise conflict(f"{to} exists already")
        path = self._path(to)
        path.parent.mkdir(parents=True, exist_ok=True)
        repo.path.rename(path)

    def delete(self, repo: Repo) -> None:
        """Take a repository away; contents that others may share stay."""
        gone = self._unfinished / f"deleted-{repo.id.type}-{repo.id.namespace}-{repo.id.name}.git"
        shutil.rmtree(gone, ignore_errors=True)
        repo.path.rename(gone)
        shutil.rmtree(gone)

    def _path(self, id: RepoId) -> Path:
        return self._root / f"{id.type}s" / id.namespace / f"{id.name}.git"

    def _taken(self, id: RepoId) -> bool:
        folder = self._path(id).parent
        return folder.is_dir() and any(path.name.lower() == f"{id.name}.git".lower() for path in folder.iterdir())

    def _write(self, path: Path, settings: Settings) -> None:
        write_whole(path / SETTINGS, json.dumps(asdict(settings), indent=1).encode(), self._unfinished)


def _settings(path: Path) -> Settings:
    content = json.loads((path / SETTINGS).read_text(encoding="utf-8"))
    return Settings(**(content | {"admitted": tuple(content["admitted"])}))
