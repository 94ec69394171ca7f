"""What a training's folder is of: its settings, so that another training never goes on with it, and a lock."""

import dataclasses
import fcntl
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

from caslie.errors import StageError
from caslie.recipe import Recipe
from caslie.record_checks import is_private
from caslie.training.settings import fitted

ABOUT = "about.json"
LOCK = "lock"
# Arguments that change how a training runs, and not what comes of it.
HARMLESS = ("report_to", "logging_", "save_", "dataloader_", "per_device_", "gradient_checkpointing", "disable_tqdm")


def about(recipe: Recipe, fused: Mapping[str, Any]) -> dict[str, Any]:
    """All that decides the adapter, as it comes back from JSON."""
    deciding = {
        name: value
        for name, value in fitted(recipe.train).items()
        if not name.startswith(HARMLESS) and not is_private(name, value)
    }
    told = {
        **{f"fused {name}": value for name, value in fused.items() if name != "templates"},
        "templates": hashlib.sha256(json.dumps(fused.get("templates"), sort_keys=True).encode()).hexdigest()[:12],
        "tasks": recipe.tasks,
        "batch": recipe.batch,
        **{f"lora {name}": value for name, value in dataclasses.asdict(recipe.lora).items()},
        "four_bit": recipe.tuned.four_bit,
        "dtype": recipe.tuned.model.dtype,
        **deciding,
    }
    found: dict[str, Any] = json.loads(json.dumps(told, default=str))
    return found


def refuse_other(home: Path, out: Path, told: dict[str, Any]) -> None:
    """Refuse to go on with what was begun otherwise, or to take an adapter of unknown ways for this one's."""
    path = home / ABOUT
    if not path.is_file():
        if out.exists():
            raise StageError(f"{out}: nobody knows how it was trained, since {path} is gone; caslie train --restart")
        return
    try:
        then = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StageError(f"{path}: damaged; caslie train --restart begins anew") from error
    if not isinstance(then, dict):
        raise StageError(f"{path}: damaged; caslie train --restart begins anew")
    for name in dict.fromkeys([*told, *then]):
        if then.get(name) != told.get(name):
            change = f"{then.get(name)} then, {told.get(name)} now"
            raise StageError(
                f"{home}: trained with another {name}: {change}; take it back, name another --run,"
                " or caslie train --restart"
            )


def clear(home: Path, out: Path) -> None:
    """Throw a training away, but for the lock that is held on it."""
    for path in [out, *(path for path in home.iterdir() if path.name != LOCK)]:
        rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold a training's folder for as long as the context lasts.

    Raises:
        StageError: another training has it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StageError(f"{home}: another training is under way there; wait for its end, or stop it") from error
        yield
