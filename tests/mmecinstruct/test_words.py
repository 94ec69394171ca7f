"""The words: Appendix B to the letter, values that stay values, and prompts that do not change unnoticed.

UPDATE_GOLDEN=1 rewrites tests/golden/prompts; the change is then read in the diff.
"""

import json
import os
import tomllib
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from mmecinstruct import words
from mmecinstruct.errors import RecipeError, UnknownNameError
from mmecinstruct.schema import Item, Role, Sample

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "prompts"

CAPTION = "The product stands on a white ground,\nseen from the front (studio light)."
HOSTILE = [
    'He said "15\\" wide"',
    "back\\slash \\n \\u0041",
    "two\nlines\tand\r\nmore",
    "line\u2028separator\u2029\x85\x1c",
    "🔧 Schlüssel 扳手",
    "{{ 7*7 }} {% raw %} {# no #} ${x} %s",
    "<|eot_id|>[INST]</s>",
]


def sample_of(task: str, *items: Item, **fields: Any) -> Sample:
    return Sample(id=f"{task}-1", task=task, domain="ind", split="test", fields=fields, items=items, target="A")


def item(title: str, role: Role = "product", category: str = "", brand: str = "") -> Item:
    return Item(role=role, product_id="B000000000", title=title, category=category, brand=brand)


HISTORY = (
    ("First Alert P910 Smoke Detector", "Tools & Home Improvement. Safety & Security", "First Alert"),
    ("Drywall Anchors, Pack of 50.", "Tools & Home Improvement. Hardware", ""),
    (
        'DEWALT 20V MAX XR Cordless Drill and Driver Kit, 1/2" Chuck, Brushless, with Two Batteries, Charger, Belt '
        "Hook, Side Handle, Screwdriver Bits and a Tough Contractor Bag",
        "Tools & Home Improvement. Power & Hand Tools",
        "DEWALT",
    ),
)
CHOICES = (
    ("Kidde Carbon Monoxide Alarm", "Tools & Home Improvement. Safety & Security", "Kidde"),
    ("IRWIN Twist Drill Bit Set", "Tools & Home Improvement. Power & Hand Tools", "IRWIN"),
    ("Stud Finder with LCD", "", ""),
    ("Moen Kitchen Faucet", "Tools & Home Improvement. Kitchen & Bath Fixtures", "Moen"),
)
SHOPPING = [item(t, "history", c, b) for t, c, b in HISTORY] + [item(t, "option", c, b) for t, c, b in CHOICES]
SINKS = (
    item("Alfi AB105 Ceramic Wall Mounted Rectangle Bathroom Sink, 17 X 10 X 5 inches, White"),
    item("Silverylake Wall Mount Corner Ceramic Vessel Sink Small & Chrome Faucet Combo"),
)
PHONE = item("Sprint HTC EVO Shift 4G")
STRINGS = item("Ernie Ball Regular Slinky Electric Guitar Strings")
BOOK = item("Microelectronic Circuits: Analysis and Design")
ANGEL = item("Conversation Concepts Labrador Retriever Yellow Angel Tree Topper")
SNIPPETS = ["The battery dies so fast!!", 'I use it from about "9pm - 7am".']
CATEGORIES = ["Drum Sticks", "Guitar Strings", "Piano Benches"]
REVIEW = "Nice handles terrible customer service. Impossible to get a hold of the manufacturer by email or phone."
SAMPLES = {
    sample.task: sample
    for sample in (
        sample_of("answerability_prediction", PHONE, question="Is battery replaceable?", document=SNIPPETS),
        sample_of("category_classification", STRINGS, choices=CATEGORIES),
        sample_of("product_relation_prediction", *SINKS),
        sample_of("product_substitute_identification", BOOK, query="microelectronics circuit analysis 4th edition"),
        sample_of("multiclass_product_classification", ANGEL, query="tree topper angel with moving wings"),
        sample_of("sentiment_analysis", item("Cabinet Handles", "review"), review=REVIEW),
        sample_of("sequential_recommendation", *SHOPPING),
    )
}
EACH_TASK = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)

AP, CC, PRP, PSI, MPC, SA, SR = SAMPLES
APPENDIX_B = tomllib.loads((GOLDEN / "appendix_b.toml").read_text(encoding="utf-8"))


