"""Rows as TRL's trainer takes them: tokens and labels, the loss on the answer alone; a row that lost it is refused."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from caslie.errors import StageError
from caslie.fusion import Example, Reader

if TYPE_CHECKING:
    from datasets import Dataset

UNSEEN = -100  # what the loss passes over
TOLD = 5


def rows(examples: Iterable[Example], reader: Reader) -> "Dataset":
    """Make a dataset of `id`, `input_ids` and `labels`, the longest rows first: those that do not fit tell it at once.

    Raises:
        StageError: there is no example.
    """
    from datasets import Dataset

    made = sorted((_row(example, reader) for example in examples), key=lambda row: (-len(row["input_ids"]), row["id"]))
    if not made:
        raise StageError("no rows to learn from: are the recipe's tasks in its dataset? see `caslie fuse`")
    return Dataset.from_list(made)


def refuse_damaged(dataset: "Dataset", reader: Reader) -> None:
    """Refuse rows that lost an answer or its end, or begin twice; as TRL is about to train on them.

    Raises:
        StageError: it names the rows.
    """
    begins, ends = reader.tokenizer.bos_token_id, reader.tokenizer.eos_token_id
    wrong: dict[str, list[str]] = {}
    for place, row in enumerate(dataset):
        if problem := _problem(row["input_ids"], row["labels"], begins, ends):
            wrong.setdefault(problem, []).append(str(row.get("id", place)))
    if wrong:
        told = "; ".join(f"{what}: {_some(ids)}" for what, ids in wrong.items())
        raise StageError(f"rows cannot be learnt from: {told}. Raise max_length and fuse again")


def _row(example: Example, reader: Reader) -> dict[str, Any]:
    encoded = reader.encode(example.prompt, example.answer)
    ids = encoded.prompt + encoded.answer
    return {"id": example.id, "input_ids": ids, "labels": [UNSEEN] * len(encoded.prompt) + encoded.answer}


def _problem(ids: Sequence[int], labels: Sequence[int], begins: int | None, ends: int) -> str:
    learnt = [label for label in labels if label != UNSEEN]
    if len(learnt) < 2:
        return "no answer left"
    if learnt[-1] != ends:
        return "no end token left"
    if begins is not None and list(ids[:2]) == [begins, begins]:
        return "begun twice"
    return "the loss is on more than the answer" if labels[0] != UNSEEN else ""


def _some(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - TOLD:,} more" if len(ids) > TOLD else ""
    return ", ".join(ids[:TOLD]) + more
