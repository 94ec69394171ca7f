"""Recipes of the framework: which dataset, captioner and judges, and how they vote (paper, section 4 and C.2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from caslie.backends import Model
from mmecinstruct.config import load, recipes_folder
from mmecinstruct.errors import RecipeError, UnknownNameError

ALWAYS = "uia"  # "use it always" (Table 6): no judge is asked
MOST_TOKENS = 4096
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Captioner:
    """EC3 (paper, section 4.1)."""

    model: Model
    # The task's words with the sample's text, the plain request that is the same for all, or the picture alone, which
    # is all that BLIP-2 takes ("context-free", C.1).
    context: Literal["task", "plain", "none"] = "task"
    tokens: int = 128  # most new tokens; the authors' code has 128 for every captioner

    def __post_init__(self) -> None:
        """Refuse a caption of no length."""
        if not 0 < self.tokens <= MOST_TOKENS:
            raise RecipeError(f"captioners: tokens must be 1 to {MOST_TOKENS}, not {self.tokens}")


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides captions and votes, apart from the dataset's rows and the templates.

    Captioners and judges have names; `captioner` is the one that is asked, and a lineup names some of the judges, the
    cheapest first. `votes` says whether a judge's words are weighed in one pass, and written only in doubt, or always
    written and read. Answers are kept in `run`.
    """

    name: str
    dataset: str
    captioners: Mapping[str, Captioner]
    captioner: str
    judges: Mapping[str, Model] = field(default_factory=dict)
    lineups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lineup: str = "mv5"  # "majority voting ... of five models" (4.2)
    votes: Literal["weigh", "write"] = "weigh"
    early_stop: bool = True
    revision: str | None = None
    run: str | None = None

    def __post_init__(self) -> None:
        """Refuse a lineup that nobody described, and a judge that nobody named."""
        if not NAME.fullmatch(self.name):
            raise RecipeError(f"name must be letters, digits, dots and hyphens, not {self.name[:70]!r}")
        if not self.dataset.strip() or "\0" in self.dataset + (self.run or ""):
            raise RecipeError("dataset and run must be the names of folders, or dataset of one on a Hub")
        if ALWAYS in self.lineups:
            raise RecipeError(f"lineup {ALWAYS} is always there, and asks no judge; give yours another name")
        for lineup, names in self.lineups.items():
            for name in names:
                if name not in self.judges:
                    raise UnknownNameError(f"judge of lineup {lineup}", name, self.judges)
            if not names or len(set(names)) < len(names):
                raise RecipeError(f"lineup {lineup}: name each of its judges once, and at least one")
        self.judges_of(self.lineup)
        if self.captioner not in self.captioners:
            raise UnknownNameError("captioner", self.captioner, self.captioners)

    def judges_of(self, lineup: str) -> tuple[str, ...]:
        """The judges of a lineup, in the order in which they are asked; none if captions are always used."""
        if lineup == ALWAYS:
            return ()
        if lineup not in self.lineups:
            raise UnknownNameError("lineup", lineup, [ALWAYS, *self.lineups])
        return self.lineups[lineup]

    @property
    def ec3(self) -> Captioner:
        """The captioner that is asked."""
        return self.captioners[self.captioner]

    @property
    def run_dir(self) -> Path:
        """Where the answers are kept."""
        return Path(self.run) if self.run else Path("runs") / self.name


def load_recipe(name: str) -> Recipe:
    """Read a recipe by path, or by the name of one that comes with the package.

    Raises:
        RecipeError: there is no such recipe, or it says something that is not understood.
    """
    try:
        return load(Recipe, name, recipes_folder())
    except UnknownNameError as error:
        raise RecipeError(f"{name}: {error}") from error
