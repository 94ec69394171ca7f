"""The two stages over a dataset, from a recipe to the columns `captions`, `caption_votes` and `caption_kept`."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from caslie.annotating import about, captioned, count_problems
from caslie.asking import Asked
from caslie.backends import Model, find
from caslie.captioning import Captions, caption, open_store
from caslie.cqe import Verdicts, judge, open_bench
from caslie.cqe.injection import Flips, flips
from caslie.datasets import open_dataset
from caslie.effort import Effort, note
from caslie.errors import StoreError
from caslie.recipe import Recipe
from caslie.store import Store
from caslie.walking import n_items
from mmecinstruct.builder.captioned import refuse_target, write_captioned

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What a stage did: how often it asked which model, and how many captions have which problem."""

    asked: dict[str, Asked]
    problems: dict[str, int]


def caption_all(recipe: Recipe, progress: Progress, *, restart: bool = False) -> Done:
    """Caption every picture of the recipe's dataset (EC3); with `restart`, those of this captioner anew.

    Raises:
        MmecError: the dataset, the captioner or the captions at hand cannot be used.
    """
    folder = open_dataset(recipe.dataset, recipe.revision)
    captioner = find(recipe.ec3.model)
    total = n_items(folder)
    with open_store(recipe, captioner, restart=restart) as store:
        asked = caption(folder, recipe.ec3, captioner, store, progress=lambda done: progress("captions", done, total))
    note(recipe.answers_dir, [_effort("caption", recipe.ec3.model, asked)])
    return Done({"captioner": asked}, dict(asked.problems))


def judge_all(recipe: Recipe, out: Path, progress: Progress, *, restart: bool = False) -> Done:
    """Let the recipe's lineup vote on every caption (CQE), and write the dataset with its captions to `out`.

    With `restart` these judges vote anew.

    Raises:
        MmecError: the dataset, a judge, or the answers at hand cannot be used.
    """
    folder = open_dataset(recipe.dataset, recipe.revision)
    refuse_target(folder, out)
    captioner = find(recipe.ec3.model)
    judges = {name: find(recipe.judges[name]) for name in recipe.judges_of(recipe.voting)}
    total = n_items(folder)
    with ExitStack() as stack:
        made = stack.enter_context(open_store(recipe, captioner, writes=False))
        _refuse_empty(made)
        captions = Captions(made, recipe.ec3)
        bench = open_bench(stack, recipe, judges, restart=restart)
        asked = judge(folder, captions, bench, recipe, lambda name, done: progress(name, done, total))
        verdicts = Verdicts(captions, bench, early_stop=recipe.early_stop)
        problems = count_problems(folder, verdicts)
        told = about(recipe, captioner, judges, problems)
        write_captioned(folder, out, lambda sample: captioned(verdicts, sample), told, progress)
    note(recipe.answers_dir, [_effort("judge", recipe.judges[name], one) for name, one in asked.items()])
    return Done(asked, dict(sum((Counter(one) for one in problems.values()), Counter())))


def inject(recipe: Recipe, n: int) -> tuple[Flips, ...]:
    """Try the recipe's judges on about `n` of its captions, with attacks planted.

    Raises:
        MmecError: as `judge_all` does.
    """
    folder = open_dataset(recipe.dataset, recipe.revision)
    captioner = find(recipe.ec3.model)
    judges = {name: find(recipe.judges[name]) for name in recipe.judges_of(recipe.voting)}
    with open_store(recipe, captioner, writes=False) as store:
        _refuse_empty(store)
        return tuple(flips(folder, Captions(store, recipe.ec3), judges, n, recipe.votes))


def _effort(stage: str, model: Model, asked: Asked) -> Effort:
    dollars = (asked.n_in * model.price_in + asked.n_out * model.price_out) / 1e6
    return Effort(stage, model.uri, asked.calls, asked.n_in, asked.n_out, asked.seconds, dollars)


def _refuse_empty(store: Store) -> None:
    if not len(store):
        raise StoreError(f"{store.path}: no captions yet; first run `caslie caption`")
