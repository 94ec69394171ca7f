"""Every form of an answer that is read, and what is no answer."""

import pytest

from caslie.inference import authors, parse

FIVE = tuple("ABCDE")
STARS = ("A: Very positive", "B: Positive", "C: Neutral", "D: Negative", "E: Very negative")
TWENTY = tuple("ABCDEFGHIJKLMNOPQRST")
YES_NO = ("yes", "no")


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "B",
            "b",
            " B\n",
            "B.",
            "(B)",
            "[B]",
            "**B**",
            "`B`",
            '"B"',
            "\u201cB\u201d",
            "- B",
            "### B",
            "B B B",
            "B\n",
        ),
        *("B: Positive", "b: positive", "B. Positive", "B) Positive", "(B) Positive", "B - Positive", "B (Positive)"),
        *("**B**: Positive.", "B: Pos", "Positive", "positive.", '"Positive"', "B\n\nThe reviewer is content."),
        *(
            "Answer: B",
            "ANSWER: b",
            "answer is B",
            "The answer is: B",
            "The answer is (B).",
            "The correct option is B.",
        ),
        *("Option B", "option (b)", "My choice would be B", "I choose B.", "**Answer:** B", "Answer:\nB", "Label = B"),
        *("The answer is Positive.", "Answer: B: Positive", "So I would select option B.", "### Response:\nB"),
        *('{"answer": "B"}', '{"Answer": "b"}', '{"label": "B", "why": "not A"}', '{"answer": "Positive"}'),
        *('```json\n{"answer": "B"}\n```', "```\nB\n```", '["B"]', '{"answer": "B"', '{"option": ["B"]}'),
        *("<think>A or C?</think>B", "<think>\nA\n</think>\n\nAnswer: B", "so the reviewer likes it</think>B"),
        *(
            "<answer>B</answer>",
            "It is good.\n<answer>B</answer>",
            "thus \\boxed{B}.",
            "\uff22",
            "B because it is praised",
        ),
        *("B. It says so.", "B, since it is praised.", "Answer: B. It is praised.", "B: Positive (image: a blue mug)"),
        *("B: Positive\n\nExplanation: it is praised", "The answer is B\nB"),
    ],
)
def test_what_means_b_is_read_as_b(raw: str) -> None:
    assert parse(raw, FIVE, STARS) == "B"


@pytest.mark.parametrize(
    "raw",
    [
        *("", " ", "\n", ".", "?", "F", "Z.", "Answer: F", "bad", "Best", "AB", "B2", "B's", "A-frame", "C++", "B?"),
        *("A good product", "A very positive review", "a", "I think so")[:2],
        *("A or B", "A, B", "A and B", "A/B", "A\nB", "Both A and B", "A: Very positive\nB: Positive", "not A but B"),
        *("B: Very positive", "B: Neutral", "(B) Neutral", "B. Very negative", "B: Excellent", "B - Superb"),
        *("Answer: A\nAnswer: B", "The answer is B or C", "The answer is not B", "The answer is A good one", "b. it"),
        *("Answer: a good product", "i.e. B", "the product is B", "I think B is right", "Positive or negative"),
        *("<think>B", "<think>B</think>", "<think>A</think>B<think>", "<THINK>B", "<think>A</think> so what"),
        *('["A: Very positive", "B: Positive"]', '{"answer": "A", "answer": "B"}', '{"answer": null}', "{}", "[]"),
        *('{"answer": "A", "label": "B"}', '{"answer": "A or B"}', '{"answer": {"answer": "B"}}', '["A", "B"]'),
        *("x" * 10_000, "A good product. " * 600, "(" * 10_000, '{"answer":' * 3_000, "Very", "the"),
    ],
)
def test_what_is_ambiguous_or_something_else_is_no_answer(raw: str) -> None:
    assert parse(raw, FIVE, STARS) is None


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        *(
            (one, "yes")
            for one in ("yes", "Yes", "YES.", "**yes**", "Yes, it is answerable", "yes!", "Yes; it says so")
        ),
        *((one, "yes") for one in ("Yes - the document tells", "Yes\nThe document tells.", "The answer is yes.")),
        *((one, "yes") for one in ("Answer: Yes, it is", '{"answer": "yes"}', "yes because it is told", "yes yes")),
        *(
            (one, "no")
            for one in ("no", "No.", "no, there is no such thing", "<think>yes</think>No", "(no)", "No: see")
        ),
        *((one, None) for one in ("yes and no", "Yes/No", "yes\nno", "Yes, or no", "No answer", "no information")),
        *((one, "yes") for one in ("Yes, there is no strap", "Yes. It has no strap", "There is no bag. Answer: yes")),
        *(
            (one, None)
            for one in ("Yes, the answer is no because", "Yes, there is no", "Yes, but no", "Yes, or no it")
        ),
        *((one, None) for one in ("Yes it is", "No. 5 bolts", "not yes", "no-one", "yesterday", "maybe", "A", "true")),
        *(
            (one, None)
            for one in ("The answer is not yes", "Answer: yes\nAnswer: no", "the answer is no longer there")
        ),
    ],
)
def test_yes_and_no_are_read_where_they_stand_first_or_are_led_to(raw: str, answer: str | None) -> None:
    assert parse(raw, YES_NO) == answer


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        *(
            ("T", "T"),
            ("Answer: t", "T"),
            ("I", "I"),
            ("I.", "I"),
            ("I think the answer is K.", "K"),
            ("I am sure", None),
        ),
        *(("2. Ladder, striped. Tools.", "K"), ("K: 2. Ladder, str", "K"), ("K: 3. Ladder, striped. Tools.", None)),
        *(
            ("L: 2. Ladder, striped. Tools. (image: A striped ladder)", None),
            ("U", None),
            ("L: Vitamin C. Care.", "L"),
        ),
        *(("K: 2. Ladder, striped. Tools. (image: A striped ladder.)", "K"), ("The answer is C: Vitamin", None)),
    ],
)
def test_options_may_hold_letters_and_stops(raw: str, answer: str | None) -> None:
    lines = {one: f"{one}: Thing {number}. Tools." for number, one in enumerate(TWENTY)}
    lines |= {"K": "K: 2. Ladder, striped. Tools.", "L": "L: Vitamin C. Care.", "M": "M: 3. Ladder, striped. Tools."}
    assert parse(raw, TWENTY, tuple(lines.values())) == answer


