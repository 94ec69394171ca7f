"""The page of captions in headless Chromium: what its script leaves to be seen, and what it complains about."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from caslie.showing import write_page
from mmecinstruct.builder.folder import Folder
from tests.caslie.showing.votes import HOSTILE, alike, mixed, vote

CHROMIUM = shutil.which("chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom"),
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

Make = Callable[..., Folder]
See = Callable[[Folder, str], str]


@pytest.fixture
def see(tmp_path: Path) -> See:
    """What the page of a build has become, opened with this filter; it may complain about nothing."""

    def seen(folder: Folder, filters: str) -> str:
        path = tmp_path / "page.html"
        write_page(folder, path)
        command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path / 'browser'}", f"{path.as_uri()}#{filters}"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert "CONSOLE" not in ran.stderr
        return ran.stdout

    return seen


def count(page: str) -> str:
    found = re.search(r'id="count"[^>]*>([^<]*)<', page)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ("", "48 of 48 items, 16 of 16 samples: 16 kept, 8 dropped"),
        ("task=product_relation_prediction", "8 of 48 items, 4 of 16 samples: 4 kept, 4 dropped"),
        ("verdict=dropped", "8 of 48 items, 8 of 16 samples: 0 kept, 8 dropped"),
        ("judges=disagree&task=sentiment_analysis", "4 of 48 items, 4 of 16 samples: 4 kept, 0 dropped"),
        ("q=How+HEAVY++is", "4 of 48 items, 4 of 16 samples: 4 kept, 0 dropped"),
        ("q=two.", "8 of 48 items, 8 of 16 samples: 0 kept, 8 dropped"),
        ("q=nowhere&task=no_such_task", "0 of 48 items, 0 of 16 samples: 0 kept, 0 dropped"),
    ],
)
def test_the_address_keeps_the_filter(make: Make, see: See, filters: str, left: str) -> None:
    page = see(make(mixed), filters)
    assert count(page) == left
    assert len(re.findall(r"<article[^>]*>", page)) == 16
    assert len(re.findall(r"<article[^>]* hidden", page)) == 16 - int(left.split()[4])


def test_hostile_text_stays_text(make: Make, see: See) -> None:
    page = see(make(lambda sample: alike(sample, HOSTILE, (vote(2, True),), True)), f"q={HOSTILE}")
    assert 'src="x"' not in page and "<b>third" not in page
    assert len(re.findall("<script", page)) == 1
