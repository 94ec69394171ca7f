"""Which rows predictions answer: `about.json` beside them tells it, and the dataset's digest proves it."""

from dataclasses import dataclass
from pathlib import Path

from caslie.datasets import open_dataset
from caslie.errors import StageError
from caslie.evaluation.reading import AGAIN
from caslie.inference.provenance import ABOUT, MODES
from caslie.strict_json import loads
from mmecinstruct.builder.captioned import content_digest
from mmecinstruct.builder.folder import Folder
from mmecinstruct.config import read
from mmecinstruct.errors import RecipeError

FOLDER = "predictions"
TOLD = ("dataset", "split", "adapter", "base", "variant", "prompt", "captions")


@dataclass(frozen=True, slots=True)
class Source:
    """The dataset that was predicted on: what it was opened by, its commit where it is on a Hub, and its content."""

    name: str
    commit: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """The frame of the prompts, and the hash of its text."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What was predicted on, a split of a dataset; by which adapter, in which frame, on which captions (a digest)."""

    dataset: Source
    split: str
    adapter: str | None = None
    base: str | None = None
    variant: str | None = None
    prompt: Prompt | None = None
    captions: str | None = None


def asked_of(out: Path) -> Asked:
    """Read which rows the predictions in OUT answer.

    Raises:
        StageError: OUT does not tell.
    """
    path = out / ABOUT
    try:
        about = loads(path.read_text(encoding="utf-8"))
        told = {key: about[key] for key in TOLD if key in about} if isinstance(about, dict) else about
        return read(Asked, told, str(path))
    except (FileNotFoundError, NotADirectoryError) as error:
        if any(out.glob("*.jsonl")):
            raise StageError(f"{path}: is missing, and tells which rows these predictions answer; {AGAIN}") from error
        raise StageError(f"{out}: no predictions here; `caslie predict` makes such a folder") from error
    except (OSError, ValueError) as error:
        raise StageError(f"{path}: cannot be read ({' '.join(str(error).split())}); {AGAIN}") from error
    except RecipeError as error:
        raise StageError(f"{error}; {AGAIN}") from error


def predictions_in(place: Path) -> Path | None:
    """The folder of predictions that a place is, or that a run has; None where it is a model, or nothing yet."""
    if (place / ABOUT).is_file() or any(any(place.glob(f"*.{mode}.jsonl")) for mode in MODES):
        return place
    return place / FOLDER if (place / FOLDER / ABOUT).is_file() else None


def run_of(out: Path) -> Path:
    """The run that predictions are part of; their own folder where they are of none."""
    if out.name == FOLDER:
        return out.parent
    return out.resolve().parent if out.resolve().name == FOLDER else out


def open_asked(out: Path, data: str | None = None) -> tuple[Folder, str]:
    """Open the dataset that predictions answer, by the name that is given or else by what they tell; and that name.

    Raises:
        StageError: it was a folder, which is not where it was.
        OutputError: it cannot be had.
    """
    source = asked_of(out).dataset
    if data:
        return open_dataset(data), data
    if source.commit:
        name = f"{source.name}@{source.commit}"
        return open_dataset(name), name
    # A run may have been moved, or named from another folder.
    there = [place for place in (Path(source.name), run_of(out) / "dataset") if place.is_dir()]
    if not there:
        raise StageError(f"{out}: answers {source.name}, which is not here; name the dataset: --data")
    return open_dataset(str(there[0])), str(there[0])


def refuse_other_captions(out: Path, folder: Folder) -> None:
    """Refuse a dataset of the same rows with captions or verdicts that the model did not read.

    Raises:
        StageError: it is such a one.
    """
    read = asked_of(out).captions
    if read is not None and read != folder.manifest.get("captions", {}).get("columns"):
        raise StageError(f"{out}: its captions are others than those of {folder.out}; give that dataset by --data")


def split_of(out: Path, folder: Folder) -> str:
    """Which split of this dataset the predictions in OUT answer.

    Raises:
        StageError: it holds other rows than those that were predicted on.
    """
    asked, here = asked_of(out), content_digest(folder)
    source = asked.dataset
    if source.digest != here:
        raise StageError(
            f"{out}: answers {source.name} (content {source.digest[:12]}), not {folder.out} (content {here[:12]});"
            " give that dataset by --data, or predict again"
        )
    return asked.split
