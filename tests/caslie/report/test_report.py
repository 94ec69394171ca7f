"""What a report holds: tables with ours beside, best marks only where tests say so, and everything counted."""

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from caslie.effort import Effort, note
from caslie.errors import StageError
from caslie.report.schema import Line, Report
from caslie.report.stage import Wanted, make_report
from caslie.schema import Variant
from mmecinstruct.builder import Request, build
from mmecinstruct.builder.folder import Folder
from mmecinstruct.config import load_recipe
from tests.caslie.report.runs import Answer, half, right, write_run, wrong

Make = Callable[..., Report]

VARIANTS: tuple[tuple[str, Answer, Variant], ...] = (
    ("text", half, "text"),
    ("uia", half, "uia"),
    ("caslie", right, "caslie"),
)


def quiet(what: str, done: int, total: int) -> None:
    """Tell nobody."""


@pytest.fixture
def folder(dataset: Path) -> Folder:
    return Folder(dataset)


@pytest.fixture
def make(tmp_path: Path, folder: Folder) -> Make:
    """Report three variants of a size: uniM3 and UIA right in every second row, CASLIE always."""

    def made(**wanted: Any) -> Report:
        for name, answer, variant in VARIANTS:
            if not (tmp_path / name).is_dir():
                write_run(tmp_path / name, folder, answer, variant=variant)
        return make_report([tmp_path / name for name, *_ in VARIANTS], Wanted(**wanted), quiet)

    return made


