"""What `training.json` and `scores.json` must not say: what nobody could measure, repeat, or should know."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable

from caslie.errors import PushError
from caslie.schema import Lora, Revision, Score, Scores, Training

NAME = re.compile(r"\w[\w.@+-]*", re.ASCII)  # stands in code, paths and YAML as it is
COMMIT = re.compile(r"[0-9a-f]{40}")
DIGEST = re.compile(r"[0-9a-f]{64}")
SECRET = re.compile(r"hf_[A-Za-z0-9]{20,}")
PATH = re.compile(r"/|~|\.\.?/|[A-Za-z]:\\")
TOKENS = ("hub_token", "push_to_hub_token")  # TRL's own arguments


def check_training(training: Training, where: str) -> None:
    """Refuse a training that others could not repeat, or that tells what is private."""
    check_repository(training.base_model, f"{where}: base_model")
    if training.base_revision is not None:
        _check_commit(training.base_revision, f"{where}: base_revision")
    elif not DIGEST.fullmatch(training.base_digest):
        raise PushError(f"{where}: base_revision or base_digest must tell which weights of {training.base_model}")
    if training.dataset is not None:
        _check_revision(training.dataset, f"{where}: dataset")
    elif not DIGEST.fullmatch(training.dataset_digest):
        raise PushError(f"{where}: dataset or dataset_digest must tell which rows it was trained on")
    _check_names(training.configs, f"{where}: configs")
    _check_names(training.libraries, f"{where}: libraries")
    _check_lora(training.lora, f"{where}: lora")
    if training.rows < 1:
        raise PushError(f"{where}: rows must be more than 0, not {training.rows}")
    for name in ("best_epoch", "validation_loss"):
        value = getattr(training, name)
        if not 0 <= value < math.inf:
            raise PushError(f"{where}: {name} must be a number from 0 on, not {value}")
    for name, value in training.hyperparameters.items():
        if is_private(name, value):
            raise PushError(f"{where}: hyperparameters: {name!r} is a token or a path of this machine; leave it out")


def check_scores(scores: Scores, where: str) -> None:
    """Refuse a number that no measurement gives, and two for one thing."""
    if scores.dataset is not None:
        _check_revision(scores.dataset, f"{where}: dataset")
    if not DIGEST.fullmatch(scores.digest) and (scores.digest or scores.dataset is None):
        raise PushError(f"{where}: digest must be 64 hex digits, which tell the rows, not {scores.digest!r}")
    if not scores.results:
        raise PushError(f"{where}: no results; an adapter that was not evaluated has no such file, so delete it")
    for number, score in enumerate(scores.results):
        _check_score(score, f"{where}: results[{number}]")
    counts = Counter((one.config, one.split, one.metric) for one in scores.results)
    if twice := sorted(key for key, n in counts.items() if n > 1):
        raise PushError(f"{where}: {' '.join(twice[0])} is measured twice; keep one")
    tasks: dict[tuple[str, str], str] = {}
    for one in scores.results:
        # A model-index has one task a config and split: a second name would be lost there.
        if tasks.setdefault((one.config, one.split), one.task) != one.task:
            raise PushError(f"{where}: {one.config} {one.split} is scored as two tasks; give each its own config")


def check_repository(name: str, where: str) -> None:
    """Refuse what is no `namespace/name` of a Hub: a folder of this machine helps nobody else."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils._validators import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise PushError(f"{where}: {name!r} is no name on a Hub: {error}") from error
    if name.count("/") != 1 or not all(NAME.fullmatch(part) for part in name.split("/")):
        raise PushError(f"{where}: {name!r} is no name on a Hub; write namespace/name, not a path")


def _check_score(score: Score, where: str) -> None:
    _check_names((score.task, score.config, score.split, score.metric), where)
    if not 0 <= score.low <= score.value <= score.high <= 1:
        found = f"low {score.low}, value {score.value}, high {score.high}"
        raise PushError(f"{where}: expected 0 <= low <= value <= high <= 1, found {found}")
    if score.n < 1 or not 0 <= score.failed <= score.n:
        raise PushError(f"{where}: expected 0 <= failed <= n and n > 0, found failed {score.failed}, n {score.n}")


def _check_lora(lora: Lora, where: str) -> None:
    _check_names(lora.targets, f"{where}: targets")
    if lora.r < 1 or not 0 < lora.alpha < math.inf:
        raise PushError(f"{where}: r and alpha must be more than 0, not {lora.r} and {lora.alpha}")


def _check_revision(dataset: Revision, where: str) -> None:
    check_repository(dataset.repository, f"{where}: repository")
    _check_commit(dataset.revision, f"{where}: revision")


def _check_commit(revision: str, where: str) -> None:
    if not COMMIT.fullmatch(revision):
        raise PushError(f"{where}: expected a commit of 40 hex digits, found {revision!r}; a branch or tag can move")


def _check_names(names: Iterable[str], where: str) -> None:
    listed = list(names)
    if wrong := [name for name in listed if not NAME.fullmatch(name)]:
        raise PushError(f"{where}: {wrong[0]!r} is no name; letters, digits and . _ - @ + make one")
    if not listed:
        raise PushError(f"{where}: empty; name at least one")


def is_private(name: str, value: object) -> bool:
    """Tell a token, and a path of this machine: TRL's own arguments hold `hub_token` and `output_dir`."""
    if value is None:
        return False
    text = value if isinstance(value, str) else json.dumps(value)
    return name in TOKENS or PATH.match(text) is not None or SECRET.search(text) is not None
