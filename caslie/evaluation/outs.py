"""Folders of predictions: which configs they answer, in which modes, held against the dataset that is evaluated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from caslie.errors import StageError
from caslie.evaluation.answered import Answered, Parser, answered
from caslie.evaluation.provenance import split_of
from caslie.evaluation.reading import mode_of
from caslie.inference.provenance import MODES
from caslie.schema import Mode
from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class Out:
    """A folder of predictions on the rows of a dataset: the split, and a file by config and mode."""

    path: Path
    folder: Folder
    split: str
    files: Mapping[tuple[str, Mode], Path]

    def configs(self, mode: Mode, named: Sequence[str] = ()) -> list[str]:
        """The configs that are answered in a mode, in the dataset's order; only those that are named, if any are.

        Raises:
            MmecError: one that is named does not exist or is not answered, or none is.
        """
        if unknown := [config for config in named if config not in self.folder.configs]:
            raise UnknownNameError("config", unknown[0], self.folder.configs)
        there = [config for config in self.folder.configs if (config, mode) in self.files]
        if not there:
            others = sorted({one for _, one in self.files})
            hint = f", or look at --mode {others[0]}" if others else ""
            told = f"holds no predictions of mode {mode}; first run `caslie predict --mode {mode}`{hint}"
            raise StageError(f"{self.path}: {told}")
        if lacking := [config for config in named if config not in there]:
            told = f"no {mode} predictions for {lacking[0]}; run `caslie predict --config {lacking[0]}`"
            raise StageError(f"{self.path}: {told}")
        return [config for config in there if not named or config in named]

    def need(self, config: str, mode: Mode, parser: Parser = "grammar") -> Answered:
        """The answers to a config beside its rows.

        Raises:
            StageError: they are damaged, or answer other rows.
        """
        return answered(self.folder, config, self.split, self.files[config, mode], parser)

    def answered(self, config: str, mode: Mode, parser: Parser = "grammar") -> Answered | None:
        """The same, or None where a config was not asked in this mode."""
        return self.need(config, mode, parser) if (config, mode) in self.files else None


def open_out(folder: Folder, path: Path) -> Out:
    """Open a folder of predictions.

    Raises:
        MmecError: it holds none, answers another dataset, or has a file that belongs to no config.
    """
    split = split_of(path, folder)
    files: dict[tuple[str, Mode], Path] = {}
    for file in sorted(path.glob("*.jsonl")):
        mode = mode_of(file)
        config = file.name.removesuffix(f".{mode}.jsonl")
        if config not in folder.configs:
            raise StageError(f"{file}: {UnknownNameError('config', config, folder.configs)}; move it elsewhere")
        files[config, mode] = file
    return Out(path, folder, split, files)


def other_mode(mode: Mode) -> Mode:
    """The mode that a mode's answers are held against."""
    return next(one for one in MODES if one != mode)
