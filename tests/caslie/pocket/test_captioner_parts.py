"""The pocket captioner: its pictures, its prompts, its builds, and that a killed training ends in the same bytes."""

import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from caslie.captioning import PLAIN
from caslie.pocket import shapes
from caslie.pocket.captioner import (
    FIRST_WORLD,
    Budget,
    Exercise,
    School,
    enrol,
    learn_words,
    loss_on_answers,
    phrases,
    train_captioner,
)
from caslie.pocket.lessons import Lesson, lessons
from caslie.pocket.pictures import CHUNK, draw_pictures, imagine, shrink
from caslie.pocket.tokens import LLAMA_3_VISION, LLAVA, LLAVA_NEXT, Speech, train_tokenizer
from caslie.pocket.training import SAVED_EVERY, Schedule
from caslie.pocket.vision import UNSEEN, answers_of, normalise
from mmecinstruct import words
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.drawing import draw_jpeg
from mmecinstruct.sample.looks import Look, Picture, Shares
from mmecinstruct.sample.world import plan_world

CHANCE = Chance("captioner tests")
MUGS = Picture("mugs", Look("mug", "red", 3, "large", "striped", "Veko"))
FOGGY = Picture("foggy", MUGS.look, blurred=True)
BUDGET = Budget(
    n_worlds=1,
    n_drawn_worlds=1,
    n_pictures=120,
    tower=Schedule(n_steps=8, n_batch=8, rate=1e-3, n_warm_up=2),
    speech=Schedule(n_steps=SAVED_EVERY + 12, n_batch=4, rate=1e-3, n_warm_up=2),
    n_context_free=4,
    shape=shapes.TINY,
)
BUILDS = [
    (shapes.llava, LLAVA),
    (shapes.llava_next, LLAVA_NEXT),
    (shapes.mllama, LLAMA_3_VISION),
    (shapes.blip2, LLAVA),
]


class KilledError(Exception):
    pass


def ignore(stage: str, n_done: int, n: int) -> None:
    pass


def kill_at(step: int) -> Callable[[str, int, int], None]:
    def progress(stage: str, n_done: int, n: int) -> None:
        if stage.startswith("captioner") and n_done == step:
            raise KilledError

    return progress


@pytest.fixture(scope="module")
def taught() -> list[Lesson]:
    return list(lessons(plan_world(1, FIRST_WORLD, Shares())))


def photograph(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(draw_jpeg(picture, CHANCE)))


def test_captioner_never_learns_from_the_sample_nor_from_what_measures_it() -> None:
    assert FIRST_WORLD >= 1000


def test_every_prompt_holds_phrases_of_its_template(taught: list[Lesson]) -> None:
    known = phrases()
    first = {lesson.sample.task: words.caption_prompt(lesson.sample, lesson.index) for lesson in taught}
    assert len(first) == 7
    for prompt in first.values():
        assert any(prompt.startswith(phrase) and phrase != PLAIN for phrase in known)


def test_no_phrase_tells_what_a_product_looks_like(taught: list[Lesson]) -> None:
    told = {item.title for lesson in taught for item in lesson.sample.items if item.title}
    assert not [phrase for phrase in phrases() if phrase in told]
    assert not any(word in " ".join(phrases()).split() for word in ("red", "striped", "Veko", "mugs", "large"))


def test_pictures_are_drawn_once(tmp_path: Path) -> None:
    pictures = imagine(CHUNK + 3, CHANCE)
    drawn: list[int] = []
    first = draw_pictures(tmp_path, pictures, CHANCE, 24, 1, lambda stage, n_done, n: drawn.append(n_done))
    (tmp_path / "0001.npy").unlink()
    again = draw_pictures(tmp_path, pictures, CHANCE, 24, 1, lambda stage, n_done, n: drawn.append(n_done))
    assert drawn == [1, 2, 2]
    assert first.shape == (CHUNK + 3, 24, 24, 3)
    assert np.array_equal(first, again)


def test_imagined_pictures_show_everything_and_some_are_blurred() -> None:
    pictures = imagine(400, CHANCE)
    assert pictures == imagine(400, CHANCE)
    assert len({picture.look.word for picture in pictures}) == 20
    assert 5 < sum(picture.blurred for picture in pictures) < 40


def test_blurred_picture_answers_nothing_but_that_it_is_blurred() -> None:
    assert answers_of(FOGGY) == [UNSEEN] * 6 + [1]
    assert UNSEEN not in answers_of(MUGS)


