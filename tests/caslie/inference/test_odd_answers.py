"""Some hundreds of odd answers, each read as the grammar says, and what holds of any text at all."""

import time
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from caslie.inference import parse

FIVE = tuple("ABCDE")
STARS = ("A: Very positive", "B: Positive", "C: Neutral", "D: Negative", "E: Very negative")
TWENTY = tuple("ABCDEFGHIJKLMNOPQRST")
LAMPS = tuple(f"{letter}: Lamp {number}." for number, letter in enumerate(TWENTY))
GOODS = ("A: Bag", "B: Cup", "C: Mug", "D: Bag, blue", "E: Vitamin C drops")
YES_NO = ("yes", "no")
KITES = ("A: Large plain kites", "B: Yellow kite", "C: The kite is red.", "D: The kite is blue.")
SAMPLES = {
    "stars": (FIVE, STARS),
    "lamps": (TWENTY, LAMPS),
    "goods": (FIVE, GOODS),
    "kites": (tuple("ABCD"), KITES),
    "words": (YES_NO, ()),
}

TABLE = yaml.safe_load((Path(__file__).parents[2] / "fixtures" / "odd_answers.yaml").read_text(encoding="utf-8"))

# What answers are made of, to be put together at random.
PIECES = (
    *("A", "b", "C", "I", "yes", "No", "Positive", "Very positive", "negative", "answer", "option", "is", "not", "or"),
    *("Answer: ", "The answer is ", "<think>", "</think>", "<answer>", "</answer>", "\\boxed{", "}", '{"answer": "'),
    *(
        '"}',
        "```",
        "```json\n",
        "\n",
        " ",
        ": ",
        ". ",
        ", ",
        "(",
        ")",
        "**",
        "|",
        "/",
        "?",
        "\u200b",
        "\u202e",
        "\x00",
    ),
)
# How an answer is said: {0} is its letter, {1} that in lower case, {2} the option's text.
FORMS = (
    *("{0}", "({0})", "**{0}**", "{1}", "{0}.", "{0}: {2}", "{0}) {2}", "{2}", "Answer: {0}", "answer: {1}"),
    *("Answer: {2}", "The answer is {0}.", "Option {0}", "option {1}", "I choose {0}", "<answer>{0}</answer>"),
    *("\\boxed{{{0}}}", '{{"answer": "{0}"}}', "{0} because it says so", "{0}. It says so.", "{0}\nIt says so."),
)
JOINTS = (
    *(" ", ", ", "\n", "\n\n", " or ", " and ", "; ", ". ", "/", " - ", ": ", " (", " = ", "\n- ", "\n2. ", " vs "),
    " but ",
)
TEXTS = dict(line.split(": ") for line in STARS)

texts = st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)


class Case(NamedTuple):
    sample: str
    kind: str
    raw: str
    answer: str | None


def cases() -> Iterator[Case]:
    for sample, kinds in TABLE.items():
        for kind, read_as in kinds.items():
            for answer, raws in read_as.items():
                yield from (Case(sample, kind, raw, answer) for raw in raws)


def read(sample: str, raw: str) -> str | None:
    return parse(raw, *SAMPLES[sample])


def said(form: str, letter: str) -> str:
    return form.format(letter, letter.lower(), TEXTS[letter])


