"""The framework's first commands: what it runs on, and what would be published."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from caslie import cli, push

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process; return its exit code and what it said."""

    def ran(module: ModuleType, *arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", [module.__name__, *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            module.main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return ran


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The least that passes for a build."""
    (tmp_path / "data" / "ap_ood").mkdir(parents=True)
    (tmp_path / "data" / "ap_ood" / "test-00000-of-00001.parquet").write_bytes(b"12345")
    (tmp_path / "manifest.json").write_text('{"configs": {"ap_ood": {"splits": {}}}}')
    (tmp_path / "lineage.sqlite").write_bytes(b"where the corpora lay on this machine")
    return tmp_path


def test_env_names_every_library_and_says_which_is_not_there(run: Run) -> None:
    code, out, err = run(cli, "env", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found["datasets"][0].isdigit()
    assert {"python", "torch", "trl"} <= found.keys()


def test_env_reads_as_lines_too(run: Run) -> None:
    assert "datasets: " in run(cli, "env")[1]


def test_the_plan_names_the_files_their_bytes_and_the_next_command(run: Run, folder: Path) -> None:
    code, out, _ = run(push, "dataset", folder, "me/mmec", "--json")
    plan = json.loads(out)
    assert code == 0
    assert [file["path"] for file in plan["files"]] == ["data/ap_ood/test-00000-of-00001.parquet", "manifest.json"]
    assert plan["bytes"] == 5 + len('{"configs": {"ap_ood": {"splits": {}}}}')
    assert plan["command"].startswith(f"hf upload me/mmec {folder}")


def test_the_plan_is_private_and_leaves_out_where_the_rows_were_read(run: Run, folder: Path) -> None:
    code, out, _ = run(push, "dataset", folder, "me/mmec")
    assert code == 0
    assert "--private --exclude lineage.sqlite" in out
    assert "next: hf upload" in out


@pytest.mark.parametrize(
    ("repository", "said"), [("a/b/c", "is no name of a repository"), ("me/mm ec", "is no name of a repository")]
)
def test_a_name_that_no_hub_takes_is_one_line(run: Run, folder: Path, repository: str, said: str) -> None:
    code, out, err = run(push, "dataset", folder, repository)
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert said in err


def test_a_folder_that_is_no_build_is_one_line(run: Run, tmp_path: Path) -> None:
    code, _, err = run(push, "dataset", tmp_path, "me/mmec")
    assert code == 1
    assert "no build of mmecinstruct" in err
    assert err.count("\n") == 1
