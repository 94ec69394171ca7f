"""Reading and writing `training.json` and `scores.json`: strict, since a card repeats what they say."""

import dataclasses
import json
import os
import tempfile
from pathlib import Path
from typing import Any, TypeVar

from caslie.errors import PushError
from caslie.record_checks import check_scores, check_training
from caslie.schema import Scores, Training
from caslie.strict_json import loads
from mmecinstruct.config import read
from mmecinstruct.errors import RecipeError

T = TypeVar("T", Training, Scores)

TRAINING = "training.json"
SCORES = "scores.json"
RECIPE = "recipe.yaml"


def read_training(directory: Path) -> Training:
    """Read what an adapter was trained from.

    Raises:
        PushError: it is missing, or holds what no card should repeat.
    """
    where = directory / TRAINING
    training = _record(Training, where)
    check_training(training, str(where))
    return training


def read_scores(directory: Path) -> Scores | None:
    """Read what was measured; None where nothing was.

    Raises:
        PushError: it cannot be read, or a number in it cannot be.
    """
    where = directory / SCORES
    if not where.exists():
        return None
    scores = _record(Scores, where)
    check_scores(scores, str(where))
    return scores


def write_training(directory: Path, training: Training) -> None:
    """Write `training.json`, whole or not at all."""
    check_training(training, TRAINING)
    _write(directory / TRAINING, training)


def write_scores(directory: Path, scores: Scores) -> None:
    """Write `scores.json`, whole or not at all."""
    check_scores(scores, SCORES)
    _write(directory / SCORES, scores)


def to_json(record: Training | Scores) -> bytes:
    """A record as it stands in its file."""
    return (json.dumps(dataclasses.asdict(record), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def load_json(path: Path) -> Any:
    """Read JSON as the standard has it: no NaN, no key twice, no half characters.

    Raises:
        PushError: it is missing or something else.
    """
    try:
        content = loads(path.read_text(encoding="utf-8"))
        json.dumps(content, ensure_ascii=False).encode()  # lone surrogates would fail later, in the card
    except FileNotFoundError as error:
        raise PushError(f"{path}: no such file; training an adapter writes it") from error
    except (OSError, ValueError) as error:
        raise PushError(f"{path}: not JSON: {' '.join(str(error).split())}") from error
    return content


def _record(kind: type[T], path: Path) -> T:
    try:
        return read(kind, load_json(path), str(path))
    except RecipeError as error:
        raise PushError(str(error)) from error


def _write(path: Path, record: Training | Scores) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(to_json(record))
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
