"""What is measured of predictions: by the metrics, with failures, problems and the agreement of both modes told."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer

from caslie import evaluation_cli
from caslie.errors import PushError
from caslie.evaluation import Agreement, evaluate, means, scores_of
from caslie.metrics import score
from caslie.publish.eval_results import eval_results_files
from caslie.records import read_scores, write_scores
from caslie.schema import Revision
from mmecinstruct.builder.captioned import content_digest
from mmecinstruct.builder.folder import Folder
from mmecinstruct.schema import Sample
from mmecinstruct.terminal import run
from tests.caslie.evaluation.conftest import Predict, write_lines


def wavering(n: int, sample: Sample) -> str | None:
    """Right, failed, then always the same."""
    return (sample.target, None, "A" if sample.options else "yes")[n % 3]


@pytest.mark.parametrize("config", ["ap_ind", "prp_ind", "sr_ood"])
def test_columns_are_those_of_the_metrics(predict: Predict, built: Folder, config: str) -> None:
    [found] = evaluate(built, predict(config, answer=wavering))
    rows = list(built.rows(config, "test"))
    first = "A" if rows[0]["options"] else "yes"
    expected = score(
        found.task,
        [row["output"] for row in rows],
        [(row["output"], None, first)[n % 3] for n, row in enumerate(rows)],
    )
    assert {name: one.value for name, one in found.columns.items()} == expected.excluded
    assert {name: one.value for name, one in found.strict.items()} == expected.wrong
    assert (found.n, found.n_failed, found.coverage) == (expected.n, expected.n_failed, expected.coverage)


def test_configs_come_in_the_order_of_the_dataset(predict: Predict, built: Folder) -> None:
    for config in ("sr_ood", "prp_ind", "ap_ind"):
        out = predict(config)
    assert [one.config for one in evaluate(built, out)] == ["ap_ind", "prp_ind", "sr_ood"]
    assert [one.config for one in evaluate(built, out, ["sr_ood", "ap_ind", "sr_ood"])] == ["ap_ind", "sr_ood"]


def test_the_order_of_lines_does_not_matter(predict: Predict, built: Folder) -> None:
    out = predict(answer=wavering)
    before = evaluate(built, out)
    path = out / "prp_ind.generate.jsonl"
    path.write_text("".join(sorted(path.read_text().splitlines(keepends=True), reverse=True)))
    assert evaluate(built, out) == before


def test_modes_agree_where_both_give_the_same_label(predict: Predict, built: Folder) -> None:
    out = predict(answer=lambda n, sample: [None, "too_long", sample.target][min(n, 2)])
    predict(mode="score", answer=lambda n, sample: ["A", "too_long", sample.target][min(n, 2)])
    n = sum(1 for _ in built.rows("prp_ind", "test"))
    generated, scored = evaluate(built, out)[0], evaluate(built, out, mode="score")[0]
    assert generated.agreement == scored.agreement == Agreement((n - 2) / (n - 1), n - 1)
    assert (generated.n_failed, scored.n_failed) == (2, 1)


def test_one_mode_alone_agrees_with_nothing(predict: Predict, built: Folder) -> None:
    assert evaluate(built, predict())[0].agreement is None


def test_rows_that_were_never_asked_count_as_failed_and_are_told(predict: Predict, built: Folder) -> None:
    out = predict(answer=lambda n, sample: ["too_long", "empty", "too_long", sample.target][min(n, 3)])
    [found] = evaluate(built, out)
    assert (found.problems, found.n_failed) == ({"empty": 1, "too_long": 2}, 3)
    assert found.columns["accuracy"].value == 1
    assert found.strict["accuracy"].value == pytest.approx((found.n - 3) / found.n)


def test_a_row_whose_label_is_no_option_is_left_out_and_named(predict: Predict, copied: Folder) -> None:
    out = predict(answer=lambda n, sample: "label_outside_options" if n == 0 else sample.target)
    [path] = copied.files("prp_ind", "test")
    table = pq.read_table(path)
    outputs = ["Z", *table.column("output").to_pylist()[1:]]
    at = table.column_names.index("output")
    pq.write_table(table.set_column(at, table.schema.field(at), [outputs]), path)
    [found] = evaluate(copied, out)
    assert found.left_out == (table.column("id")[0].as_py(),)
    assert (found.n, found.n_failed, found.problems) == (table.num_rows - 1, 0, {})


@pytest.fixture
def copied(built: Folder, tmp_path: Path) -> Folder:
    """A copy of the build, to spoil."""
    from shutil import copytree

    return Folder(Path(copytree(built.out, tmp_path / "copied")))


def test_the_mean_is_taken_within_each_domain(predict: Predict, built: Folder) -> None:
    for config in ("ap_ind", "prp_ind", "sr_ood"):
        out = predict(config, answer=wavering)
    evaluated = evaluate(built, out)
    value = {one.config: one.columns[one.primary].value for one in evaluated}
    ind, ood = means(evaluated)
    assert (ind.domain, ind.n_tasks, ood.domain, ood.n_tasks) == ("ind", 2, "ood", 1)
    assert ind.value == pytest.approx((value["ap_ind"] + value["prp_ind"]) / 2)
    assert ood.value == value["sr_ood"]


def test_scores_on_a_folder_have_its_digest_and_are_read_back(predict: Predict, built: Folder, tmp_path: Path) -> None:
    scores = scores_of(evaluate(built, predict(answer=wavering)), built, str(built.out))
    write_scores(tmp_path, scores)
    assert read_scores(tmp_path) == scores
    assert (scores.dataset, scores.digest) == (None, content_digest(built))
    assert [one.metric for one in scores.results] == [
        *("macro_f1", "strict_macro_f1", "accuracy", "macro_precision", "macro_recall")
    ]
    assert scores.method.endswith("Bayesian bootstrap over rows, 10,000 draws, seed 1")


def test_scores_on_a_hub_name_its_commit(predict: Predict, built: Folder) -> None:
    there = Folder(built.out, commit="a" * 40)
    scores = scores_of(evaluate(there, predict()), there, "alice/mmecinstruct@main")
    assert scores.dataset == Revision("alice/mmecinstruct", "a" * 40)


def test_scores_on_a_folder_are_not_published(predict: Predict, built: Folder) -> None:
    scores = scores_of(evaluate(built, predict()), built, str(built.out))
    with pytest.raises(PushError, match=r"^scores\.json was measured on a folder; push that dataset"):
        eval_results_files(scores)


@pytest.mark.parametrize("digest", ["", "f" * 63, "F" * 64])
def test_scores_that_do_not_tell_their_rows_are_refused(
    predict: Predict, built: Folder, tmp_path: Path, digest: str
) -> None:
    scores = scores_of(evaluate(built, predict()), built, str(built.out))
    with pytest.raises(PushError, match="digest must be 64 hex digits"):
        write_scores(tmp_path, replace(scores, digest=digest))


Ran = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Run `caslie evaluate` in this process."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    evaluation_cli.add_to(app)

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["caslie", "evaluate", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            run(app)
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return ran


def test_command_prints_a_line_a_config_and_writes_the_scores(predict: Predict, command: Ran) -> None:
    predict("ap_ind")
    predict("sr_ood", answer=lambda n, sample: "too_long" if n == 0 else sample.target)
    out = predict("sr_ood", "score")
    code, said, _ = command(out)
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert code == 0
    assert "sr_ood test recall_at_1 1.000 0.714-1.000 0.875 8 1 1.000" in lines
    assert "mean ind of 1 1.000 1.000" in lines
    assert "mean ood of 1 1.000 0.875" in lines
    assert "sr_ood: never asked, so failed: too_long 1" in lines
    assert lines[-2] == f"{out / 'scores.json'} is written"
    assert read_scores(out)


def test_the_table_fits_a_narrow_terminal(predict: Predict, command: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = command(predict("sr_ood"))[1]
    assert re.search(r"^sr_ood test  recall_at_1  1.000  0\.\d{3}-1.000   1.000     8       0\s*$", said, re.M)


def test_the_same_predictions_give_the_same_bytes(predict: Predict, command: Ran) -> None:
    out = predict(answer=wavering)
    first = command(out, "--json")[1], (out / "scores.json").read_bytes()
    assert (command(out, "--json")[1], (out / "scores.json").read_bytes()) == first
    command(out, "--seed", "2")
    assert (out / "scores.json").read_bytes() != first[1]


def test_command_prints_json(predict: Predict, command: Ran, built: Folder) -> None:
    content = json.loads(command(predict(answer=wavering), "--json", "--data", built.out, "--config", "prp_ind")[1])
    [found] = content["results"]
    assert (found["config"], found["primary"], found["mode"]) == ("prp_ind", "macro_f1", "generate")
    assert 0 <= found["columns"]["macro_f1"]["low"] <= found["columns"]["macro_f1"]["value"]
    assert [one["domain"] for one in content["means"]] == ["ind"]


def test_no_score_is_left_where_one_of_the_files_is_damaged(predict: Predict, command: Ran) -> None:
    predict("ap_ind")
    out = predict("sr_ood")
    (out / "sr_ood.generate.jsonl").write_text("{}\n")
    code, said, error = command(out)
    assert (code, said) == (1, "")
    assert error.startswith(f"error: {out / 'sr_ood.generate.jsonl'}:1: unknown [], missing ['id'")
    assert error.count("\n") == 1
    assert not (out / "scores.json").exists()


def test_written_answers_can_be_read_as_the_authors_do(predict: Predict, command: Ran, built: Folder) -> None:
    out = predict("ap_ind")
    path = out / "ap_ind.generate.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    write_lines(path, [line | {"raw": f"{line['label']}."} for line in lines])  # `yes.` is yes here, and nothing there
    [ours] = evaluate(built, out)
    [theirs] = evaluate(built, out, parser="authors")
    assert (ours.n_failed, theirs.n_failed) == (0, theirs.n)
    code, said, _ = command(out, "--parser", "authors")
    assert (code, said.splitlines()[-2]) == (0, "read by the rule of authors; scores.json is left as it is")
    assert not (out / "scores.json").exists()


def test_a_label_that_was_not_read_off_the_answer_is_refused(predict: Predict, command: Ran) -> None:
    out = predict("ap_ind")
    path = out / "ap_ind.generate.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    write_lines(path, [lines[0] | {"raw": "yes, or no"}, *lines[1:]])
    code, said, told = command(out)
    assert (code, said) == (1, "")
    assert f"{path}:1: 'yes, or no' reads as None, not as {lines[0]['label']}; run `caslie predict` again" in told


def test_scores_of_some_configs_are_printed_and_leave_those_of_all_as_they_are(predict: Predict, command: Ran) -> None:
    predict("ap_ind")
    out = predict("sr_ood")
    assert command(out)[0] == 0
    before = (out / "scores.json").read_bytes()
    code, said, _ = command(out, "--config", "sr_ood")
    assert (code, said.splitlines()[-2]) == (0, "not of all configs; scores.json is left as it is")
    assert (out / "scores.json").read_bytes() == before


def test_a_place_that_cannot_be_written_to_costs_no_score(
    predict: Predict, command: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = predict("sr_ood")
    (out / "scores.json").mkdir()
    code, said, told = command(out)
    assert code == 1
    assert "sr_ood test" in said
    assert "scores.json" in told
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []


def test_a_run_that_was_moved_brings_its_dataset_along(
    predict: Predict, command: Ran, copied: Folder, tmp_path: Path
) -> None:
    out = predict("sr_ood")
    about = json.loads((out / "about.json").read_text())
    source = about["dataset"] | {"name": "runs/elsewhere/dataset"}
    (out / "about.json").write_text(json.dumps(about | {"dataset": source}))
    code, _, told = command(out)
    assert (code, told) == (
        1,
        f"error: {out}: answers runs/elsewhere/dataset, which is not here; name the dataset: --data\n",
    )
    copied.out.rename(out.parent / "dataset")
    assert command(out)[0] == 0


def test_a_run_may_be_named_by_its_folder(predict: Predict, command: Ran) -> None:
    out = predict("ap_ind")
    assert command(out.parent)[0] == 0
    assert read_scores(out)


def test_an_unknown_mode_is_told(predict: Predict, command: Ran) -> None:
    assert "Unknown mode 'scores'. Did you mean 'score'?" in command(predict(), "--mode", "scores")[2]
