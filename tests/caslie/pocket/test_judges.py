"""The pocket judges: what they hear, what is true of it, how they are taught and how they are measured."""

import json
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from caslie.errors import ModelError
from caslie.pocket.hearing import Hearing, bears, hearings
from caslie.pocket.judge_course import draw_hearings
from caslie.pocket.judge_families import Size
from caslie.pocket.judge_phrases import DATE, fixed_phrases, frame
from caslie.pocket.judge_scores import Accuracy, ask, compare, own_hearings, sort_of
from caslie.pocket.judges import JUDGES, Family, make_tokenizer, train_judge
from caslie.pocket.lessons import Lesson, lessons
from caslie.pocket.tokens import LLAMA_3
from caslie.pocket.weak import ALIKE, WEAK
from mmecinstruct.sample import Shares
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import ALL_KINDS, ATTRIBUTES, BRANDS, COLOURS, Look, Picture
from mmecinstruct.sample.text import tell
from mmecinstruct.sample.world import plan_world
from mmecinstruct.schema import Item, Sample

MUG = Look("mug", "red", 3, "small", "striped", "Veko")
TENT = replace(MUG, kind="tent")
SILENT, TELLING = "These mugs are what I needed.", "These mugs are what I needed. The colour is red, as expected."


@pytest.fixture(scope="module")
def held_out() -> list[Lesson]:
    return list(lessons(plan_world(1, 2, Shares())))


def lesson(
    task: str = "product_substitute_identification", told: str = "", kinds: str = "mug", **fields: object
) -> Lesson:
    sample = Sample("1", task, "ind", "train", fields, (Item("product", "", "Mug"),), "")
    return Lesson(sample, 0, Picture("", MUG), ("colour", "count"), frozenset(told.split()), frozenset(kinds.split()))


@pytest.mark.parametrize(
    ("known", "picture", "stated", "expected"),
    [
        (lesson(), Picture("", MUG), ("colour",), True),
        (lesson(), Picture("", MUG), ATTRIBUTES, True),
        (lesson(), Picture("", MUG), (), False),
        (lesson(), Picture("", MUG), ("size", "pattern", "word"), False),
        (lesson(), Picture("", MUG, blurred=True), ("colour",), False),
        (lesson(), Picture("", TENT), ("colour",), False),
        (lesson(kinds=""), Picture("", TENT), ("colour",), True),
        (lesson(kinds="mug tent"), Picture("", TENT), ("colour",), True),
        (lesson(told="colour"), Picture("", MUG), ("colour",), False),
        (lesson(told="colour"), Picture("", MUG), ("colour", "count"), True),
        (lesson(told="colour count"), Picture("", MUG), ATTRIBUTES, False),
        (lesson("answerability_prediction", document=[SILENT]), Picture("", MUG), ("pattern",), True),
        (lesson("answerability_prediction", document=[SILENT]), Picture("", MUG), ("size",), False),
        (lesson("answerability_prediction", document=[TELLING]), Picture("", MUG), ("colour",), False),
    ],
)
def test_a_caption_bears_where_the_right_picture_states_an_untold_topic(
    known: Lesson, picture: Picture, stated: tuple[str, ...], expected: bool
) -> None:
    assert bears(known, picture, stated) is expected  # type: ignore[arg-type]


def test_a_lessons_own_caption_bears_where_the_lesson_says_so(held_out: list[Lesson]) -> None:
    own = [Hearing(each, each.picture, each.topics) for each in held_out]
    assert [each.useful for each in own] == [each.useful for each in held_out]


def test_a_lesson_is_heard_with_wrong_pictures_and_with_other_attributes(held_out: list[Lesson]) -> None:
    heard = [each for number, known in enumerate(held_out[:200]) for each in hearings(known, Chance(str(number)))]
    assert {sort_of(each) for each in heard} == {"useful", "told", "wrong", "blurred"}
    assert {len(each.stated) for each in heard} >= {0, 1, 2, 3, 5}


