"""The pocket bases: what they are drilled in, how their prompts become tokens, and that training can be repeated."""

import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from caslie.errors import ModelError
from caslie.fusion.prompts import frame
from caslie.pocket.base_course import Course, draw_drills
from caslie.pocket.base_drills import INSTRUCTIONS, SHAPES
from caslie.pocket.base_lines import draw_line
from caslie.pocket.base_marks import mark, seal, unmark
from caslie.pocket.base_scores import measure_base
from caslie.pocket.base_shapes import Drill
from caslie.pocket.bases import BASES, Base, make_tokenizer, train_base
from caslie.pocket.judge_families import Size
from caslie.pocket.judges import JUDGES
from caslie.pocket.measuring import packaged
from caslie.pocket.weak import ALIKE, WEAK
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import Look
from mmecinstruct.schema import LETTERS

MUG = Look("mug", "red", 3, "small", "striped", "Veko")
TASKS = Path(__file__).parents[3] / "templates"


def some_drills(ease: float = 0.0) -> list[Drill]:
    return [drill for number in range(20) for drill in draw_drills(Chance("2").at(number), ease)]


def test_marks_travel_with_a_text_and_leave_it_as_it_was():
    marked = mark("Veko red mugs, pack of three", MUG, {"colour": True, "kind": False, "count": True})
    text, marks = unmark(marked)
    assert text == "Veko red mugs, pack of three"
    assert [(text[: place + 1].split()[-1], fits) for place, fits in marks] == [
        ("red", True),
        ("mugs", False),
        ("three", True),
    ]
    assert unmark(f"a{seal(False)}").marks == ((0, False),)


def test_no_drill_has_an_instruction_of_a_task():
    asked = {drill.instruction for drill in some_drills()}
    assert asked == set(INSTRUCTIONS)
    told = [path.read_text(encoding="utf-8") for path in TASKS.glob("*.jinja")]
    assert len(told) == 7
    assert not [one for one in asked for words in told if one in words]


def test_drills_have_the_shapes_of_the_tasks():
    keys = {next(iter(json.loads(drill.input))) for drill in some_drills() if drill.input.startswith("{")}
    assert keys == {"question", "title", "product 1", "query", "review"}


def test_letters_are_answers_only_where_options_differ_from_row_to_row():
    answers = {}
    for drill in some_drills():
        answers.setdefault(drill.instruction, Counter())[drill.answer] += 1
    lettered = [one for one in answers if set(answers[one]) <= set(LETTERS)]
    assert len(lettered) == 2
    assert max(len(drill.options) for drill in some_drills() if drill.instruction in lettered) == 20
    assert all(len(found) > 1 for found in answers.values())


def test_a_lettered_answer_is_the_letter_of_the_only_option_that_fits():
    for drill in some_drills():
        if drill.answer in LETTERS:
            fitting = [line[0] for line in drill.options if line.endswith(seal(True)) or f"{seal(True)}." in line]
            assert drill.answer in fitting


def test_early_drills_are_shorter():
    early, late = (sum(len(each.input) + len(str(each.options)) for each in some_drills(ease)) for ease in (1.0, 0.0))
    assert early < 0.5 * late


def test_the_same_chance_draws_the_same_drills_and_lines():
    assert some_drills() == some_drills()
    assert [draw_line(Chance("2").at(n)) for n in range(50)] == [draw_line(Chance("2").at(n)) for n in range(50)]


def test_bases_learn_from_worlds_of_their_own():
    own = [range(base.first_world, base.first_world + 10_000) for base in BASES]
    others = [range(each.first_world, each.first_world + each.n_worlds) for each in (*JUDGES, *WEAK, *ALIKE[1:])]
    spans = sorted([*own, *others], key=lambda span: span.start)
    assert all(base.n_steps <= 10_000 for base in BASES)  # a world a step
    assert all(a.stop <= b.start for a, b in pairwise(spans))
    assert min(span.start for span in spans) >= 1000  # the sample is world 1, and 2 to 99 are for measuring


slow = pytest.mark.slow


