"""The tasks as a harness finds them: their names, their groups, and that nothing they refer to is missing."""

from collections.abc import Callable
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from caslie import harness_cli
from caslie.harness import lm_eval_folder, lmms_eval_folder
from caslie.metrics import MEASURES, score
from tests.caslie.harness.reading import read

IND = ("ap_ind", "cc_ind", "prp_ind", "psi_ind", "mpc_ind", "sa_ind", "sr_ind")
OOD = ("ap_ood", "cc_ood", "prp_ood", "sa_ood", "sr_ood")
FOLDERS = pytest.mark.parametrize("folder", [lm_eval_folder(), lmms_eval_folder()], ids=lambda path: path.name)


def tasks(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("_"))


@FOLDERS
def test_every_test_set_is_a_task_of_three_lines(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMECINSTRUCT_DATASET", "user/mmecinstruct")
    assert {path.stem for path in tasks(folder)} == {*IND, *OOD}
    for path in tasks(folder):
        assert len(path.read_text().splitlines()) == 3
        task = read(path)
        named = task["dataset_kwargs"]["config"] if "dataset_kwargs" in task else task["dataset_name"]
        assert (task["task"], named, task["tag"]) == (f"mmecinstruct_{path.stem}", path.stem, "mmecinstruct")


@FOLDERS
@pytest.mark.parametrize(("domain", "configs"), [("ind", IND), ("ood", OOD)])
def test_a_group_is_the_plain_mean_of_a_domain(folder: Path, domain: str, configs: tuple[str, ...]) -> None:
    group = yaml.safe_load((folder / f"_{domain}.yaml").read_text())
    assert group["group"] == f"mmecinstruct_{domain}"
    assert group["task"] == [f"mmecinstruct_{config}" for config in configs]
    assert [(one["metric"], one["weight_by_size"]) for one in group["aggregate_metric_list"]] == [
        ("primary", False),
        ("strict_primary", False),
    ]


@FOLDERS
def test_every_column_of_the_paper_is_measured_by_the_function_of_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMECINSTRUCT_DATASET", "user/mmecinstruct")
    aggregations = {one["metric"]: one["aggregation"] for one in read(folder / "_base_yaml")["metric_list"]}
    columns = {column for measure in MEASURES for column in measure.columns}
    assert set(aggregations) == columns | {"primary", "strict_primary", "n_failed"}
    for measure in MEASURES:
        rows = [(measure.abbr, answer, answer) for answer in measure.answers[:2]] * 2
        rows += [(measure.abbr, measure.answers[0], measure.answers[1]), (measure.abbr, measure.answers[0], None)]
        found = {column: aggregations[column](rows) for column in measure.columns}
        assert found == score(measure.abbr, [row[1] for row in rows], [row[2] for row in rows]).excluded
        assert aggregations["primary"](rows) == found[measure.primary] > aggregations["strict_primary"](rows)
        assert aggregations["n_failed"](rows) == 1


@pytest.mark.parametrize(("name", "where"), [("lm-eval", lm_eval_folder), ("lmms-eval", lmms_eval_folder)])
def test_a_command_prints_the_folder_and_nothing_else(name: str, where: Callable[[], Path]) -> None:
    app = typer.Typer()
    app.add_typer(harness_cli.app, name="harness")
    ran = CliRunner().invoke(app, ["harness", name])
    assert (ran.exit_code, ran.output) == (0, f"{where()}\n")
    assert where().is_dir()