def test_there_are_hundreds_of_them_and_none_twice() -> None:
    every = [(case.sample, case.raw) for case in cases()]
    assert len(every) == len(set(every)) >= 800


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: f"{case.sample}: {case.kind}")
def test_an_odd_answer_is_read_as_the_grammar_says(case: Case) -> None:
    assert read(case.sample, case.raw) == case.answer


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        *((raw, "B") for raw in ("B " * 5_000, "B. " + "It says so. " * 900, "B" + "\n" * 10_000, " " * 10_000 + "B")),
        *((raw, "B") for raw in ("<think>" + "A or C? " * 2_000 + "</think>B", "x" * 10_000 + "\nAnswer: B")),
        *((raw, None) for raw in ("x" * 10_000, "B" * 10_000, "The mug is blue. " * 600, "B\n" + "A. " * 3_000)),
        *((raw, None) for raw in ("Answer: B\n" * 1_000, '{"answer":' * 1_000, "[" * 10_000, "\x00" * 10_000)),
        *((raw, None) for raw in ("Answer: B. " + "x" * 10_000 + " C is it", "\u0315" * 10_000 + "\u0300" * 10_000)),
    ],
    ids=lambda value: str(value)[:20],
)
def test_length_makes_no_answer_nor_spoils_one(raw: str, answer: str | None) -> None:
    assert parse(raw, FIVE, STARS) == answer


@pytest.mark.parametrize(
    "around", [" {}\n", "**{}**", "`{}`", "_{}_", "> {}", "- {}", "# {}", "\n\n\t{}\n\n", "```\n{}\n```"]
)
def test_blanks_and_markdown_around_an_answer_change_nothing(around: str) -> None:
    for case in cases():
        if case.kind != "code fences":  # a fence begins a line
            assert read(case.sample, around.replace("{}", case.raw)) == case.answer, case


@given(texts)
@settings(max_examples=400, deadline=None)
def test_any_text_is_one_of_the_answers_or_none_and_always_the_same(raw: str) -> None:
    for answers, options in SAMPLES.values():
        answer = parse(raw, answers, options)
        assert answer in (*answers, None)
        assert parse(raw, answers, options) == answer


@given(texts, st.lists(st.text(), max_size=5))
@settings(max_examples=200, deadline=None)
def test_any_text_may_be_an_option(raw: str, options: list[str]) -> None:
    lines = [f"{letter}: {text}" for letter, text in zip(FIVE, options, strict=False)]
    assert parse(raw, FIVE, lines) in (*FIVE, None)
    assert parse(raw, FIVE, options) in (*FIVE, None)


@pytest.mark.parametrize("form", FORMS)
def test_a_second_answer_never_takes_the_place_of_the_first(form: str) -> None:
    assert [parse(said(form, letter), FIVE, STARS) for letter in FIVE] == list(FIVE)
    for other in FORMS:
        for joint in JOINTS:
            for first, second in permutations("AB"):
                raw = said(form, first) + joint + said(other, second)
                assert parse(raw, FIVE, STARS) in (first, None), raw


@pytest.mark.parametrize("joint", ["\n", ", ", " or ", "/", ". "])
def test_two_letters_are_no_answer_however_they_are_said(joint: str) -> None:
    forms = [form for form in FORMS if "{0}" in form]
    assert {parse(said(one, "A") + joint + said(other, "B"), FIVE, STARS) for one in forms for other in forms} == {
        None
    }


@given(texts)
@settings(max_examples=150, deadline=None)
def test_what_is_thought_is_not_said(thought: str) -> None:
    assert parse(f"<think>{thought.replace('<', '')}</think>B", FIVE, STARS) == "B"


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "answer ",
            "Answer: B\n",
            "Answer: not b, ",
            "B. ",
            "B, c\n",
            "A or ",
            "B: Positive ",
            "Positive\n",
            "has no ",
        ),
        *("(", "```", "<think>", "<", "<|", '{"a":', '{"answer": "B"', "\\boxed{", "\n", "yes, ", ". ", "'", "a-"),
        *("B. It is. That ", "B. I can't ", "Yes, wait", "nobody answers B, ", ":D", "i ", "B. Neg", "\n \n", "only "),
        *("\u0315\u0300", "\U0001f600", "\u7b54"),
    ],
)
def test_long_answers_are_read_in_no_time(piece: str) -> None:
    raw = piece * (100_000 // len(piece))
    began = time.perf_counter()
    parse(raw, FIVE, STARS)
    parse(raw, YES_NO)
    assert time.perf_counter() - began < 2
