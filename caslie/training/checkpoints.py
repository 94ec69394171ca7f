"""The checkpoints of a run: those that were saved whole, and what a kill left half-written."""

import json
import re
from pathlib import Path
from shutil import rmtree

NAMED = re.compile(r"checkpoint-(\d+)")
# What the trainer writes last; nothing of a checkpoint is missing where this can be read.
LAST = "trainer_state.json"


def last_whole(directory: Path) -> Path | None:
    """The newest checkpoint that is whole; newer ones that are not are deleted."""
    found = [path for path in directory.glob("checkpoint-*") if NAMED.fullmatch(path.name) and path.is_dir()]
    for path in sorted(found, key=_step, reverse=True):
        if _is_whole(path):
            return path
        rmtree(path)
    return None


def _step(path: Path) -> int:
    return int(path.name.partition("-")[2])


def _is_whole(path: Path) -> bool:
    try:
        state = json.loads((path / LAST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(state, dict) and state.get("global_step") == _step(path)
