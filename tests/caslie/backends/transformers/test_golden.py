"""What each of the paper's models is given, token by token, for all seven tasks: its processor, its chat template.

UPDATE_GOLDEN=1 rewrites tests/golden/processors; the change is then read in the diff.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from caslie.backends import Model, Question
from caslie.backends.transformers.encoding import Prompt, encode, word
from caslie.backends.transformers.identity import find_weights
from caslie.backends.transformers.loading import Loaded, load
from caslie.backends.transformers.numbers import place
from caslie.backends.transformers.prompting import prompter
from caslie.pocket.lessons import Lesson, lessons
from caslie.pocket.wording import describe
from mmecinstruct.sample import Shares
from mmecinstruct.sample.world import plan_world
from mmecinstruct.words import caption_prompt, judge_prompt
from tests.caslie.backends.transformers.families import CAPTIONERS, CONDITIONED, JUDGES

pytestmark = pytest.mark.slow
GOLDEN = Path(__file__).parents[3] / "golden" / "processors"


def one_of_each_task() -> list[Lesson]:
    found = {lesson.sample.task: lesson for lesson in lessons(plan_world(1, 1, Shares()))}
    return list(found.values())


def given(model: Loaded, question: Question) -> str:
    """Return the tokens that reach the model as text, a run of equal ones as one."""
    talk = prompter(model)
    (prompt,) = word(talk, [question])
    assert isinstance(prompt, Prompt)
    tokens = model.tokenizer.convert_ids_to_tokens(encode(model, talk, [prompt])["input_ids"][0].tolist())
    text = model.tokenizer.convert_tokens_to_string(tokens)
    return re.sub(r"(<image>){2,}", lambda run: f"<image> x {len(run[0]) // len('<image>')}", text)


def questions(family: str, picture: bytes) -> Iterator[tuple[str, Question]]:
    if family == "blip2":
        yield "any caption", Question("", picture)
        return
    for lesson in one_of_each_task():
        task, caption = lesson.sample.task, describe(lesson.picture, lesson.topics)
        if family in CONDITIONED:
            yield f"caption, {task}", Question(caption_prompt(lesson.sample, lesson.index), picture)
        if family not in ("llava", "llava_next"):
            yield f"judge, {task}", Question(judge_prompt(lesson.sample, lesson.index, caption))


@pytest.mark.parametrize("family", [*CAPTIONERS, *JUDGES])
def test_what_a_model_is_given_is_in_its_golden_file(
    family: str, folder_of: Callable[[str], Path], photograph: Callable[[int], bytes]
) -> None:
    weights = find_weights(str(folder_of(family)))
    model = load(weights, place(Model(f"transformers/{family}", device="cpu"), weights))
    text = "".join(f"## {name}\n{given(model, asked)}\n\n" for name, asked in questions(family, photograph(1)))
    path = GOLDEN / f"{family}.txt"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text


def test_every_golden_file_is_of_a_model() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == {*CAPTIONERS, *JUDGES}
