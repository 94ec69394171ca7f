"""A dress rehearsal: the same push, against a Hub that exists for as long as it takes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from caslie.errors import PushError
from caslie.publish.model import FETCHED

# What would lead the clients to another Hub, to what they hold of one, or keep them from asking.
ELSEWHERE = (
    "HF_HUB_CACHE",
    "HF_DATASETS_CACHE",
    "HF_XET_CACHE",
    "HF_HUB_OFFLINE",
    "HF_DATASETS_OFFLINE",
    "HF_TOKEN_PATH",
)


def rehearse(arguments: Sequence[str], namespace: str, known: Mapping[str, str]) -> None:
    """Run `caslie-push` with these arguments and clean caches against a throw-away Hub on this machine.

    `known` are variables that tell what is on the Hub at hand.

    Raises:
        PushError: the push failed; what it said stands above.
    """
    from huggingface_hub.constants import HF_HUB_CACHE

    from caslie.localhub.background import start, stop
    from caslie.localhub.orders import Order
    from caslie.localhub.storage.accounts import new_token

    with tempfile.TemporaryDirectory(prefix="caslie-rehearsal-") as folder:
        token = new_token()
        started = start(Order(Path(folder, "hub"), "127.0.0.1", 0, (f"{namespace}:{token}",), ()))
        here = {
            FETCHED: HF_HUB_CACHE,
            "HF_ENDPOINT": started.running.endpoint,
            "HF_TOKEN": token,
            "HF_HOME": str(Path(folder, "huggingface")),
        }
        env = {name: value for name, value in os.environ.items() if name not in ELSEWHERE} | here | dict(known)
        try:
            done = subprocess.run([sys.executable, "-P", "-m", "caslie.push", *arguments], env=env, check=False)
        finally:
            stop(Path(folder, "hub"))
    if done.returncode:
        raise PushError("the rehearsal failed, for the reason above; nothing was published")
