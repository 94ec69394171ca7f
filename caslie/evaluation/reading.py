"""Files of predictions, read strictly: a score over half of the rows, or over somebody else's, would be believed."""

from pathlib import Path

from caslie.errors import StageError
from caslie.inference.provenance import MODES
from caslie.schema import Mode, Prediction
from caslie.strict_json import loads
from mmecinstruct.config import read
from mmecinstruct.errors import RecipeError, UnknownNameError

AGAIN = "run `caslie predict` again"


def read_predictions(path: Path) -> tuple[Prediction, ...]:
    """Read `<config>.<mode>.jsonl`, whole or not at all.

    Raises:
        StageError: it is missing or empty, or the first line that is no prediction of this mode.
    """
    mode = mode_of(path)
    predictions = tuple(_prediction(line, mode, f"{path}:{n}") for n, line in enumerate(_lines(path), start=1))
    if not predictions:
        raise StageError(f"{path}: empty; {AGAIN}")
    first: dict[str, int] = {}
    for n, one in enumerate(predictions, start=1):
        if first.setdefault(one.id, n) != n:
            raise StageError(f"{path}:{n}: {one.id!r} is answered on line {first[one.id]} too; {AGAIN}")
    return predictions


def mode_of(path: Path) -> Mode:
    """The mode that a file's name tells.

    Raises:
        StageError: it tells none.
    """
    for mode in MODES:
        if path.name.endswith(f".{mode}.jsonl"):
            return mode
    expected = " or ".join(f"CONFIG.{mode}.jsonl" for mode in MODES)
    raise StageError(f"{path}: no file of predictions, {expected}; move it elsewhere")


def mode_named(name: str) -> Mode:
    """A mode by its name.

    Raises:
        UnknownNameError: there is none.
    """
    for mode in MODES:
        if mode == name:
            return mode
    raise UnknownNameError("mode", name, MODES)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n") if path.stat().st_size else []
    except FileNotFoundError as error:
        raise StageError(f"{path}: no such file; first run `caslie predict`") from error
    except (OSError, UnicodeDecodeError) as error:
        raise StageError(f"{path}: cannot be read ({error}); {AGAIN}") from error


def _prediction(line: str, mode: Mode, where: str) -> Prediction:
    try:
        prediction = read(Prediction, loads(line), where)
    except ValueError as error:
        raise StageError(f"{where}: not JSON: {' '.join(str(error).split())}; {AGAIN}") from error
    except RecipeError as error:
        raise StageError(f"{error}; {AGAIN}") from error
    if problem := _contradiction(prediction, mode):
        raise StageError(f"{where}: {problem}; {AGAIN}")
    return prediction


def _contradiction(one: Prediction, mode: Mode) -> str:
    """Tell what in a prediction cannot be, or nothing."""
    if one.mode != mode:
        return f"is of mode {one.mode}, in a file of mode {mode}"
    if one.problem:
        return "has a label although nothing was asked" if one.label is not None else ""
    if mode == "generate":
        return "has scores, but was generated" if one.scores is not None else ""
    if not one.scores:
        return "has no scores"
    if one.label is None or one.scores.get(one.label) != max(one.scores.values()):
        return f"its label {one.label!r} is not the best of its scores"
    return ""
