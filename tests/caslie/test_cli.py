"""The framework's own command line: what it runs on."""

import json
from collections.abc import Callable

Run = Callable[..., tuple[int, str, str]]


def test_env_names_every_library_and_says_which_is_not_there(run: Run) -> None:
    code, out, err = run("env", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found["datasets"][0].isdigit()
    assert {"python", "torch", "trl"} <= found.keys()


def test_env_reads_as_lines_too(run: Run) -> None:
    assert "datasets: " in run("env")[1]