def slots(sample: Sample) -> dict[str, str]:
    fields = sample.fields
    return {
        "question": fields.get("question", ""),
        "query": fields.get("query", ""),
        "review": json.dumps(SNIPPETS) if sample.task == AP else fields.get("review", ""),
        "title": sample.items[0].title,
        "other": SINKS[1].title,
        "options": json.dumps(list(words.options(sample))),
        "text": "First Alert P910 Smoke Detector. Tools & Home Improvement. Safety & Security. First Alert.",
        "caption": CAPTION,
    }


def captions_of(sample: Sample) -> list[str]:
    return [f"{CAPTION} {number}" for number in range(1, len(sample.items) + 1)]


def prompts(sample: Sample) -> dict[str, str]:
    rendered = {
        "instruction": words.instruction(sample),
        "input": words.input_text(sample),
        "input with captions": words.input_text(sample, captions_of(sample)),
        "options": "\n".join(words.options(sample)),
        "options with captions": "\n".join(words.options(sample, captions_of(sample))),
    }
    for index, shown in enumerate(sample.items):
        rendered[f"caption of item {index} ({shown.role})"] = words.caption_prompt(sample, index)
        rendered[f"judge of item {index} ({shown.role})"] = words.judge_prompt(sample, index, CAPTION)
    return rendered


@EACH_TASK
def test_prompts_are_those_of_the_golden_files(sample: Sample) -> None:
    path = GOLDEN / f"{sample.task}.txt"
    text = "\n\n".join(f"## {name}\n{prompt}" for name, prompt in prompts(sample).items()) + "\n"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text


def test_every_template_has_a_golden_file() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == {path.stem for path in (ROOT / "templates").glob("*.jinja")}


@pytest.mark.parametrize("block", ["instruction", "caption", "judge"])
@EACH_TASK
def test_golden_files_speak_appendix_b_to_the_letter(sample: Sample, block: str) -> None:
    sentence = APPENDIX_B[sample.task][block]
    heading = block if block == "instruction" else f"{block} of item 0 ({sample.items[0].role})"
    golden = (GOLDEN / f"{sample.task}.txt").read_text(encoding="utf-8")
    assert f"## {heading}\n{sentence.format(**slots(sample))}\n" in golden


def test_relation_judge_of_product_2_keeps_the_order_of_titles() -> None:
    prompt = words.judge_prompt(SAMPLES[PRP], 1, "chrome")
    assert f"product 1: {SINKS[0].title}, and product 2: {SINKS[1].title}." in prompt
    assert "information about product 2 extracted from its image: chrome," in prompt


def test_relation_caption_of_product_2_swaps_the_titles() -> None:
    prompt = words.caption_prompt(SAMPLES[PRP], 1)
    assert f"in the image is {SINKS[1].title}." in prompt
    assert prompt.endswith(f"between this product and {SINKS[0].title}.")


def test_input_is_written_as_the_authors_write_it() -> None:
    expected = (
        '{"query": "tree topper angel with moving wings", "product title": "Conversation Concepts Labrador Retriever '
        'Yellow Angel Tree Topper", "product information extracted from image": "An angel."}'
    )
    assert words.input_text(SAMPLES[MPC], ["An angel."]) == expected


@EACH_TASK
def test_input_is_what_json_dumps_would_write(sample: Sample) -> None:
    for text in (words.input_text(sample), words.input_text(sample, captions_of(sample))):
        assert text == json.dumps(json.loads(text), ensure_ascii=False)


@EACH_TASK
def test_refused_captions_leave_no_trace(sample: Sample) -> None:
    refused = [None] * len(sample.items)
    assert words.input_text(sample, refused) == words.input_text(sample)
    assert words.options(sample, refused) == words.options(sample)


def test_one_product_of_a_pair_may_keep_its_caption() -> None:
    assert list(json.loads(words.input_text(SAMPLES[PRP], [None, "A sink."]))) == [
        "product 1",
        "product 2",
        "product 2 information extracted from image",
    ]


def test_captions_must_be_as_many_as_the_items() -> None:
    with pytest.raises(ValueError, match="shorter"):
        words.input_text(SAMPLES[PRP], ["A sink."])


def test_history_and_candidates_show_their_captions_in_brackets() -> None:
    captions = [f"picture {number}" for number in range(1, 8)]
    assert json.loads(words.input_text(SAMPLES[SR], captions))[1] == (
        "2nd: Drywall Anchors, Pack of 50. Tools & Home Improvement. Hardware. (image: picture 2)"
    )
    assert words.options(SAMPLES[SR], captions)[2] == "C: Stud Finder with LCD. (image: picture 6)"


def test_item_text_is_cut_to_25_words() -> None:
    drill = json.loads(words.input_text(SAMPLES[SR]))[2]
    assert drill.endswith("Screwdriver Bits and a Tough...")
    assert len(drill.removeprefix("3rd: ").split()) == 25


