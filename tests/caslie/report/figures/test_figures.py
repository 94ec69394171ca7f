"""Figures are SVG texts: well-formed, the same every time, with their numbers as text, whatever a name holds."""

import hashlib
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import pytest

from caslie.evaluation.calibration import calibration
from caslie.evaluation.outcomes import Interval
from caslie.report.figures import (
    Bar,
    Drawing,
    Group,
    Lengths,
    Loss,
    Losses,
    Matrix,
    Point,
    Reliability,
    draw_bars,
    draw_confusion,
    draw_domains,
    draw_lengths,
    draw_losses,
    draw_reliability,
    draw_use_rates,
)
from caslie.schema import Prediction
from caslie.showing import UseRate

HOSTILE = [
    "<script>alert('x')</script>",
    "$x^2$ & $\\frac",
    "two\nlines\tand \x00\x1b[31m",
    "W" * 300,
    "שלום \u202e عربي हिन्दी",
    "😀👩‍👩‍👧‍👦 emoji",
    "_\ud800\ufffe",
    "電子商取引の説明文" * 4,
    "",
]


def bars(names: list[str]) -> Drawing:
    found = tuple(Bar(name, 0.5 + i / 100, 0.4, 0.7, printed=0.855) for i, name in enumerate(names))
    return draw_bars([Group(name, "macro_f1", found) for name in names])


def domains(names: list[str]) -> Drawing:
    ind, ood = Interval(0.512, 0.4, 0.6), Interval(0.381, 0.3, 0.5)
    return draw_domains([Point(task, system, ind, ood) for system in names for task in names])


def confusion(names: list[str]) -> Drawing:
    classes = tuple(names[:5])
    counts = tuple(tuple(131 + x for x in range(len(classes) + 1)) for _ in classes)
    return draw_confusion([Matrix(name, classes, counts) for name in names])


def losses(names: list[str]) -> Drawing:
    training = tuple(Loss(step, 4 / step) for step in range(1, 40))
    return draw_losses([Losses(name, training, (Loss(20, 0.512), Loss(40, 0.634))) for name in names])


def lengths(names: list[str]) -> Drawing:
    return draw_lengths([Lengths(name, name, 1234, 43, 1264, 12, 10, 3, (5, 9, 0, 2)) for name in names])


def reliability(names: list[str]) -> Drawing:
    predictions = [Prediction(str(i), "", "score", "yes", scores={"yes": -0.01 * i, "no": -2.0}) for i in range(90)]
    found = calibration(["yes", "no"] * 45, predictions)
    assert found
    return draw_reliability([Reliability(name, found) for name in names])


def rate(config: str, kept: int, items: int) -> UseRate:
    share = kept / items if items else None
    return UseRate(config, "test", "task", items, items, kept, share, 0.3, 0.6, 0.621, 0, 0, 0, 0)


def use_rates(names: list[str]) -> Drawing:
    return draw_use_rates([rate(name, 450, 1000) for name in names])


Figure = Callable[[list[str]], Drawing]
every = pytest.mark.parametrize("figure", [bars, domains, confusion, losses, lengths, reliability, use_rates])


def texts(drawing: Drawing) -> list[str]:
    return ["".join(one.itertext()) for one in ElementTree.fromstring(drawing.svg).iter() if one.tag.endswith("text")]


@every
@pytest.mark.parametrize("names", [["caslie-s"], ["caslie-s", "caslie-l", "ft-llama"]])
def test_a_figure_is_the_same_every_time_and_in_time(figure: Figure, names: list[str]) -> None:
    first = figure(names)
    start = time.process_time()
    assert figure(names) == first
    assert time.process_time() - start < 1


@every
def test_a_figure_needs_nothing_else(figure: Figure) -> None:
    svg = figure(["caslie-s"]).svg
    ElementTree.fromstring(svg)
    assert svg.startswith("<svg")
    without_names = svg.replace("http://www.w3.org/1999/xlink", "").replace("http://www.w3.org/2000/svg", "")
    assert "http" not in without_names
    assert "<image" not in svg
    assert "matplotlib.org" not in svg


@every
def test_a_name_is_drawn_as_text_and_told(figure: Figure) -> None:
    drawing = figure(["caslie-s"])
    assert any("caslie-s" in text for text in texts(drawing))
    assert "caslie-s" in drawing.alt
    assert drawing.alt.endswith(".")
    assert "\n" not in drawing.alt


@every
def test_hostile_names_are_text_like_any_other(figure: Figure) -> None:
    drawing = figure(HOSTILE)
    drawing.svg.encode()
    drawing.alt.encode()
    found = texts(drawing)
    assert "<script" not in drawing.svg
    assert any("<script>" in text for text in found)
    assert any("$x^2$" in text for text in found)
    assert not any("W" * 60 in text for text in [*found, drawing.alt])
    assert not set("\x00\x1b\u202e") & set("".join(found) + drawing.alt)


@every
def test_each_hostile_name_can_stand_alone(figure: Figure) -> None:
    for name in HOSTILE:
        ElementTree.fromstring(figure([name]).svg)