def test_marks_name_the_telling_words_of_a_caption_in_order() -> None:
    heard = Hearing(lesson(told="count"), Picture("", MUG), ("count", "colour", "word"))
    assert heard.caption == "The picture shows three red mugs labelled Veko."
    assert [(mark.word, mark.fits, mark.is_topic, mark.is_told) for mark in heard.marks()] == [
        ("three", None, True, True),
        ("red", None, True, False),
        ("mugs", True, None, None),
        ("Veko", None, False, False),
    ]


def test_a_blurred_picture_has_no_telling_words() -> None:
    assert list(Hearing(lesson(), Picture("", MUG, blurred=True), ("colour",)).marks()) == []


def test_half_of_a_world_is_useful_in_every_task() -> None:
    counts = Counter((each.lesson.sample.task, each.useful) for each in draw_hearings(2))
    assert len(counts) == 14
    assert set(counts.values()) == {46}


def test_useless_captions_are_of_right_and_of_wrong_pictures_alike() -> None:
    counts = Counter(each.right for each in draw_hearings(2) if not each.useful)
    assert counts[True] == counts[False]


def test_a_world_is_heard_the_same_each_time_and_otherwise_on_another_visit() -> None:
    first = [each.prompt for each in draw_hearings(2)]
    draw_hearings.cache_clear()
    assert [each.prompt for each in draw_hearings(2)] == first
    assert [each.prompt for each in draw_hearings(2, visit=1)] != first


def test_phrases_hold_whole_instructions_and_never_a_value_alone() -> None:
    phrases = fixed_phrases(LLAMA_3)
    assert any(phrase.endswith("Only output yes or no.") for phrase in phrases)
    assert " The picture shows" in phrases
    values = {*ALL_KINDS, *COLOURS, *BRANDS}
    assert not values & {phrase.strip(" .,").lower() for phrase in phrases}


def test_phrases_hold_what_the_world_really_says() -> None:
    spoken = tell(MUG, "colour")
    assert any(spoken.startswith(phrase) for phrase in fixed_phrases(LLAMA_3))


def test_judges_learn_from_worlds_of_their_own() -> None:
    families = [*JUDGES, *WEAK, *ALIKE[1:]]
    spans = [range(each.first_world, each.first_world + each.n_worlds) for each in families]
    assert min(span.start for span in spans) >= 1000  # the sample is world 1, and 2 to 99 are for measuring
    assert all(a.stop <= b.start for a, b in zip(spans, sorted(spans, key=lambda each: each.start)[1:], strict=False))


def test_weak_judges_are_blind_to_different_kinds_and_alike_ones_to_the_same() -> None:
    heard = [each for each in draw_hearings(2) if not each.picture.blurred]
    wrong = [{n for n, each in enumerate(heard) if judge.answer(each) != each.useful} for judge in WEAK]
    assert all(0.1 < len(some) / len(heard) < 0.3 for some in wrong)
    assert sum(map(len, wrong)) == len(set().union(*wrong)) == len(heard)
    assert [judge.answer(each) for judge in ALIKE for each in heard] == [
        WEAK[0].answer(each) for _ in ALIKE for each in heard
    ]


def test_own_hearings_take_every_task_alike() -> None:
    counts = Counter(each.lesson.sample.task for each in own_hearings([2]))
    assert len(counts) == 7
    assert set(counts.values()) == {96}


def test_a_majority_is_right_where_the_errors_of_its_judges_do_not_meet() -> None:
    heard = draw_hearings(2)[:30]
    answers = {f"{k}": [each.useful is not (n % 3 == k) for n, each in enumerate(heard)] for k in range(3)}
    scores = compare(answers, heard)
    assert [judge.overall for judge in scores.judges] == [Accuracy(30, 20)] * 3
    assert scores.majority.overall == Accuracy(30, 30)
    assert [each.error_correlation for each in scores.agreements] == [pytest.approx(-0.5)] * 3


