"""A Hub's folder: who may use it, its repositories and its contents; one server at a time."""

import asyncio
import fcntl
import json
import shlex
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from caslie.errors import LocalHubError
from caslie.localhub.storage.accounts import Accounts
from caslie.localhub.storage.names import RepoId
from caslie.localhub.storage.objects import Objects, write_whole
from caslie.localhub.storage.repos import Repos

MARK = "hub.json"
FORMAT = 1


class Hub:
    """What a server serves.

    Raises:
        LocalHubError: the folder is something else, or cannot be written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.unfinished = self.root / "unfinished"
        _mark(self.root, self.unfinished)
        self.accounts = Accounts.read(self._accounts_path)
        self.objects = Objects(self.root / "objects", self.unfinished)
        self.repos = Repos(self.root / "repos", self.unfinished)
        # One writer at a time in each repository; readers never wait.
        self.writing: defaultdict[RepoId, asyncio.Lock] = defaultdict(asyncio.Lock)

    def keep_accounts(self) -> None:
        """Write the accounts, so that the next start knows them."""
        self.accounts.write(self._accounts_path, self.unfinished)

    @contextmanager
    def served(self) -> Iterator[None]:
        """Hold the folder for one server, and first take away what a killed one left unfinished."""
        with (self.root / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise LocalHubError(
                    f"{self.root}: another server is serving it; see caslie hub status {shlex.quote(str(self.root))}"
                ) from error
            shutil.rmtree(self.unfinished)
            self.unfinished.mkdir()
            for stale in (self.root / "repos").glob("*/*/*.git/**/*.lock"):
                stale.unlink()
            yield

    @property
    def _accounts_path(self) -> Path:
        return self.root / "accounts.json"


def _mark(root: Path, unfinished: Path) -> None:
    """Make the folder of a Hub, or make sure that it is one."""
    try:
        if root.exists() and any(root.iterdir()) and not (root / MARK).is_file():
            raise LocalHubError(f"{root}: holds something else than a Hub; name an empty or a new folder")
        unfinished.mkdir(parents=True, exist_ok=True)
        root.chmod(0o700)
        mark = json.dumps({"format": FORMAT}).encode()
        if not (root / MARK).is_file():
            write_whole(root / MARK, mark, unfinished)
        elif (root / MARK).read_bytes() != mark:
            raise LocalHubError(f"{root}: a Hub of another version of this software; serve it with that one")
    except OSError as error:
        raise LocalHubError(f"{root}: cannot hold a Hub ({error.strerror})") from error
