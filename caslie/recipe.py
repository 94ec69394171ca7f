"""Recipes of the framework: dataset, captioner, judges and their votes, and what is tuned how (paper, 4, C.2, D)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from caslie.backends import Model
from caslie.schema import Variant
from mmecinstruct.config import load, recipes_folder
from mmecinstruct.errors import RecipeError, UnknownNameError
from mmecinstruct.tasks import TASKS

ALWAYS = "uia"  # "use it always" (Table 6): no judge is asked
MOST_TOKENS = 4096
BUDGET = 2048  # most tokens of a prompt with its answer; the "cutoff" of ECInstruct's finetune.sh
# "all the projection layers and the language modeling head" (App. D)
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head")
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
class Base:
    """The model that uniM3 is tuned from (paper, section 4.3).

    `name` is its name on a Hub, where `model` is a folder or a pocket model: an adapter is of no use to others without
    it. `prompt` is the frame of its prompts, a file of templates/prompts.
    """

    model: Model
    name: str | None = None
    prompt: str = "alpaca"
    four_bit: bool = False  # frozen weights in 4 bits, by bitsandbytes


@dataclass(frozen=True, slots=True)
class LoraShape:
    """The adapter's shape."""

    r: int = 16  # App. D
    alpha: int = 16  # App. D
    dropout: float = 0.1  # ECInstruct's finetune.sh; the paper does not say
    targets: tuple[str, ...] = TARGETS

    def __post_init__(self) -> None:
        """Refuse an adapter of no size."""
        if self.r < 1 or self.alpha < 1 or not 0 <= self.dropout < 1 or not self.targets:
            raise RecipeError("lora: r and alpha must be 1 or more, dropout from 0 to below 1, and targets named")


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a run, apart from the dataset's rows and the templates.

    Captioners and judges have names; `captioner` is the one that is asked, and a lineup names some of the judges, the
    cheapest first. `votes` says whether a judge's words are weighed in one pass, and written only in doubt, or always
    written and read. What a run makes lies in `run`; captions and votes in `answers`, which many runs may share.

    `base` is tuned on the train splits of `tasks` (all of them, if none is named), on the captions that `variant`
    names, `batch` rows a step on however many devices. `train` holds TRL's own arguments, by their own names.
    """

    name: str
    dataset: str
    captioners: Mapping[str, Captioner]  # the first is the main one: others are ablations (Table A3)
    captioner: str
    judges: Mapping[str, Model] = field(default_factory=dict)
    lineups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lineup: str = "mv5"  # "majority voting ... of five models" (4.2)
    votes: Literal["weigh", "write"] = "weigh"
    early_stop: bool = True
    revision: str | None = None
    run: str | None = None
    answers: str | None = None
    base: Base | None = None
    variant: Variant = "caslie"
    tasks: tuple[str, ...] = ()
    batch: int = 128  # "a batch size of 128" (App. D)
    lora: LoraShape = LoraShape()
    train: Mapping[str, Any] = field(default_factory=dict)
    size: Literal["S", "M", "L"] | None = None  # which of the paper's three a report shows it beside

    def __post_init__(self) -> None:
        """Refuse a lineup that nobody described, and a judge that nobody named."""
        if not NAME.fullmatch(self.name):
            raise RecipeError(f"name must be letters, digits, dots and hyphens, not {self.name[:70]!r}")
        if not self.dataset.strip() or "\0" in self.dataset + (self.run or "") + (self.answers or ""):
            raise RecipeError("dataset, run and answers must be the names of folders, or dataset of one on a Hub")
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
        for task in self.tasks:
            TASKS[task]
        if self.batch < 1:
            raise RecipeError(f"batch must be 1 or more, not {self.batch}")
        if not isinstance(self.budget, int) or isinstance(self.budget, bool) or self.budget < 1:
            raise RecipeError(f"train: max_length must be a number of tokens, not {self.budget!r}")

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

    def learns(self, task: str) -> bool:
        """Whether the model is tuned on a task, by its full name: on all of them, if the recipe names none."""
        return not self.tasks or task in {TASKS[name].name for name in self.tasks}

    @property
    def voting(self) -> str:
        """The lineup that votes in this run: none where every caption is used, whatever `lineup` says."""
        return ALWAYS if self.variant == "uia" else self.lineup

    @property
    def budget(self) -> int:
        """The most tokens of a prompt with its answer."""
        found: int = self.train.get("max_length", BUDGET)
        return found

    @property
    def run_dir(self) -> Path:
        """Where what the run makes is kept."""
        return Path(self.run) if self.run else Path("runs") / self.name

    @property
    def answers_dir(self) -> Path:
        """Where captions and votes are kept, under the hashes of their questions."""
        return Path(self.answers) if self.answers else self.run_dir

    @property
    def tuned(self) -> Base:
        """The base.

        Raises:
            RecipeError: the recipe names none.
        """
        if self.base is None:
            raise RecipeError(f"recipe {self.name} names no base to tune; extend one that does, such as caslie-m")
        return self.base


def load_recipe(name: str) -> Recipe:
    """Read a recipe by path, or by the name of one that comes with the package.

    Raises:
        RecipeError: there is no such recipe, or it says something that is not understood.
    """
    try:
        return load(Recipe, name, recipes_folder(), ("*.yaml", "ablations/*.yaml"))
    except UnknownNameError as error:
        raise RecipeError(f"{name}: {error}") from error
