"""Which server serves a Hub's folder, if one does: `server.json`, locked by the very process that it names."""

import fcntl
import ipaddress
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from caslie.localhub.storage.objects import keep, unfinished_file

FILE = "server.json"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs."""

    pid: int
    host: str
    port: int

    @property
    def endpoint(self) -> str:
        """What clients on this machine take as `HF_ENDPOINT`."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


@contextmanager
def announced(root: Path, unfinished: Path, running: Running) -> Iterator[None]:
    """Let others know of this server, for as long as the block and the process last."""
    path = root / FILE
    with unfinished_file(unfinished) as file:
        # What a killed server left is locked by nobody, so its number, a stranger's by now, is never taken for it.
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps(asdict(running)).encode())
        keep(file, path)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def find_running(root: Path) -> Running | None:
    """The server of a Hub's folder; None where none runs, whatever a killed one left."""
    try:
        with (root / FILE).open(encoding="utf-8") as file:
            return Running(**json.load(file)) if _is_locked(file.fileno()) else None
    except (FileNotFoundError, NotADirectoryError):
        return None


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches a host."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
