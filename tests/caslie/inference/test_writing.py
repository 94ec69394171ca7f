"""Files are written whole or not at all, and a full disk is told with the file's name."""

import os
from pathlib import Path

import pytest

from caslie.errors import StageError
from caslie.inference.writing import write_whole


def test_lines_are_written_at_once(tmp_path: Path) -> None:
    write_whole(tmp_path / "new" / "a.jsonl", ["1", "\ud800"])
    assert (tmp_path / "new" / "a.jsonl").read_text() == "1\n\\ud800\n"
    assert os.listdir(tmp_path / "new") == ["a.jsonl"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_keeps_what_was_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_whole(path, ["old"])
    (tmp_path / "a.jsonl.partial").symlink_to("/dev/full")
    with pytest.raises(StageError, match=r"a\.jsonl: cannot be written \(No space left on device\); make room"):
        write_whole(path, ["new"])
    assert (os.listdir(tmp_path), path.read_text()) == (["a.jsonl"], "old\n")


def test_a_folder_that_is_a_file_is_the_systems_own_word(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(OSError, match=r"out"):
        write_whole(tmp_path / "out" / "a.jsonl", ["1"])
