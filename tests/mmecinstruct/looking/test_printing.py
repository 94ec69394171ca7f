"""The summary of a build on a terminal."""

import io
from typing import Any

import pytest
from rich.console import Console

from mmecinstruct.looking.printing import print_summary


def printed(failed: dict[str, int]) -> str:
    manifest: dict[str, Any] = {"configs": {}, "dropped": {}, "skipped": {}, "pictures": {"failed": failed}}
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
