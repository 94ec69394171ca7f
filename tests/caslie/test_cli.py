"""The framework's own command line: what it runs on."""

import json
import sys
from collections.abc import Callable

import pytest

from caslie import cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process; return its exit code and what it said."""

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["caslie", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return ran


def test_env_names_every_library_and_says_which_is_not_there(run: Run) -> None:
    code, out, err = run("env", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found["datasets"][0].isdigit()
    assert {"python", "torch", "trl"} <= found.keys()


def test_env_reads_as_lines_too(run: Run) -> None:
    assert "datasets: " in run("env")[1]
