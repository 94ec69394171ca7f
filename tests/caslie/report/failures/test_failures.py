"""Failures of a run, drawn into a sheet and onto a page; what a person wrote stays."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from caslie import failures_cli
from caslie.errors import StageError
from caslie.report.failures import PAGE, SHEET, read_sheet, sample_failures
from caslie.report.failures.sheet import SheetRow, write_sheet
from caslie.schema import Prediction
from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import UnknownNameError
from mmecinstruct.schema import Sample
from tests.caslie.report.failures.conftest import generated, wrong
from tests.pages import Page

Predict = Callable[..., Path]

HOSTILE = "</script><img src=x onerror=\"window.pwned = 1\"> & 'quoted' {{ 7 * 7 }} \u202egnp.exe"
LABEL = "context conflict"


def label(run: Path, *numbers: int, **more: str) -> list[SheetRow]:
    """Label some rows of a run's sheet by hand."""
    rows = [replace(row, **({"label": LABEL} | more)) if i in numbers else row for i, row in enumerate(read(run))]
    write_sheet(run / SHEET, rows)
    return rows


def read(run: Path) -> list[SheetRow]:
    return list(read_sheet(run / SHEET))


def half_wrong(n: int, sample: Sample) -> Prediction:
    return generated(sample, sample.target, sample.target) if n % 2 else wrong(n, sample)


def rows_of(folder: Folder, *configs: str) -> int:
    return sum(1 for config in configs for _ in folder.rows(config, "test"))


def test_wrong_and_unreadable_answers_are_failures(folder: Folder, predict: Predict) -> None:
    def answer(n: int, sample: Sample) -> Prediction:
        return [wrong(n, sample), generated(sample, "Hm."), generated(sample, sample.target, sample.target)][n % 3]

    run = predict(answer)
    sampled = sample_failures(folder, run)
    by_id = {row.id: row for row in read(run)}
    assert sampled.n_failures == len(by_id) < sampled.n_asked == rows_of(folder, "ap_ind", "prp_ind", "sr_ood")
    unread = [row for row in by_id.values() if not row.answer]
    assert unread
    assert {row.raw for row in unread} == {"Hm."}
    assert all(row.answer != row.target and not row.label and not row.note for row in by_id.values())


def test_rows_that_were_never_asked_are_counted_apart(folder: Folder, predict: Predict) -> None:
    def answer(n: int, sample: Sample) -> Prediction:
        return Prediction(sample.id, "0" * 64, "generate", None, problem="too_long") if n == 0 else wrong(n, sample)

    sampled = sample_failures(folder, predict(answer))
    assert sampled.unasked == {"too_long": 3}
    assert sampled.n_failures == sampled.n_asked


def test_the_same_rows_are_drawn_each_time_and_the_same_bytes(folder: Folder, predict: Predict) -> None:
    run = predict()
    sample_failures(folder, run, n=7)
    first = [(run / name).read_bytes() for name in (SHEET, PAGE)]
    few = {row.id for row in read(run)}
    sample_failures(folder, run, n=12)
    assert few < {row.id for row in read(run)}
    sample_failures(folder, run, n=7)
    assert [(run / name).read_bytes() for name in (SHEET, PAGE)] == first


def test_a_row_of_the_sheet_tells_what_a_person_needs(folder: Folder, predict: Predict) -> None:
    run = predict()
    sample_failures(folder, run)
    for row in read(run):
        sample = folder.row(row.id)
        assert row.target.partition(":")[0] == sample["output"]
        assert len(row.captions.split("\n")) == len(sample["items"])
        assert row.suggestion and row.suggestion_reason
    shown = next(row for row in read(run) if row.config == "prp_ind").captions.split("\n")
    assert [line.partition(":")[0] for line in shown] == ["product 1", "product 2"]


def test_labels_and_notes_stay(folder: Folder, predict: Predict) -> None:
    run = predict()
    sample_failures(folder, run, n=10)
    labelled = label(run, 2, 5, note="- not sure; =why")
    sampled = sample_failures(folder, run, n=10)
    assert read(run) == labelled
    assert (sampled.tally.n_labelled, sampled.tally.n_unlabelled, sampled.n_changed) == (2, 8, 0)


def test_labelled_rows_stay_though_they_are_not_drawn(folder: Folder, predict: Predict) -> None:
    run = predict()
    sample_failures(folder, run, n=10)
    kept = label(run, 1)[1]
    sample_failures(folder, run, ["sr_ood"], n=3)
    assert kept in read(run)
    assert len(read(run)) == 4
    assert {row.config for row in read(run) if row != kept} == {"sr_ood"}


def test_a_label_on_another_answer_is_told(folder: Folder, predict: Predict) -> None:
    run = predict()
    sample_failures(folder, run)
    label(run, 0, answer="Z: something else")
    assert sample_failures(folder, run).n_changed == 1


