"""What was asked and how long it took: noted once, read back whatever a kill left, and never a reason to fail."""

from pathlib import Path

from caslie.effort import Effort, borrow, note, read_efforts

CAPTION = Effort("caption", "openai/gpt-4o", 7, 100, 20, 1.5, 0.25)
TRAIN = Effort("train", "transformers/org/base", 12, 5000, 0, 60.0)


def test_what_was_noted_is_read_back_in_order(tmp_path: Path) -> None:
    note(tmp_path, [CAPTION])
    note(tmp_path, [TRAIN, CAPTION])
    assert read_efforts(tmp_path) == (CAPTION, TRAIN, CAPTION)


def test_a_run_that_asked_nothing_notes_nothing(tmp_path: Path) -> None:
    note(tmp_path, [Effort("train", "a", 0, 0, 0, 0.1)])
    assert not list(tmp_path.iterdir())


def test_lines_that_a_kill_cut_short_are_left_out(tmp_path: Path) -> None:
    note(tmp_path, [CAPTION, TRAIN])
    log = tmp_path / "effort.log"
    log.write_text(log.read_text()[:-20] + "\n[1]\nnothing\n")
    assert read_efforts(tmp_path) == (CAPTION,)


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path) -> None:
    note(tmp_path / "gone", [CAPTION])
    assert read_efforts(tmp_path / "gone") == ()


def test_what_runs_share_is_borrowed_once_under_its_place(tmp_path: Path) -> None:
    answers, run = tmp_path / "answers", tmp_path / "run"
    for place in (answers, run):
        place.mkdir()
    note(answers, [CAPTION])
    borrow(answers, run)
    borrow(answers, run)
    [borrowed] = read_efforts(run)
    assert (borrowed.place, borrowed.calls) == (str(answers), 7)
    borrow(answers, answers)
    assert read_efforts(answers) == (CAPTION,)
