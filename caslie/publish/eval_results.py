"""Scores in the Hub's two forms: the `model-index` of a card, and `.eval_results/*.yaml`."""

from typing import TYPE_CHECKING

from caslie.publish.adapter import measured_on
from caslie.schema import Score, Scores

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

SOURCE = "scores.json"


def index_entries(scores: Scores) -> "list[EvalResult]":
    """The scores for `model-index`, exact, each with its interval as an argument of its measure."""
    from huggingface_hub import EvalResult

    dataset = measured_on(scores)
    name = dataset.repository.partition("/")[2]
    return [
        EvalResult(
            task_type="text-generation",
            task_name=one.task.replace("_", " "),
            dataset_type=dataset.repository,
            dataset_name=f"{name} {one.config}",
            dataset_config=one.config,
            dataset_split=one.split,
            dataset_revision=dataset.revision,
            metric_type=one.metric,
            metric_value=one.value,
            metric_args={"interval": [one.low, one.high], "n": one.n, "failed": one.failed, "from": SOURCE},
        )
        for one in scores.results
    ]


def eval_results_files(scores: Scores) -> dict[str, bytes]:
    """The scores as a file for the dataset's leaderboard, by its path in the repository.

    A leaderboard shows one value a task, so each measure of a config is a task of its own. The date is left out: the
    Hub takes that of the commit.
    """
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml
    from huggingface_hub.utils._fixes import yaml_dump

    dataset = measured_on(scores)
    entries = [
        EvalResultEntry(
            dataset_id=dataset.repository,
            task_id=f"{one.config}_{one.split}_{one.metric.replace('@', '_at_')}",
            value=one.value,
            dataset_revision=dataset.revision,
            notes=_notes(one, scores.method),
        )
        for one in scores.results
    ]
    text = yaml_dump(eval_result_entries_to_yaml(entries), sort_keys=False)
    return {f".eval_results/{dataset.repository.partition('/')[2]}.yaml": text.encode()}


def _notes(score: Score, method: str) -> str:
    # On one line, and without what turns the words around it.
    how = "".join(char if char.isprintable() else "\ufffd" for char in " ".join(method.split()))
    interval = f"95 % interval {score.low} to {score.high} ({how})"
    return f"{score.metric}; {interval}; {score.n} rows, {score.failed} answers unparsed; from {SOURCE}"
