"""The process of a server in the background: `python -m caslie.localhub`, its order on stdin, its news on stdout."""

import json
import os
import sys
from pathlib import Path

from caslie.localhub.orders import Order, Started
from caslie.localhub.server import log_to_stderr, serve
from mmecinstruct.errors import MmecError

LOG = "server.log"


def main() -> None:
    """Serve apart from whoever called, and waits for the end of stdout."""
    order = Order.from_json(sys.stdin.read())
    if os.fork():
        os._exit(0)  # the server belongs to nobody who would have to wait for its end
    log_to_stderr()

    def ready(started: Started) -> None:
        _tell(started.to_json())  # if the caller is gone, nobody knows of this server, and it ends
        _log_into(order.root)

    try:
        serve(order, ready)
    except (MmecError, OSError) as error:
        _tell(json.dumps({"error": str(error)}))
        sys.exit(1)


def _tell(news: str) -> None:
    sys.stdout.write(news)
    sys.stdout.flush()


def _log_into(root: Path) -> None:
    """Let go of the caller's streams: from now on both are a file; the one of the run before is kept too."""
    path = root / LOG
    if path.exists():
        path.replace(root / f"{LOG}.1")
    with path.open("wb") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())


if __name__ == "__main__":
    main()
