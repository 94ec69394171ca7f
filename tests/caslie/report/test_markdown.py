"""The report as Markdown: all that the page says, and nothing that becomes markup."""

import re

import pytest

from caslie.report.markdown import render_markdown
from caslie.report.schema import Report
from tests.caslie.report.reports import OURS, bare


@pytest.fixture(scope="module")
def text(report: Report) -> str:
    return render_markdown(report)


def tables(text: str) -> list[list[str]]:
    """The lines of each table."""
    return [block.splitlines() for block in text.split("\n\n") if block.startswith("| ")]


def test_every_section_is_there_in_order(text: str) -> None:
    found = re.findall("^## (.*)$", text, re.MULTILINE)
    assert found == [
        *("The systems", "The verdict", "The paper's tables", "Captions used", "Figures", "Case studies", "Errors"),
        *("Cost and time", "Agreement of the two modes", "How it was made"),
    ]


def test_tables_are_read_as_text_too(text: str) -> None:
    found = tables(text)
    assert len(found) > 15
    for lines in found:
        assert len({len(line) for line in lines}) == 1
        assert len({line.count("|") for line in lines}) == 1
        assert re.fullmatch(r"\|( :?-+:? \|)+", lines[1])


def test_ours_and_the_best_are_marked(text: str) -> None:
    (line,) = [line for line in text.splitlines() if "**ours** small " in line and "0.250" in line and "0.500" in line]
    assert [cell.strip() for cell in line.strip("|").split("|")] == [
        *("**ours** small", "\u2013", "**0.500** (0.400\u20130.600)", "0.250 (0.125\u20130.500)"),
    ]


def test_the_verdict_is_told_in_plain_words(text: str) -> None:
    assert "- **worse**: on 1 of 2 at p < 0.05: AP OOD -0.500 (p < 0.001)." in text


def test_no_word_becomes_markup(text: str) -> None:
    prose = "\n".join(line for line in text.splitlines() if not line.startswith("    caslie "))
    assert not re.search(r"<[a-z/!]|`|\]\(", prose)
    assert "\u202e" not in text
    assert OURS[1] not in text and "&#60;script&#62;" in text
    assert not any(line.startswith(("WWW", "|`")) for line in text.splitlines())


def test_commands_are_code_on_one_line(text: str) -> None:
    assert len(re.findall(r"\n\n    caslie failures 'runs/.*'\n\n", text)) == 1


def test_cases_are_there_without_their_pictures(text: str) -> None:
    assert "### SR IND, captions help: sr_ind-test-1" in text
    assert "caption, dropped: " in text and "votes: judge yes, " in text
    assert "data:image" not in text


def test_figures_are_told_by_their_sentences(text: str) -> None:
    assert text.count("*Figure: ") == 8


def test_the_text_depends_on_the_report_alone_and_can_be_written(report: Report, text: str) -> None:
    assert render_markdown(report) == text
    assert text == text.rstrip()
    text.encode()


def test_a_report_with_the_least_says_what_it_lacks() -> None:
    text = render_markdown(bare())
    assert "Only one system is here" in text
    assert "**figures**: not here: there was nothing to draw" in text