LAMPS = tuple(f"{one}: Lamp {number}." for number, one in enumerate(TWENTY))


@pytest.mark.parametrize(
    "raw",
    [
        *("I", "(I)", "I.", "**I**", "I)", "I: Lamp 8.", "I. Lamp 8.", "I: La", "I) Lamp 8, since it is bright"),
        *(
            "Answer: I",
            "The answer is (I).",
            "(I) because it is bright",
            "**I**, since it is bright",
            "I\nIt is bright.",
        ),
    ],
)
def test_the_letter_i_is_an_answer(raw: str) -> None:
    assert parse(raw, TWENTY, LAMPS) == "I"


@pytest.mark.parametrize(
    "raw",
    [
        *("I, personally, would buy the case", "I. do not know", "I because", "I as a buyer", "i, since", "I; none"),
        *("I! Never", "I - because it is bright", "Answer: I, personally, do not know", "I am", "I'd say"),
    ],
)
def test_the_writer_is_no_answer(raw: str) -> None:
    assert parse(raw, TWENTY, LAMPS) is None


@pytest.mark.parametrize(
    "raw", ['{"a":{"a":', "{a:{a:", "{'b': {'b':", '{"B":', '[{"a":{"a":', '{"answer":{"a":', '{"b": "x', '{"a": 1']
)
def test_the_key_of_an_object_that_was_cut_short_is_no_answer(raw: str) -> None:
    assert parse(raw, FIVE, STARS) is None
    assert parse(raw.replace("a", "yes").replace("b", "no"), YES_NO) is None


def test_the_text_of_two_options_is_no_answer_but_the_letter_before_it_is() -> None:
    twins = ("A: Mug", "B: Mug", "C: Cup")
    assert parse("Mug", ("A", "B", "C"), twins) is None
    assert parse("B: Mug", ("A", "B", "C"), twins) == "B"


def test_the_longest_text_that_fits_decides() -> None:
    near = ("A: Mug", "B: Mug, blue")
    assert parse("A: Mug, blue and white", ("A", "B"), near) is None
    assert parse("A: Mug, green", ("A", "B"), near) == "A"
    assert parse("B: Mug, b", ("A", "B"), near) == "B"
    assert parse("B: Mug", ("A", "B"), near) is None


@pytest.mark.parametrize(
    ("raw", "gold", "answer"),
    [
        ("B: positive", FIVE, "B"),
        ("Answer: D", FIVE, "A"),
        ("The answer is: C", TWENTY, "T"),
        *((one, FIVE, None) for one in ("B.", "(B)", "b", "Option B", "")),
        *((one, YES_NO, None) for one in ("Yes", "yes.", "yes: it is")),
        (" yes\n", YES_NO, "yes"),
        ("E", tuple("ABCD"), None),
    ],
)
def test_the_authors_rule_is_theirs(raw: str, gold: tuple[str, ...], answer: str | None) -> None:
    assert authors(raw, gold) == answer