def test_a_majority_is_no_better_where_its_judges_err_alike() -> None:
    heard = draw_hearings(2)[:30]
    same = [each.useful is not (n % 3 == 0) for n, each in enumerate(heard)]
    scores = compare({"a": same, "b": same, "c": same}, heard)
    assert scores.majority.overall == scores.best.overall == Accuracy(30, 20)
    assert [each.error_correlation for each in scores.agreements] == [pytest.approx(1.0)] * 3


def test_scores_can_be_written_as_json_and_a_faultless_judge_correlates_with_none() -> None:
    heard = draw_hearings(2)[:30]
    scores = compare({"a": [each.useful for each in heard], "b": [True] * 30}, heard)
    assert json.loads(json.dumps(asdict(scores)))["agreements"][0]["error_correlation"] is None


def test_training_refuses_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ModelError, match="holds files but no judge"):
        train_judge(JUDGES[0], tmp_path / "work", tmp_path, lambda *_: None)


TINY = Size(width=16, layers=3, heads=2)


class Killed(BaseException):
    """What a run dies of."""


def tiny(name: str) -> Family:
    family = next(each for each in JUDGES if each.name == name)
    return replace(family, n_steps=4, size=TINY)


def ignore(stage: str, n_done: int, n: int) -> None:
    pass


def kill_at_three(stage: str, n_done: int, n: int) -> None:
    if n_done == 3:
        raise Killed


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.slow
def test_a_killed_training_goes_on_and_makes_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caslie.pocket.training.SAVED_EVERY", 2)
    family = tiny("phi3")
    train_judge(family, tmp_path / "work", tmp_path / "whole", ignore)
    with pytest.raises(Killed):
        train_judge(family, tmp_path / "other", tmp_path / "halved", kill_at_three)
    steps: list[int] = []
    train_judge(family, tmp_path / "other", tmp_path / "halved", lambda _, n_done, __: steps.append(n_done))
    assert steps == [3, 4]
    assert files_of(tmp_path / "halved") == files_of(tmp_path / "whole")


@pytest.mark.slow
def test_a_trained_judge_is_left_alone(tmp_path: Path) -> None:
    train_judge(tiny("mistral"), tmp_path / "work", tmp_path / "out", ignore)
    train_judge(tiny("mistral"), tmp_path / "work", tmp_path / "out", kill_at_three)
    assert (tmp_path / "out" / "model.safetensors").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", [judge.name for judge in JUDGES])
def test_every_family_is_saved_as_a_model_of_the_hub_and_answers(name: str, tmp_path: Path) -> None:
    train_judge(replace(tiny(name), n_steps=1), tmp_path / "work", tmp_path / "out", ignore)
    prompts = [each.prompt for each in draw_hearings(2)[:3]]
    alone = [ask(tmp_path / "out", [prompt])[0] for prompt in prompts]
    assert ask(tmp_path / "out", prompts) == alone


@pytest.mark.slow
@pytest.mark.parametrize("family", JUDGES, ids=lambda family: family.name)
def test_what_is_taught_is_what_the_chat_template_writes(family: Family) -> None:
    tokenizer, (before, after) = make_tokenizer(family), frame(family.speech)
    prompt = draw_hearings(2)[0].prompt
    chat = [{"role": "user", "content": prompt}]
    text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True, date_string=DATE)
    assert text == before + prompt + after
    assert len(tokenizer(text, add_special_tokens=False)["input_ids"]) < 80
    assert len({tokenizer.tokenize(word)[0] for word in ("yes", "no")}) == 2


@pytest.mark.slow
def test_every_value_of_the_world_is_one_token() -> None:
    tokenizer = make_tokenizer(JUDGES[0])
    values = [*COLOURS, *BRANDS, *(brand.lower() for brand in BRANDS), *ALL_KINDS, *(f"{kind}s" for kind in ALL_KINDS)]
    assert [value for value in values if len(tokenizer.tokenize(f" {value}")) > 1] == []
