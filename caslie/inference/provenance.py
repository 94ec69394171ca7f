"""What is wanted of a checkpoint, and `about.json`: all that decides the predictions that lie beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args

from caslie.errors import StageError
from caslie.inference.asking import sha256
from caslie.inference.checkpoints import Checkpoint
from caslie.inference.writing import write_whole
from caslie.schema import Mode, Variant
from mmecinstruct.builder.captioned import content_digest
from mmecinstruct.builder.folder import Folder

ABOUT = "about.json"
MODES: tuple[Mode, ...] = get_args(Mode)
LIBRARIES = ("torch", "transformers", "peft", "tokenizers")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be answered, and how.

    `dataset` is the data's name on a Hub, where the folder is a copy of it; no `configs` mean all that have the split;
    `variant`, `batch` and `device` instead of the checkpoint's own.
    """

    configs: tuple[str, ...] = ()
    split: str = "test"
    modes: tuple[str, ...] = MODES
    variant: Variant | None = None
    n_tokens: int = 16  # most new ones; the authors' code allows 100
    batch: int | None = None
    device: str | None = None
    dataset: str | None = None


def about(checkpoint: Checkpoint, identity: str, folder: Folder, variant: Variant, wanted: Wanted) -> dict[str, Any]:
    """All that decides the predictions, and the libraries that made them."""
    frame = checkpoint.reader.frame
    return {
        "checkpoint": identity,
        "adapter": checkpoint.adapter.name if checkpoint.adapter else None,
        "base": checkpoint.base.name,
        "prompt": {"name": frame.name, "sha256": sha256(frame.source)},
        "variant": variant,
        "budget": checkpoint.budget,
        "tokens": wanted.n_tokens,
        "split": wanted.split,
        "dataset": {
            "name": wanted.dataset or str(folder.out),
            "commit": folder.commit,
            "digest": content_digest(folder),
        },
        "captions": folder.manifest["captions"]["columns"] if variant != "text" else None,
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def settle(out: Path, now: Mapping[str, Any], restart: bool) -> None:
    """Say in OUT whose predictions it holds.

    Raises:
        StageError: it holds those of another checkpoint, and they are not to be thrown away; or cannot be written.
    """
    if restart:
        for path in [*out.glob("*.generate.jsonl"), *out.glob("*.score.jsonl"), *out.glob(ABOUT)]:
            path.unlink()
    was = _read_about(out)
    for name, value in now.items():
        then, here = _deciding(was.get(name)), _deciding(value)
        if was and name != "libraries" and then != here:
            told = f"{then} then, {here} now"
            advice = "`caslie predict` takes another --out, or --restart"
            raise StageError(f"{out}: holds predictions with another {name}: {told}; {advice}")
    write_whole(out / ABOUT, [json.dumps(dict(now), indent=1, ensure_ascii=False)])


def is_of_another(out: Path, identity: str, folder: Folder) -> bool:
    """Tell whether OUT holds predictions of another checkpoint (in whatever numbers it ran) or other rows."""
    was = _read_about(out)
    if not was:
        return False
    same_model = str(was.get("checkpoint")).rpartition(" ")[0] == identity
    return not same_model or _deciding(was.get("dataset")) != content_digest(folder)


def _read_about(out: Path) -> dict[str, Any]:
    path = out / ABOUT
    if not path.is_file():
        return {}
    try:
        was = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StageError(f"{path}: cannot be read; name another --out, or --restart") from error
    if not isinstance(was, dict):
        raise StageError(f"{path}: says nothing of predictions; name another --out, or --restart")
    return was


def _deciding(value: object) -> object:
    """What decides of what is told: of a dataset and a frame their content, by whatever name."""
    return value.get("digest", value.get("sha256")) if isinstance(value, dict) else value
