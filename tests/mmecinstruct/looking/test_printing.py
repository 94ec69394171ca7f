"""The summary of a build on a terminal."""

import io
from typing import Any

import pytest
from rich.console import Console

from mmecinstruct.looking.printing import print_summary


def printed(failed: dict[str, int], **changes: Any) -> str:
    manifest = {"configs": {}, "dropped": {}, "skipped": {}, "pictures": {"failed": failed}} | changes
    file = io.StringIO()
    print_summary(Console(file=file, width=120), manifest)
    return file.getvalue()


@pytest.mark.parametrize(
    ("failed", "said"),
    [({"timeout": 1200, "http_503": 3, "http_404": 7}, "1,203 of them may be had later"), ({"http_404": 7}, None)],
)
def test_pictures_that_may_be_had_later_are_told_apart(failed: dict[str, int], said: str | None) -> None:
    text = printed(failed)
    assert "http_404 7" in text
    assert (said in text) if said else ("later" not in text)


def test_a_split_of_which_no_row_is_left_is_told() -> None:
    dropped = {"sr_ind": {"pool": {"no_time": 1}, "train": {"no_text": 2}, "test": {"user_in_train": 51}}}
    files = {"train": {"rows": 1, "pictures": 25, "num_bytes": 1, "files": [{"bytes": 1}]}}
    text = printed({}, dropped=dropped, configs={"sr_ind": {"splits": files}})
    assert "sr_ind has no row left for test" in text
    assert "train" not in text.partition("has no row left")[2]