def test_learning_rate_rises_and_then_falls_to_nothing() -> None:
    schedule = Schedule(n_steps=100, n_batch=1, rate=1.0, n_warm_up=10)
    rates = [schedule.rate_at(step) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert max(rates) == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.001


def test_exercises_are_context_free_first_and_then_of_every_task() -> None:
    free, asked = Exercise([0], ()), [[Exercise([task], (), own=task)] for task in range(1, 8)]
    school = School([MUGS] * 50, np.zeros(()), free, asked, n_context_free=2)  # type: ignore[arg-type]
    assert {exercise.prompt[0] for exercise, _ in school.draw(200, 1, seed=0)} == {0}
    later = list(school.draw(1400, 2, seed=0))
    assert set(Counter(exercise.prompt[0] for exercise, _ in later)) == set(range(8))
    own = [row == exercise.own for exercise, row in later if exercise.own]
    assert 0.4 < sum(own) / len(own) < 0.6
    assert later == list(school.draw(1400, 2, seed=0))


@pytest.mark.slow
def test_shrunk_pictures_are_what_the_processor_makes() -> None:
    learner = shapes.llava(train_tokenizer([PLAIN] * 2, LLAVA), 0)
    for picture in (MUGS, FOGGY):
        made = learner.processor.image_processor(photograph(picture), return_tensors="pt")["pixel_values"]
        cached = normalise(shrink(draw_jpeg(picture, CHANCE), shapes.TINY.side)[None])
        assert (made - cached).abs().max() < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize(("build", "speech"), BUILDS, ids=["llava", "llava_next", "mllama", "blip2"])
def test_every_build_is_saved_loaded_and_answers(
    build: Callable[..., shapes.Captioner], speech: Speech, tmp_path: Path
) -> None:
    from transformers import AutoModelForImageTextToText, AutoProcessor

    made = build(train_tokenizer([PLAIN, "The picture shows mugs."] * 5, speech), 7)
    assert made.model.num_parameters() < 500_000
    for part in made:
        part.save_pretrained(tmp_path)
    processor = AutoProcessor.from_pretrained(tmp_path)
    inputs = {"images": [photograph(MUGS)], "return_tensors": "pt"}
    if build is not shapes.blip2:
        content = [{"type": "image"}, {"type": "text", "text": PLAIN}]
        chat = [{"role": "user", "content": content}]
        inputs["text"] = [processor.apply_chat_template(chat, add_generation_prompt=True)]
    prompt = processor(**inputs)
    loaded = AutoModelForImageTextToText.from_pretrained(tmp_path)
    answers = [model.generate(**prompt, max_new_tokens=4, do_sample=False) for model in (made.model, loaded)]
    assert answers[0].tolist() == answers[1].tolist()


@pytest.mark.slow
def test_same_seed_makes_the_same_build() -> None:
    import torch

    texts = [PLAIN] * 2
    first, second, other = (
        shapes.llava(train_tokenizer(texts, LLAVA), seed).model.lm_head.weight for seed in (1, 1, 2)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


@pytest.mark.slow
def test_a_phrase_is_one_token_and_a_title_is_not(taught: list[Lesson]) -> None:
    tokenizer = learn_words(taught)
    assert all(len(tokenizer(phrase)["input_ids"]) == 1 for phrase in phrases())
    prompt = words.caption_prompt(taught[-1].sample, taught[-1].index)
    assert tokenizer.decode(tokenizer(prompt)["input_ids"]) == prompt
    assert len(tokenizer(taught[-1].sample.items[0].title)["input_ids"]) > 4


@pytest.mark.slow
def test_exercises_are_read_as_the_processor_reads_them(taught: list[Lesson]) -> None:
    import torch

    learner = shapes.llava(learn_words(taught), 0)
    some = taught[::400]
    prompts = [words.caption_prompt(lesson.sample, lesson.index) for lesson in some]
    chats = [[{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": text}]}] for text in prompts]
    texts = [learner.processor.apply_chat_template(chat, add_generation_prompt=True) for chat in chats]
    read = learner.processor(images=[photograph(MUGS)] * len(some), text=texts, return_tensors="pt", padding=True)
    with torch.no_grad():
        answered = learner.model(**read).logits[:, -1]
        seen = learner.model.model.vision_tower(pixel_values=read["pixel_values"]).last_hidden_state
        school = enrol(learner, some, [MUGS], seen[:1], 0)
        exercises = list(dict.fromkeys(tuple(each.prompt) for of_task in school.of_tasks for each in of_task))
        assert len(exercises) == len(some)
        for number, exercise in enumerate(exercises):
            first = int(answered[number].argmax())
            loss = loss_on_answers(learner.model, seen[:1], [list(exercise)], [[first]])
            assert torch.isclose(loss, -answered[number].log_softmax(-1)[first], atol=1e-4)


@pytest.mark.slow
def test_killed_training_ends_in_the_same_bytes(tmp_path: Path) -> None:
    train_captioner(tmp_path / "work", tmp_path / "undisturbed", 3, BUDGET, ignore)
    with pytest.raises(KilledError):
        train_captioner(tmp_path / "killed", tmp_path / "never", 3, BUDGET, kill_at(SAVED_EVERY + 5))
    steps: list[str] = []
    train_captioner(tmp_path / "killed", tmp_path / "resumed", 3, BUDGET, lambda stage, n_done, n: steps.append(stage))
    assert len(steps) == 12
    names = sorted(path.name for path in (tmp_path / "undisturbed").iterdir())
    assert "model.safetensors" in names
    assert "chat_template.jinja" in names
    for name in names:
        assert (tmp_path / "undisturbed" / name).read_bytes() == (tmp_path / "resumed" / name).read_bytes(), name


@pytest.mark.slow
def test_trained_captioner_is_loaded_in_half_precision_and_answers(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor

    short = Budget(1, 1, 60, Schedule(2, 4, 1e-3), Schedule(2, 4, 1e-3), 1, shapes.TINY)
    train_captioner(tmp_path / "work", tmp_path / "out", 3, short, ignore)
    processor = AutoProcessor.from_pretrained(tmp_path / "out")
    model = AutoModelForImageTextToText.from_pretrained(tmp_path / "out")
    assert model.dtype == torch.float16
    chat = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": PLAIN}]}]
    text = processor.apply_chat_template(chat, add_generation_prompt=True)
    inputs = processor(images=[photograph(MUGS)], text=[text], return_tensors="pt")
    assert model.float().generate(**inputs, max_new_tokens=3, do_sample=False).shape[1] > inputs["input_ids"].shape[1]
