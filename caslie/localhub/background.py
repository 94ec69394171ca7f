"""A server in the background: started so that it outlives the terminal, found again, and stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from caslie.errors import LocalHubError
from caslie.localhub.orders import Order, Started
from caslie.localhub.running import Running, find_running

PATIENCE = 10.0  # seconds for a server to end when it is told to


def start(order: Order) -> Started:
    """Start a server in the background and wait until it answers.

    Raises:
        LocalHubError: it cannot be had like this.
    """
    ran = subprocess.run(
        # -P: the folder this is called from holds no code of ours. Tokens go through the pipe alone.
        [sys.executable, "-P", "-m", "caslie.localhub"],
        input=order.to_json(),
        stdout=subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if "TOKEN" not in name},
        start_new_session=True,
        text=True,
        check=False,
    )
    if not ran.stdout:
        raise LocalHubError("the server ended before it answered; what it said last stands above")
    answer = json.loads(ran.stdout)
    if "error" in answer:
        raise LocalHubError(answer["error"])
    return Started.from_json(ran.stdout)


def stop(root: Path) -> Running | None:
    """Stop the server of a Hub's folder, kindly if it listens; None where none runs."""
    running = find_running(root)
    if running is None:
        return None
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(running.pid, number)
        if _ended(root, running):
            return running
    raise LocalHubError(f"the server {running.pid} of {root} does not end")


def _ended(root: Path, running: Running) -> bool:
    deadline = time.monotonic() + PATIENCE
    while find_running(root) == running:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