def hostile(task: str, text: str) -> Sample:
    sample = SAMPLES[task]
    items = tuple(replace(one, title=text, category=text, brand=text) for one in sample.items)
    fields = {name: [text, text] if isinstance(value, list) else text for name, value in sample.fields.items()}
    return replace(sample, items=items, fields=fields)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("task", [AP, CC, PRP, PSI, MPC, SA])
def test_hostile_words_come_back_from_the_input_as_they_went_in(task: str, text: str) -> None:
    sample = hostile(task, text)
    shown = json.loads(words.input_text(sample, [text] * len(sample.items)))
    assert all(value in (text, [text, text]) for value in shown.values())


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("task", SAMPLES)
def test_hostile_words_stand_in_the_prompts_as_they_are(task: str, text: str) -> None:
    sample = hostile(task, text)
    assert text in words.caption_prompt(sample, 0)
    assert text in words.judge_prompt(sample, 0, text)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("task", [CC, SR])
def test_an_option_stays_on_one_line(task: str, text: str) -> None:
    sample = hostile(task, text)
    lines = words.options(sample, [text] * len(sample.items))
    assert [line[:3] for line in lines] == ["A: ", "B: ", "C: ", "D: "][: len(lines)]
    assert [len(line.splitlines()) for line in lines] == [1] * (2 if task == CC else 4)


def test_braces_in_a_title_are_not_a_template() -> None:
    assert words.options(hostile(CC, "{{ 7*7 }}")) == ("A: {{ 7*7 }}", "B: {{ 7*7 }}")


def test_a_missing_field_is_named() -> None:
    sample = replace(SAMPLES[PSI], fields={})
    for render in (words.input_text, lambda one: words.caption_prompt(one, 0)):
        with pytest.raises(UndefinedError, match="'query' is undefined"):
            render(sample)


def test_the_other_product_exists_only_in_a_pair() -> None:
    with pytest.raises(UndefinedError, match="'other' is undefined"):
        words.caption_prompt(replace(SAMPLES[PRP], items=SINKS[:1]), 0)


def test_the_judge_of_a_category_sees_the_options_the_sample_holds() -> None:
    sample = replace(SAMPLES[CC], options=("A: Drum Sticks", "B: Guitar Strings"))
    assert 'from the options: ["A: Drum Sticks", "B: Guitar Strings"]. Here' in words.judge_prompt(
        sample, 0, "strings"
    )


@EACH_TASK
def test_a_row_gives_back_the_fields_of_its_sample(sample: Sample) -> None:
    row = words.fields_of(words.input_text(sample), words.options(sample))
    assert {name: row[name] for name in sample.fields} == dict(sample.fields)


@EACH_TASK
def test_a_sample_read_back_from_a_row_speaks_the_same_words(sample: Sample) -> None:
    fields = words.fields_of(words.input_text(sample, captions_of(sample)), words.options(sample))
    assert prompts(replace(sample, fields=fields)) == prompts(sample)


def test_options_end_at_z() -> None:
    choices = [f"category {number}" for number in range(27)]
    assert words.options(replace(SAMPLES[CC], fields={"choices": choices[:26]}))[-1] == "Z: category 25"
    with pytest.raises(RecipeError, match="Option 27 has no letter"):
        words.options(replace(SAMPLES[CC], fields={"choices": choices}))


@pytest.mark.parametrize(
    ("place", "ordinal"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (10, "10th"), (11, "11th"), (12, "12th"), (13, "13th"),
     (20, "20th"), (21, "21st"), (22, "22nd"), (23, "23rd"), (101, "101st"), (111, "111th"), (112, "112th")],
)  # fmt: skip
def test_history_is_counted_in_english(place: int, ordinal: str) -> None:
    sample = replace(SAMPLES[SR], items=(item("Hammer", "history"),) * place)
    assert json.loads(words.input_text(sample))[-1] == f"{ordinal}: Hammer."


def test_template_digest_is_the_sha256_of_the_file() -> None:
    expected = sha256((ROOT / "templates" / f"{SA}.jinja").read_bytes()).hexdigest()
    assert words.template_digest(SA) == expected


@pytest.mark.parametrize(
    "ask", [words.template_digest, lambda name: words.instruction(replace(SAMPLES[SA], task=name))]
)
def test_an_unknown_task_is_refused_with_the_nearest_name(ask: Callable[[str], str]) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'sentiment_analysis'"):
        ask("sentiment_analisys")
