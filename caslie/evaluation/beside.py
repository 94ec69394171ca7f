"""Scores beside the adapter that they are of, where its card is made from them."""

from dataclasses import dataclass
from pathlib import Path

from caslie.evaluation.provenance import Asked, asked_of
from caslie.inference.asking import sha256
from caslie.inference.fetching import Files, adapter_files
from caslie.inference.frames import choose_frame
from caslie.records import TRAINING, read_training
from caslie.schema import Mode
from caslie.training.adapter import FOLDER


@dataclass(frozen=True, slots=True)
class Beside:
    """The adapter of the run that predictions lie in, and why its card does not tell their scores, if it does not."""

    adapter: Path
    reason: str


def beside(out: Path, mode: Mode) -> Beside | None:
    """Find the adapter of the run that the predictions in OUT lie in; None where that has none of ours.

    Raises:
        MmecError: the records of the two cannot be read.
    """
    adapter = out.resolve().parent / FOLDER
    files = adapter_files(str(adapter))
    if files is None or not (adapter / TRAINING).is_file():
        return None
    return Beside(adapter, _reason(files, asked_of(out), mode))


def _reason(files: Files, asked: Asked, mode: Mode) -> str:
    if asked.adapter != files.name:
        return "these are predictions of another"
    if mode != "generate":
        return "its card tells what it generates"
    return "" if _as_tuned(files, asked) else "it was asked otherwise than it was tuned"


def _as_tuned(files: Files, asked: Asked) -> bool:
    source = choose_frame(None, files, str(files.folder)).source
    same_words = asked.prompt is not None and asked.prompt.sha256 == sha256(source)
    return same_words and asked.variant == read_training(files.folder).variant