@pytest.fixture(scope="module")
def usual(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The same three, reported once; to read only."""
    home = tmp_path_factory.mktemp("usual")
    for name, answer, variant in VARIANTS:
        write_run(home / name, Folder(dataset), answer, variant=variant)
    return make_report([home / name for name, *_ in VARIANTS], Wanted(), quiet)


def ours(report: Report, number: str) -> dict[str, Line]:
    [found] = [one for one in report.tables if one.number == number]
    return {line.labels[0]: line for line in found.lines if line.is_ours}


def test_ours_follows_the_printed_line_that_it_stands_beside(usual: Report) -> None:
    report = usual
    [table6] = [one for one in report.tables if one.number == "6"]
    places = {line.labels: place for place, line in enumerate(table6.lines)}
    assert table6.lines[places["CASLIE", "-M"] + 1].labels == ("caslie", "")
    assert table6.lines[places["UIA", "-M"] + 1].labels == ("uia", "")
    assert table6.lines[places["uniM3", "-M"] + 1].labels == ("text", "")
    assert sum(line.is_ours for line in table6.lines) == 3


def test_a_system_without_a_printed_counterpart_ends_the_main_table(usual: Report) -> None:
    [table4] = [one for one in usual.tables if one.number == "4"]
    assert [line.labels[0] for line in table4.lines[-2:]] == ["text", "uia"]  # they stand in Table 6


def test_columns_that_were_not_answered_stay_empty(usual: Report) -> None:
    report = usual
    [table4] = [one for one in report.tables if one.number == "4"]
    cells = dict(zip([head.config for head in table4.columns], ours(report, "4")["caslie"].cells, strict=True))
    assert cells["ap_ind"]
    assert cells["ap_ind"].value == 1
    assert cells["cc_ind"] is None  # the build has three tasks


def test_the_best_is_marked_only_where_tests_tell_it_from_each_of_the_others(
    make: Make, folder: Folder, tmp_path: Path
) -> None:
    # Four discordant rows of eight decide nothing, eight do.
    assert not any(cell.best for line in ours(make(), "A13").values() for cell in line.cells if cell)
    for name in ("text", "uia"):
        rmtree(tmp_path / name)
        write_run(tmp_path / name, folder, wrong, variant=name)  # type: ignore[arg-type]
    lines = ours(make(), "A13")
    marked = {name: [cell.best for cell in line.cells if cell] for name, line in lines.items()}
    assert any(marked["caslie"])
    assert not any(marked["text"] + marked["uia"])
    # With a twin that answers the same, nobody is the best.
    rmtree(tmp_path / "uia")
    write_run(tmp_path / "uia", folder, right, variant="uia")
    assert not any(cell.best for line in ours(make(), "A13").values() for cell in line.cells if cell)


def test_printed_numbers_are_never_marked(usual: Report) -> None:
    printed = [cell for one in usual.tables for line in one.lines if not line.is_ours for cell in line.cells if cell]
    assert printed
    assert not any(cell.best or cell.low is not None for cell in printed)


def test_printed_numbers_that_are_proved_wrong_say_so(usual: Report) -> None:
    [table11] = [one for one in usual.tables if one.number == "A11"]
    [line] = [one for one in table11.lines if one.labels == ("CASLIE-M", "EC3-CQE-uniM3")]
    assert "Table A10 has the same 0.794" in line.cells[0].doubt  # type: ignore[union-attr]
    fine = [one for one in table11.lines if not one.is_ours and one != line]
    assert not any(cell.doubt for one in fine for cell in one.cells if cell)


def test_single_tasks_together_make_the_line_of_table_5(tmp_path: Path, folder: Folder) -> None:
    runs = [
        write_run(tmp_path / f"only-{task}", folder, recipe=f"ablations/table5-m-{task}", configs=(f"{task}_ind",))
        for task in ("ap", "sr")
    ]
    report = make_report(runs, Wanted(), quiet)
    [table5] = [one for one in report.tables if one.number == "5"]
    line = ours(report, "5")["task-specific"]
    filled = [head.config for head, cell in zip(table5.columns, line.cells, strict=True) if cell]
    assert filled == ["ap_ind", "sr_ind"]
    assert list(ours(report, "4")) == ["only-ap", "only-sr"]  # at its end


def test_neighbours_are_compared_on_every_config(usual: Report, folder: Folder) -> None:
    against = usual.against
    assert {(one.mine, one.other) for one in against} == {("uia", "text"), ("caslie", "uia")}
    assert len(against) == 2 * len(folder.configs)
    [same] = [one for one in against if (one.mine, one.config) == ("uia", "sr_ood")]
    [better] = [one for one in against if (one.mine, one.config) == ("caslie", "sr_ood")]
    assert (same.only_mine, same.only_other, same.mcnemar) == (0, 0, 1)
    assert (better.only_mine, better.only_other) == (better.n - better.n // 2, 0)


def test_cases_are_about_what_captions_change_and_count_every_row(make: Make, folder: Folder) -> None:
    report = make(n_cases=4)
    assert len(report.cases) == 4
    assert [said.system for said in report.cases[0].answers] == ["text", "uia", "caslie"]
    assert sum(report.kinds.values()) == sum(report.about.n_rows.values())
    assert report.kinds["captions help"] > 0
    assert report.kinds.get("captions hurt", 0) == 0


def test_rates_costs_failures_and_modes_are_told(usual: Report) -> None:
    report = usual
    assert list(report.rates) == ["text, uia, caslie"]  # they read one dataset
    assert {rate.split for rate in report.rates["text, uia, caslie"]} == {"test"}
    assert [(one.system, one.stage, one.calls) for one in report.costs] == [
        (name, "train", 100) for name in ("text", "uia", "caslie")
    ]
    assert [(one.system, one.n_failures == 0, one.tally) for one in report.failures][-1] == ("caslie", True, None)
    assert {one.share for one in report.agreed} == {1.0}
    assert set(report.drawings) == {
        *("bars", "bars_ood", "domains", "confusion", "losses", "use_rates", "calibration", "lengths")
    }


def test_what_runs_share_is_counted_once(tmp_path: Path, folder: Folder) -> None:
    runs = [write_run(tmp_path / name, folder) for name in ("a", "b")]
    for run in runs:
        note(run, [Effort("caption", "some/captioner", 30, 900, 60, 4.0, 0.5, place="runs/paper")])
    first, *others = make_report(runs, Wanted(), quiet).costs
    assert (first.system, first.stage, first.calls, first.dollars) == ("runs/paper", "caption", 30, 0.5)
    assert [(one.system, one.stage) for one in others] == [("a", "train"), ("b", "train")]


def test_the_same_runs_give_the_same_report(make: Make) -> None:
    assert repr(make()) == repr(make())


def test_one_run_without_records_captions_and_scores_is_a_report_too(
    corpora: Path, tmp_path: Path, dataset: Path
) -> None:
    plain = Folder(dataset.parent / "plain")
    run = write_run(tmp_path / "plain", plain, variant="text", modes=("generate",))
    rmtree(run / "adapter")
    report = make_report([run / "predictions"], Wanted(), quiet)
    assert report.systems[0].name == "plain"
    assert (report.systems[0].recipe, report.systems[0].size, report.rates, report.agreed) == ("", "", {}, ())
    assert not any(cell.best for one in report.tables for line in one.lines for cell in line.cells if cell)


def test_runs_on_other_rows_are_refused(tmp_path: Path, folder: Folder, corpora: Path) -> None:
    build(load_recipe("sample"), Request(corpora, tmp_path / "other", tasks=("ap", "prp", "sr"), limit=5))
    runs = [write_run(tmp_path / "a", folder), write_run(tmp_path / "b", Folder(tmp_path / "other"))]
    with pytest.raises(StageError, match=r"b/predictions: answers other rows than .*a/predictions; report each by"):
        make_report(runs, Wanted(), quiet)


def test_a_folder_without_predictions_and_a_run_named_twice_are_told(tmp_path: Path, folder: Folder) -> None:
    with pytest.raises(StageError, match="no predictions here; `caslie evaluate MODEL`"):
        make_report([tmp_path], Wanted(), quiet)
    run = write_run(tmp_path / "a", folder)
    with pytest.raises(StageError, match="named twice; name each run once"):
        make_report([run, run / "predictions"], Wanted(), quiet)


def test_runs_of_the_same_name_are_told_apart_by_the_folder_above(tmp_path: Path, folder: Folder) -> None:
    runs = [write_run(tmp_path / seed / "caslie-m", folder) for seed in ("1", "2")]
    assert [one.name for one in make_report(runs, Wanted(), quiet).systems] == ["1/caslie-m", "2/caslie-m"]
