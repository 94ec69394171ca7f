"""Where a trained adapter lies, and the very base that it was trained from."""

from pathlib import Path

from caslie.backends.transformers.identity import POCKET, Weights, find_weights, pocket_weights, weights_of
from caslie.errors import ModelError
from caslie.schema import Training
from caslie.training.adapter import FOLDER

BASES = "bases"


def adapter_in(directory: Path) -> Path:
    """The adapter of a run, or the folder itself."""
    inside = directory / FOLDER
    return inside if inside.is_dir() and not (directory / "adapter_config.json").exists() else directory


def base_of(training: Training, named: str | None) -> Weights:
    """Find the base: its commit on a Hub, a pocket model of its digest, or what `named` leads to.

    Raises:
        ModelError: it cannot be found, or `named` leads to another model.
    """
    if named:
        return _same(training, weights_of(named), named)
    if training.base_revision:
        return find_weights(f"{training.base_model}@{training.base_revision}")
    if pocket := pocket_of(training.base_digest):
        return pocket_weights(pocket)
    raise ModelError(
        f"{training.base_model}: the adapter was trained from a folder; say where that is:"
        " --base transformers/./folder"
    )


def pocket_of(digest: str) -> str | None:
    """The name of the pocket base that has these contents."""
    names = sorted(path.parent.relative_to(POCKET).as_posix() for path in (POCKET / BASES).glob("*/config.json"))
    return next((name for name in names if digest_of(pocket_weights(name)) == digest), None)


def digest_of(weights: Weights) -> str:
    """The hash of a model's files, where they lie in a folder."""
    return weights.name.partition("@")[2]


def _same(training: Training, found: Weights, named: str) -> Weights:
    if training.base_revision and found.revision == training.base_revision:
        return found
    here = find_weights(str(found.folder().resolve())) if found.revision else found
    if not training.base_digest or digest_of(here) != training.base_digest:
        at = f"@{training.base_revision}" if training.base_revision else ""
        raise ModelError(f"--base {named}: another model than {training.base_model}{at}, which the adapter is for")
    return found
