"""How well pocket bases do the drills that they were taught, on worlds that they never saw, each in full length."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from caslie.errors import ModelError
from caslie.pocket.base_course import Course, Exercise
from caslie.pocket.base_drills import SHAPES
from caslie.pocket.bases import Base
from caslie.pocket.judge_scores import Accuracy
from mmecinstruct.sample.chance import Chance

if TYPE_CHECKING:
    from transformers import PreTrainedModel

N_BATCH = 16


@dataclass(frozen=True, slots=True)
class BaseScore:
    """A base's accuracy on each shape of drill."""

    name: str
    shapes: dict[str, Accuracy]


def measure_base(base: Base, folder: Path, worlds: Iterable[int], n_each: int) -> BaseScore:
    """Give a saved base as many drills of each shape, and count the answers that it writes first.

    Raises:
        ModelError: the folder holds no base.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if not (folder / "config.json").is_file():
        raise ModelError(f"{folder}: no base; `caslie pocket build` makes it")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype="float32").eval()
    course = Course(tokenizer, base.frame, base.first_world, base.n_steps)
    shapes = {}
    for name, draw in SHAPES.items():
        drills = [draw(Chance(str(world)).at("measured", name, n), 0.0) for world in worlds for n in range(n_each)]
        exercises = [course.encode(drill) for drill in drills]
        parts = [exercises[start : start + N_BATCH] for start in range(0, len(exercises), N_BATCH)]
        right = [each for part in parts for each in _correct(model, part, tokenizer.pad_token_id)]
        shapes[name] = Accuracy(len(right), sum(right))
    return BaseScore(base.name, shapes)


def _correct(model: "PreTrainedModel", part: Sequence[Exercise], pad: int) -> Iterator[bool]:
    """Say of each exercise whether the first token that the base would write is right."""
    import torch

    longest = max(len(each.ids) for each in part)
    rows = [[*each.ids, *[pad] * (longest - len(each.ids))] for each in part]
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor(rows)).logits
    for row, each in enumerate(part):
        place = each.due[0]
        yield int(logits[row, place - 1].argmax()) == each.ids[place]
