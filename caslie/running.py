"""A recipe from its dataset to scores, stage by stage; what is done is not done again."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from caslie import stages
from caslie.datasets import open_dataset
from caslie.errors import StageError
from caslie.evaluation import Evaluated, evaluate, scores_of
from caslie.fusion import fuse_all
from caslie.fusion.source import open_source
from caslie.fusion.stage import ABOUT, read_about
from caslie.fusion.stage import FOLDER as FUSED
from caslie.inference import Wanted, is_of_another, predict, trained_checkpoint
from caslie.recipe import Recipe
from caslie.records import SCORES, write_scores
from caslie.training import Trained, check, train_all

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Step:
    """A stage that is done: what it did in a line, and where that lies."""

    stage: str
    told: str
    place: Path


Tell = Callable[[Step], None]


def run_all(recipe: Recipe, progress: Progress, tell: Tell) -> tuple[Evaluated, ...]:
    """Do what is not done yet, stage by stage, and return the scores.

    Raises:
        MmecError: a stage's own reasons; the next run goes on from there.
    """
    check(recipe)  # hours of captions should not end in a misspelt argument
    _refuse_another_run(recipe)
    if recipe.variant != "text" and not open_dataset(recipe.dataset, recipe.revision).captioned:
        tell(_asked("caption", stages.caption_all(recipe, progress), recipe.answers_dir / "captions"))
        dataset = recipe.run_dir / "dataset"
        tell(_asked("judge", stages.judge_all(recipe, dataset, progress), dataset))
    fused = fuse_all(recipe, progress)
    rows = {split: sum(one.rows for one in configs.values()) for split, configs in fused.counts.items()}
    tell(Step("fuse", ", ".join(f"{n:,} rows to {split}" for split, n in rows.items()), recipe.run_dir / "fused"))
    trained = train_all(recipe, progress)
    best = f"best after epoch {trained.best_epoch:g}, validation loss {trained.validation_loss:.4f}"
    tell(Step("train", f"{trained.steps:,} steps on {trained.rows:,} rows; {best}", trained.adapter))
    return _answer(recipe, trained, progress, tell)


def _refuse_another_run(recipe: Recipe) -> None:
    """Leave alone what a run with other captions made: it would be written over, and then not be trained on."""
    if not (recipe.run_dir / FUSED / ABOUT).is_file():
        return
    about = read_about(recipe)
    said: dict[str, str] = {"variant": recipe.variant}
    if recipe.variant == "caslie":
        said |= {"lineup": recipe.lineup, "context": recipe.ec3.context}
    for name, now in said.items():
        if about.get(name) != now:
            raise StageError(
                f"{recipe.run_dir}: holds a run of another {name}: {about.get(name)} there, {now} now;"
                " name another --run"
            )


def _asked(stage: str, done: stages.Done, place: Path) -> Step:
    if n := sum(asked.passing for asked in done.asked.values()):
        raise StageError(f"{stage}: {n:,} questions have no answer yet; run this again")
    calls, wishes = (sum(getattr(one, name) for one in done.asked.values()) for name in ("calls", "wishes"))
    return Step(stage, f"{calls:,} calls for {wishes:,} questions", place)


def _answer(recipe: Recipe, trained: Trained, progress: Progress, tell: Tell) -> tuple[Evaluated, ...]:
    folder, out = open_source(recipe), recipe.run_dir / "predictions"
    about = folder.manifest["configs"]
    wanted = Wanted(
        configs=tuple(
            one for one in folder.configs if "test" in folder.splits(one) and recipe.learns(about[one]["task"])
        ),
        dataset=recipe.dataset.partition("@")[0] if folder.commit else None,
    )
    checkpoint = trained_checkpoint(recipe)
    # What an adapter said before it was trained anew is not what this one says.
    anew = is_of_another(out, checkpoint.identity, folder)
    predicted = predict(checkpoint, folder, out, wanted, progress, restart=anew)
    counts = [one for modes in predicted.counts.values() for one in modes.values()]
    tell(Step("predict", f"{sum(one.asked for one in counts):,} of {sum(one.rows for one in counts):,} asked", out))
    evaluated = evaluate(folder, out)
    write_scores(trained.adapter, scores_of(evaluated, folder, recipe.dataset))
    tell(Step("evaluate", f"{len(evaluated)} test sets", trained.adapter / SCORES))
    return evaluated