@pytest.mark.parametrize(
    ("draw", "given", "what"),
    [
        (draw_bars, [], "No scores"),
        (draw_bars, [Group("ap_ind", "f1", ())], "No scores"),
        (draw_domains, [], "No task"),
        (draw_confusion, [], "No confusion matrix"),
        (draw_losses, [], "No losses"),
        (draw_losses, [Losses("caslie-s", (), ())], "No losses"),
        (draw_lengths, [], "No lengths"),
        (draw_reliability, [], "No scored answers"),
        (draw_use_rates, [], "No captions"),
    ],
)
def test_nothing_to_draw_is_said(draw: Callable[[list[object]], Drawing], given: list[object], what: str) -> None:
    drawing = draw(given)
    assert texts(drawing) == [drawing.alt]
    assert drawing.alt.startswith(what)


def test_what_matplotlib_is_set_to_changes_nothing_and_is_not_changed() -> None:
    from matplotlib import rc_context, rcParams

    before = bars(["caslie-s"])
    with rc_context({"font.size": 30, "svg.fonttype": "path", "axes.grid": True}):
        assert bars(["caslie-s"]) == before
        assert (rcParams["font.size"], rcParams["svg.fonttype"]) == (30, "path")


def test_another_process_writes_the_same_bytes() -> None:
    code = (
        "from caslie.report.figures import *; import hashlib;"
        "svg = draw_bars([Group('ap_ind', 'f1', (Bar('a', 0.5, 0.4, 0.6), Bar('b', 0.2, 0.1, 0.3, 0.4)))]).svg;"
        "print(hashlib.sha256(svg.encode()).hexdigest())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.strip()
    drawn = draw_bars([Group("ap_ind", "f1", (Bar("a", 0.5, 0.4, 0.6), Bar("b", 0.2, 0.1, 0.3, 0.4)))])
    assert told == hashlib.sha256(drawn.svg.encode()).hexdigest()


def test_bars_tell_values_and_mark_the_printed_ones() -> None:
    found = (Bar("caslie-s", 1.0, 0.948, 1.0, printed=0.855), Bar("ft-llama", 0.0, 0.0, 0.312))
    drawing = draw_bars([Group("ap_ind", "f1", found)])
    assert {"1.000", "0.000", "printed in the paper", "ap_ind f1"} <= set(texts(drawing))
    assert "ap_ind f1: caslie-s 1.000 (0.948 to 1.000), printed 0.855" in drawing.alt
    plain = draw_bars([Group("ap_ind", "f1", found[1:])])
    assert "printed in the paper" not in texts(plain)


def test_many_bars_grow_downwards_and_not_across() -> None:
    def size(drawing: Drawing) -> list[float]:
        return [float(number) for number in ElementTree.fromstring(drawing.svg).attrib["viewBox"].split()[2:]]

    (width, height), (same, more) = size(bars(["a"])), size(bars(list("abcdefgh")))
    assert width == same
    assert more > 5 * height


def test_domains_tell_both_scores() -> None:
    drawing = domains(["AP"])
    assert {"score in domain (IND)", "score out of domain (OOD)"} <= set(texts(drawing))
    assert "lower out of domain in 1 of 1: AP AP 0.512 against 0.381" in drawing.alt


def test_a_matrix_tells_its_counts_and_what_failed() -> None:
    drawing = draw_confusion([Matrix("sa_ind", ("A", "B"), ((7, 1, 2), (0, 0, 0)))])
    assert {"7", "1", "2", "failed"} <= set(texts(drawing))
    assert drawing.alt == "sa_ind: 7 of 10 right, 2 failed; by right answer: A 7 of 10, B 0 of 0."


def test_losses_tell_the_lowest_validation_loss() -> None:
    assert "validation from 0.512 to 0.634, lowest 0.512 at step 20" in losses(["caslie-s"]).alt


def test_a_training_that_broke_down_is_drawn_and_told() -> None:
    run = Losses("caslie-s", (Loss(1, 4.0), Loss(2, float("nan")), Loss(3, float("inf"))), ())
    drawing = draw_losses([run])
    assert "training from 4.000 to 4.000; losses that are no numbers: 2" in drawing.alt
    assert "not logged" in texts(drawing)  # of the validation
    nothing = draw_losses([Losses("caslie-s", (Loss(1, float("nan")),), ())])
    assert "caslie-s: losses that are no numbers: 1." in nothing.alt


def test_lengths_tell_what_is_not_drawn() -> None:
    drawing = lengths(["SR"])
    assert {"SR, n = 1,234", "median 43, longest 1,264", "longest 12 not drawn"} <= set(texts(drawing))
    assert "median 43, longest 1,264 of 1,234 inputs, the longest 12 not drawn" in drawing.alt


def test_reliability_tells_its_errors() -> None:
    drawing = reliability(["caslie-s ap_ind"])
    assert any(text.startswith("ECE 0.") and "Brier" in text for text in texts(drawing))
    assert "right 0.500 of 90 rows" in drawing.alt


def test_use_rates_tell_where_there_is_no_caption() -> None:
    drawing = draw_use_rates([rate("ap_ind", 450, 1000), rate("cc_ind", 0, 0)])
    assert {"45.0% of 1,000", "no captions", "ap_ind test"} <= set(texts(drawing))
    assert "ap_ind test 45.0% of 1,000 (30.0% to 60.0%, printed 62.1%); cc_ind test has no captions" in drawing.alt
