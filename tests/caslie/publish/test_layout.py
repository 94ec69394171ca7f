"""The layout of a build: what the dataset viewer, `load_dataset` and the Hub would refuse, before it is sent."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from caslie.publish.layout import Layout, check_layout
from mmecinstruct.errors import OutputError

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a build of one Parquet file: these texts, in row groups of so many rows."""

    def made(texts: list[str], config: str = "sr_ood", split: str = "test", group: int = 100) -> Path:
        path = tmp_path / "data" / "sr_ood" / "test-00000-of-00001.parquet"
        path.parent.mkdir(parents=True)
        pq.write_table(pa.table({"input": texts}), path, row_group_size=group, use_dictionary=False)
        files = [{"path": path.relative_to(tmp_path).as_posix()}]
        manifest = {"configs": {config: {"splits": {split: {"files": files}}}}}
        (tmp_path / "manifest.json").write_text(json.dumps(manifest))
        return tmp_path

    return made


def test_a_build_that_suits_is_told_nothing(make: Make) -> None:
    assert check_layout(make(["a", "b"])) == Layout((), ())


def test_a_row_group_that_the_viewer_cannot_read_is_a_problem(make: Make) -> None:
    found = check_layout(make(["x" * (31 << 20)] * 10 + ["y"], group=10))
    assert found.problems == (
        "data/sr_ood/test-00000-of-00001.parquet: row group 0 has 310.0 MiB; the viewer reads at most 286.1 MiB",
    )


def test_rows_that_the_viewer_cuts_short_are_a_warning(make: Make) -> None:
    found = check_layout(make(["x" * 3_000_000, "y" * 3_000_000]))
    assert found.problems == ()
    assert "2.9 MiB a row; the viewer cuts rows of more than 1.9 MiB short" in found.warnings[0]


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("data", "`datasets` refuses this name"),
        ("sr/ood", "/ in its name keeps every config of the repository from loading"),
        ("sr?*", "* ? in its name keeps every config"),
        ("..", "is no name of a folder"),
        (" ", "characters that can be seen"),
        ("sr\nood", "characters that can be seen"),
    ],
)
def test_a_config_name_that_would_poison_the_repository_is_a_problem(make: Make, config: str, reason: str) -> None:
    (problem,) = check_layout(make(["a"], config=config)).problems
    assert problem.startswith(f"config {config!r}: ")
    assert reason in problem


@pytest.mark.parametrize("split", ["in-domain", "", "test.", "te st", "test\n"])
def test_a_split_name_that_datasets_refuses_is_a_problem(make: Make, split: str) -> None:
    (problem,) = check_layout(make(["a"], split=split)).problems
    assert problem.startswith(f"split {split!r} of sr_ood: a name must match")


@pytest.mark.parametrize("name", ["mmecinstruct.py", "data/sr_ood/helper.py"])
def test_python_beside_the_data_is_a_problem(make: Make, name: str) -> None:
    build = make(["a"])
    (build / name).write_text("")
    assert check_layout(build).problems == (
        f"{name}: Python beside data is taken for a loading script, which `load_dataset` refuses",
    )


def test_a_folder_of_too_many_files_is_a_problem(make: Make) -> None:
    build = make(["a"])
    for i in range(10_001):
        (build / "data" / f"{i}.txt").touch()
    assert check_layout(build).problems == ("data: 10,001 files; the Hub takes at most 10,000 a folder",)


def test_a_damaged_file_is_a_problem(make: Make) -> None:
    build = make(["a"])
    (build / "data/sr_ood/test-00000-of-00001.parquet").write_bytes(b"PAR1")
    assert "test-00000-of-00001.parquet: cannot be read as Parquet" in check_layout(build).problems[0]


@pytest.mark.parametrize("path", ["../secret.parquet", "/etc/passwd"])
def test_a_file_outside_the_build_is_a_problem(make: Make, path: str) -> None:
    build = make(["a"])
    text = (build / "manifest.json").read_text()
    (build / "manifest.json").write_text(text.replace("data/sr_ood/test-00000-of-00001.parquet", path))
    assert check_layout(build).problems == (f"{path!r}: is not inside the build",)


def test_a_folder_that_is_no_build_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no build of mmecinstruct"):
        check_layout(tmp_path)