def test_labels_that_would_be_lost_are_refused(folder: Folder, predict: Predict) -> None:
    run = predict()
    sample_failures(folder, run)
    label(run, *range(len(read(run))))
    before = (run / SHEET).read_bytes()
    predict(half_wrong)
    with pytest.raises(StageError, match=r"labels or notes are on rows that are no failures .* move the sheet"):
        sample_failures(folder, run)
    assert (run / SHEET).read_bytes() == before


def test_a_sheet_that_cannot_be_read_is_not_overwritten(folder: Folder, predict: Predict) -> None:
    run = predict()
    sample_failures(folder, run)
    label(run, 0, label="no idea")
    before = [(run / name).read_bytes() for name in (SHEET, PAGE)]
    with pytest.raises(StageError, match="Unknown label 'no idea'"):
        sample_failures(folder, run)
    assert [(run / name).read_bytes() for name in (SHEET, PAGE)] == before


def test_a_sheet_saved_while_it_is_read_is_not_overwritten(folder: Folder, predict: Predict) -> None:
    run = predict()
    sample_failures(folder, run)

    def save(what: str, done: int, total: int) -> None:
        if done == 1:
            label(run, 0)

    with pytest.raises(StageError, match="was saved by somebody meanwhile; run the same again"):
        sample_failures(folder, run, progress=save)
    assert read(run)[0].label == LABEL


def test_answers_that_read_no_captions_have_no_such_classes(folder: Folder, predict: Predict) -> None:
    with pytest.raises(StageError, match=r"given without captions, and the classes of E\.3 are about captions"):
        sample_failures(folder, predict(variant="text"))


def test_captions_that_the_model_did_not_read_are_refused(folder: Folder, predict: Predict) -> None:
    run = predict()
    path = run / "predictions" / "about.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"captions": "0" * 64}))
    with pytest.raises(StageError, match=r"its captions are others than those of .*; give that dataset by --data"):
        sample_failures(folder, run)


def test_every_caption_counts_as_read_where_all_are_used(folder: Folder, predict: Predict) -> None:
    run = predict(variant="uia")
    sample_failures(folder, run)
    assert not [row for row in read(run) if "dropped, and tells" in row.suggestion_reason]


def test_an_unknown_config_is_refused(folder: Folder, predict: Predict) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'sr_ood'"):
        sample_failures(folder, predict(), ["sr_odd"])


def test_another_mode_that_was_not_predicted_is_refused(folder: Folder, predict: Predict) -> None:
    with pytest.raises(StageError, match="holds no predictions of mode score; first run"):
        sample_failures(folder, predict(), mode="score")


def test_nothing_failed_is_no_error(folder: Folder, predict: Predict) -> None:
    run = predict(lambda n, sample: generated(sample, sample.target, sample.target))
    sampled = sample_failures(folder, run)
    assert (sampled.n_failures, read(run)) == (0, [])
    assert "Nothing failed." in (run / PAGE).read_text(encoding="utf-8")


def test_the_page_shows_each_row_of_the_sheet_in_its_order(folder: Folder, predict: Predict) -> None:
    run = predict()
    sample_failures(folder, run, n=9)
    label(run, 3, note="seen twice")
    sample_failures(folder, run, n=9)
    html = (run / PAGE).read_text(encoding="utf-8")
    page = Page(html)
    assert re.findall(r"<small><code>([^<]*)", html) == [row.id for row in read(run)]
    assert len(page.named("article")) == 9
    assert f"labelled: {LABEL}; note: seen twice" in page.text
    assert "image provides a specific attribute, but the caption fails to capture it." in page.text
    assert {str(one["src"]).partition(",")[0] for one in page.named("img")} == {"data:image/jpeg;base64"}


def test_hostile_words_stay_words(folder: Folder, predict: Predict) -> None:
    run = predict(lambda n, sample: generated(sample, f"={HOSTILE}\ud800"))
    sample_failures(folder, run)
    label(run, 0, note=HOSTILE)
    sample_failures(folder, run)
    html = (run / PAGE).read_text(encoding="utf-8")
    assert "<img src=x" not in html and "\u202e" not in html
    assert len(re.findall("<script", html)) == 1
    assert read(run)[0].raw.startswith(f"={HOSTILE[:20]}")
    assert read(run)[0].note == HOSTILE


def test_the_command_ends_with_the_sheet_and_the_page(predict: Predict) -> None:
    run, app = predict(), typer.Typer()
    app.callback()(lambda: None)
    failures_cli.add_to(app)
    ran = CliRunner().invoke(app, ["failures", str(run), "-n", "5"], catch_exceptions=False)
    assert ran.output.splitlines()[-1] == f"label {run / SHEET}, looking at {run / PAGE}"
    label(run, 0)
    ran = CliRunner().invoke(app, ["failures", str(run), "-n", "5", "--json"], catch_exceptions=False)
    found = json.loads(ran.output)
    assert found["sheet"] == str(run / SHEET)
    assert found["tally"]["n_labelled"] == 1
    assert [one["n"] for one in found["tally"]["classes"]] == [0, 0, 1, 0, 0]