@pytest.fixture(scope="module", params=BASES, ids=lambda base: base.name)
def spoken(request):
    return request.param, make_tokenizer(request.param)


@slow
def test_an_answer_is_the_token_that_stands_before_its_option(spoken):
    base, tokenizer = spoken
    prompt = frame(base.frame).render("Choose.", "{}", [f"{letter}: {letter}" for letter in LETTERS[:20]])
    ids = tokenizer(prompt)["input_ids"]
    for letter in LETTERS[:20]:
        [answer] = tokenizer(letter, add_special_tokens=False)["input_ids"]
        assert answer in ids
    for word in ("yes", "no"):
        assert len(tokenizer(word, add_special_tokens=False)["input_ids"]) == 1


@slow
def test_a_text_begins_with_one_token_for_that_and_comes_back_word_for_word(spoken):
    base, tokenizer = spoken
    for drill in some_drills():
        prompt = unmark(frame(base.frame).render(drill.instruction, drill.input, drill.options)).text
        ids = tokenizer(prompt)["input_ids"]
        assert ids.count(tokenizer.bos_token_id) == 1
        assert tokenizer.decode(ids[1:]) == prompt
        assert len(ids) < 460


@slow
def test_a_base_answers_in_its_chat_template_too(spoken):
    base, tokenizer = spoken
    said = tokenizer.apply_chat_template([{"role": "user", "content": "Hi"}], tokenize=False)
    assert said.startswith(base.speech.bos)
    assert "Hi" in said


@slow
def test_marked_words_are_found_among_the_tokens(spoken):
    base, tokenizer = spoken
    course = Course(tokenizer, base.frame, base.first_world, base.n_steps)
    for drill in some_drills():
        exercise = course.encode(drill)
        assert len(exercise.spots) == len(unmark("".join((drill.input, *drill.options))).marks)
        assert tokenizer.decode([exercise.ids[exercise.due[0]]]) == drill.answer
        if drill.answer in LETTERS:
            letters = {spot.letter for spot in exercise.spots if spot.fits}
            assert tokenizer.convert_tokens_to_ids(drill.answer) in letters


def _bytes_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


TINY = Base("tiny", BASES[0].speech, "alpaca", BASES[0].build, 5, n_steps=3, size=Size(width=16, layers=2, heads=2))


@slow
@pytest.mark.parametrize("base", BASES, ids=lambda base: base.name)
def test_training_can_be_repeated_byte_for_byte(base, tmp_path):
    tiny = replace(base, n_steps=2, size=Size(width=16, layers=2, heads=2))
    for name in ("first", "second"):
        train_base(tiny, tmp_path / "work" / name, tmp_path / name, lambda what, done, total: None)
    first, second = (_bytes_in(tmp_path / name) for name in ("first", "second"))
    assert first == second
    assert "chat_template.jinja" in first


@slow
def test_a_base_that_is_there_is_left_alone_and_nothing_else_is_overwritten(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "config.json").write_text("{}")
    train_base(TINY, tmp_path / "work", tmp_path / "there", lambda what, done, total: None)
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["config.json"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("mine")
    with pytest.raises(ModelError, match="holds files but no base"):
        train_base(TINY, tmp_path / "work", tmp_path / "mine", lambda what, done, total: None)


@slow
@pytest.mark.parametrize("base", BASES, ids=lambda base: base.name)
def test_the_bases_of_the_package_can_do_their_drills(base):
    score = measure_base(base, packaged() / "bases" / base.name, [6], 30)
    assert set(score.shapes) == set(SHAPES)
    # To find one of 20 letters is learnt last: chance is a twentieth, the worst of the three has two thirds.
    assert all(one.share >= (0.5 if name in ("classed", "fellow") else 0.9) for name, one in score.shapes.items())


@slow
def test_the_architectures_are_those_of_the_paper():
    kinds = {base.name: json.loads((packaged() / "bases" / base.name / "config.json").read_text()) for base in BASES}
    assert {name: (kind["model_type"], kind["tie_word_embeddings"]) for name, kind in kinds.items()} == {
        "llama2": ("llama", False),
        "mistral": ("mistral", False),
        "tied_llama": ("llama", True),
    }
