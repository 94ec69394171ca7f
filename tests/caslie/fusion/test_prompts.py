"""Frames: what one may do, since it may come from a stranger, and what is said of one that may not be used."""

from pathlib import Path

import pytest

from caslie.errors import ModelError
from caslie.fusion import Frame, frame
from caslie.fusion.prompts import read_frame

BOTH = "{{ instruction }} {{ input }}"


@pytest.mark.parametrize("name", ["alpaca", "mistral", "chat"])
def test_our_own_frames_are_frames_and_keep_their_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / "prompt.jinja"
    path.write_text(frame(name).source, encoding="utf-8")
    assert read_frame(path, "of me/tuned") == frame(name)


@pytest.mark.parametrize(
    ("source", "prompt"),
    [
        (BOTH, "Do. this"),
        ("{# said first #}{{ input }}{{ instruction }}->", "thisDo.->"),
        (BOTH + "{% if options %} {{ options }}{% else %} yes or no{% endif %}", 'Do. this ["A: b"]'),
        (BOTH + "{% if not options %}!{% elif options is defined %}?{% endif %}", "Do. this?"),
    ],
)
def test_a_frame_places_and_asks(tmp_path: Path, source: str, prompt: str) -> None:
    path = tmp_path / "prompt.jinja"
    path.write_text(source)
    found = read_frame(path, "of me/tuned")
    assert found.name == "of me/tuned"
    assert found.render("Do.", "this", ["A: b"]) == prompt


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("{{ 1/0 }}", "Div in line 1"),
        ("\n{% for i in range(10**9) %}x{% endfor %}", "For in line 2"),
        ('{{ "x" * 10**9 }}', "Mul in line 1"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "Macro in line 1"),
        ("{% set x = input %}", "Assign in line 1"),
        ("{{ cycler }}", "'cycler' in line 1"),
        ("{{ input.__class__ }}", "Getattr in line 1"),
        ("{{ input[0] }}", "Getitem in line 1"),
        ("{{ input|upper }}", "Filter 'upper' in line 1"),
        ("{% if input is mapping %}{% endif %}", "Test 'mapping' in line 1"),
        ("{% if input.x is defined %}{% endif %}", "Test 'defined' in line 1"),
        ("{% include 'x' %}", "Include in line 1"),
        ("{% if input == 'a' %}{% endif %}", "Compare in line 1"),
        ("{{ 5 }}", "Const in line 1"),
        ("{{ instruction ~ input }}", "Concat in line 1"),
        ("{% with %}{% endwith %}", "With in line 1"),
        ("{% block b %}{% endblock %}", "Block in line 1"),
    ],
)
def test_a_frame_that_does_more_is_refused_before_it_runs(source: str, found: str) -> None:
    with pytest.raises(ModelError) as error:
        Frame("of me/tuned", BOTH + source)
    told = "prompt of me/tuned: may only place instruction, input and options, and ask whether they are there; found"
    assert str(error.value) == f"{told} {found}"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{{ input }}", "places no {{ instruction }}, which every task has"),
        ("{{ instruction }}{% if input %}{{ options }}{% endif %}", "places no {{ input }}, which every task has"),
        ("", "places no {{ instruction }}"),
        ("{{ instruction", "unexpected end of template"),
        ("{% if input %}", "Unexpected end of template"),
        (BOTH + "x" * 20_000, "is longer than 20,000 characters"),
        (BOTH + "{% if " + "not " * 4_000 + "input %}{% endif %}", "is nested too deep"),
        (BOTH + "{% if " + "not " * 150 + "input %}{% endif %}", "has more than 100 parts"),
        (BOTH + "{% if input %}" * 60 + "{% endif %}" * 60, "has more than 100 parts"),
        (BOTH * 40, "has more than 100 parts"),
    ],
)
def test_what_is_no_frame_is_told_in_one_line(source: str, told: str) -> None:
    with pytest.raises(ModelError) as error:
        Frame("of me/tuned", source)
    assert str(error.value).startswith("prompt of me/tuned: ")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_the_deepest_frame_still_renders() -> None:
    nested = BOTH + "{% if input %}" * 30 + "." + "{% endif %}" * 30
    assert Frame("deep", nested).render("Do.", "this", []) == "Do. this."
    denied = BOTH + "{% if " + "not " * 90 + "input %}!{% endif %}"
    assert Frame("denied", denied).render("Do.", "this", []) == "Do. this!"


@pytest.mark.parametrize(
    ("content", "told"), [(b"\xff\xfe{\x00", "cannot be read ('utf-8'"), (None, "cannot be read ([Errno 2]")]
)
def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "prompt.jinja"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError) as error:
        read_frame(path, "of me/tuned")
    assert str(error.value).startswith(f"prompt of me/tuned: {told}")
    assert "\n" not in str(error.value)
