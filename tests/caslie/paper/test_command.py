"""`caslie paper`: what it prints, writes and refuses."""

import json
from io import StringIO
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from caslie import paper_cli
from caslie.paper.checking import Checked
from caslie.paper.markdown import END, START, section, write_section
from caslie.paper.printing import print_checked, print_table
from caslie.paper.tables import numbers, table
from mmecinstruct.errors import OutputError, UnknownNameError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.callback()(lambda: None)
    paper_cli.add_to(made)
    return made


@pytest.fixture(scope="module")
def shown(checked: Checked) -> str:
    told = StringIO()
    print_checked(Console(file=told, width=80), checked)
    return told.getvalue()


@pytest.mark.parametrize("number", numbers())
def test_every_table_is_narrow_enough_for_eighty_columns(number: str) -> None:
    told = StringIO()
    print_table(Console(file=told, width=80), table(number))
    assert max(map(len, told.getvalue().splitlines())) <= 80
    assert "…" not in told.getvalue()


def test_a_table_is_printed_with_heads_as_printed_and_as_they_are(app: typer.Typer) -> None:
    lines = CliRunner().invoke(app, ["paper", "--table", "A7"]).output.splitlines()
    assert lines[2].split() == ["Acc", "M-Rec", "M-Pre", "M-F1", "n"]
    assert lines[3].split() == ["system,", "variant", "accuracy", "precision", "recall", "f1", "failed"]
    assert "ft-LLaVA-NExT-Interleave     0.746      0.895   0.709  0.791       11" in lines


def test_all_tables_are_printed_without_options(app: typer.Typer) -> None:
    output = CliRunner().invoke(app, ["paper"]).output
    assert [number for number in numbers() if f"Table {number}: " not in output] == ["E.3"]


def test_tables_are_json_for_a_machine(app: typer.Typer) -> None:
    [found] = json.loads(CliRunner().invoke(app, ["paper", "--table", "4", "--json"]).output)
    assert found["rows"][6] == {
        "labels": ["CASLIE-M"],
        "values": [0.891, 0.979, 0.566, 0.398, 0.731, 0.656, 0.223, 0.855, 0.977, 0.585, 0.625, 0.33],
    }


def test_an_unknown_table_is_told_with_the_nearest(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["paper", "--table", "A77"])
    assert isinstance(result.exception, UnknownNameError)
    assert "Did you mean 'A7'" in str(result.exception)


def test_one_table_is_not_checked_alone(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["paper", "--check", "--table", "4"])
    assert isinstance(result.exception, OutputError)
    assert str(result.exception) == "all tables are checked together: leave --table out"


@pytest.mark.parametrize(
    "forms",
    [["--json", "--markdown"], ["--json", "--write", "R.md"], ["--markdown", "--write", "R.md"]],
)
@pytest.mark.parametrize("check", [[], ["--check"]])
def test_two_forms_at_once_are_refused(app: typer.Typer, forms: list[str], check: list[str]) -> None:
    result = CliRunner().invoke(app, ["paper", *check, *forms])
    assert isinstance(result.exception, OutputError)
    assert str(result.exception) == f"{forms[0]} and {forms[1]} contradict each other: give one of them"
    assert result.stdout == ""


def test_a_check_ends_well_since_the_errors_are_the_papers(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["paper", "--check", "--json"])
    found = json.loads(result.output)
    assert result.exit_code == 0
    assert len(found["contradictions"]) == 37
    assert sum(gap["within_noise"] for gap in found["gaps"]) == 34


def test_a_check_is_readable_in_eighty_columns(shown: str) -> None:
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown


def test_a_check_shows_percentages_then_contradictions_then_baselines_then_counts(shown: str) -> None:
    parts = ("Percentages and sums", "37 contradictions", "Answers without looking", "How far CASLIE-M is ahead")
    places = [shown.index(part) for part in parts]
    assert places == sorted(places)
    assert shown.splitlines()[-1] == "371 checks: 334 ok, 32 wrong, 5 not reproducible"


def test_no_number_is_minus_nothing(shown: str, checked: Checked) -> None:
    assert "-0.0," not in shown + section(checked)
    assert "+3.5 [0.0, 7.0]" in shown


def test_a_contradiction_is_shown_with_its_proof(shown: str) -> None:
    assert (
        " 1. Table 4: imprv over best, AP IND\n"
        "    wrong: printed +2.6 %, recomputed +2.18 %                                   \n"
        "    CASLIE-M 0.891 over eCeLLM-L 0.872 is +2.18 %." in shown
    )


def test_reproduction_md_is_what_the_command_writes_now(checked: Checked) -> None:
    text = (ROOT / "REPRODUCTION.md").read_text(encoding="utf-8")
    between = text.partition(f"{START}\n")[2].partition(f"\n{END}")[0]
    assert between.strip() == section(checked), "run: caslie paper --write REPRODUCTION.md"


def test_markdown_has_a_line_a_finding_and_a_column_a_cell(checked: Checked) -> None:
    rows = [line for line in section(checked).splitlines() if line.startswith("|")]
    assert len(rows) == 4 * 2 + 43 + 37 + len(checked.baselines) + 12
    assert {line.replace("\\|", "").count("|") for line in rows} == {6, 7, 8}


def test_the_section_is_written_between_the_marks_alone(tmp_path: Path) -> None:
    path = tmp_path / "R.md"
    path.write_text(f"before\n{START}\nold\n{END}\nafter\n", encoding="utf-8")
    for _ in range(2):
        write_section(path, "new")
    assert path.read_text(encoding="utf-8") == f"before\n{START}\n\nnew\n\n{END}\nafter\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"one\r\n\ntwo\n{START}\r\nold\r\n{END}\r\nafter\r\n", f"\r\n\r\nnew\r\nnewer\r\n\r\n{END}\r\nafter\r\n"),
        (f"\ufeffone\n{START}\n{END}", f"\n\nnew\nnewer\n\n{END}"),
        (f"of `{START}` and `{END}`\n{START}\n{END}\n", f"\n\nnew\nnewer\n\n{END}\n"),
    ],
)
def test_what_is_outside_the_marks_stays_byte_by_byte(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "R.md"
    path.write_bytes(before.encode())
    for _ in range(2):
        write_section(path, "new\nnewer")
    head, _, _ = before.rpartition(START)
    assert path.read_bytes().decode() == f"{head}{START}{after}"


def test_a_link_stays_one_and_its_target_is_written_with_its_mode(tmp_path: Path) -> None:
    target, link = tmp_path / "real" / "R.md", tmp_path / "R.md"
    target.parent.mkdir()
    target.write_text(f"{START}\n{END}\n", encoding="utf-8")
    target.chmod(0o640)
    link.symlink_to(target)
    write_section(link, "new")
    assert link.is_symlink()
    assert "new" in target.read_text(encoding="utf-8")
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_no_text_is_refused_and_left(tmp_path: Path) -> None:
    path = tmp_path / "R.md"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(OutputError, match=r"R\.md: not a text in UTF-8"):
        write_section(path, "new")
    assert path.read_bytes() == b"\xff\xfe"


@pytest.mark.parametrize(
    "text",
    ["no mark\n", f"{START}\n", f"{END}\n{START}\n", f"{START}\n{END}\n{START}\n{END}\n", f"{START}\n{END}\n{END}\n"],
)
def test_a_file_without_the_marks_is_refused_and_left(tmp_path: Path, text: str) -> None:
    path = tmp_path / "R.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OutputError, match="must have the lines <!-- caslie paper --> and <!-- /caslie paper --> once"):
        write_section(path, "new")
    assert path.read_text(encoding="utf-8") == text
