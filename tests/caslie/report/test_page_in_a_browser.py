"""The page of a report in headless Chromium: what it complains about, and how wide it is on a phone."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from caslie.report.page import render_page
from caslie.report.schema import Report
from tests.caslie.report.reports import bare

CHROMIUM = shutil.which("chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--enable-logging=stderr", "--virtual-time-budget=4000", "--hide-scrollbars", "--dump-dom"),
)
# The page itself runs no script: it stands in a frame of this width, and the page around it measures.
FRAME = """<!doctype html><iframe style="width: {width}px; height: 900px; border: 0" srcdoc="{page}"></iframe>
<p id="found"></p><script>
addEventListener("load", () => {{
  const inside = document.querySelector("iframe").contentDocument;
  const tables = [...inside.querySelectorAll("section > .wide")];
  const wide = tables.filter(one => one.scrollWidth > one.clientWidth);
  for (const one of wide) one.scrollLeft = 60;
  const left = one => one.getBoundingClientRect().left;
  const moved = wide.map(one => Math.abs(left(one.querySelector("tbody th")) - left(one)));
  document.querySelector("#found").textContent = JSON.stringify({{
    width: inside.documentElement.scrollWidth, tables: tables.length, wide: wide.length, moved: Math.max(0, ...moved),
    broken: [...inside.images].filter(one => one.src.includes("svg") && !one.naturalWidth).length,
    nav: inside.defaultView.getComputedStyle(inside.querySelector("nav")).position,
  }});
}});
</script>"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


def measured(report: Report, folder: Path, width: int) -> dict[str, Any]:
    """What a page comes to in a window of this width; it may complain about nothing."""
    path = folder / "frame.html"
    path.write_text(FRAME.format(width=width, page=html.escape(render_page(report))), encoding="utf-8")
    command = [
        str(CHROMIUM),
        *FLAGS,
        f"--user-data-dir={folder / 'browser'}",
        "--window-size=1400,1000",
        path.as_uri(),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "CONSOLE" not in ran.stderr
    told = re.search(r'id="found">([^<]+)<', ran.stdout)
    assert told
    found: dict[str, Any] = json.loads(html.unescape(told[1]))
    return found


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_never_scrolls_sideways(report: Report, tmp_path: Path, width: int) -> None:
    found = measured(report, tmp_path, width)
    assert found["width"] == width
    assert found["broken"] == 0
    assert found["nav"] == ("sticky" if width == 1280 else "static")


def test_tables_scroll_within_themselves_and_keep_their_first_column(report: Report, tmp_path: Path) -> None:
    found = measured(report, tmp_path, 360)
    assert 0 < found["wide"] <= found["tables"]
    assert found["moved"] < 1


def test_a_report_with_the_least_fits_too(tmp_path: Path) -> None:
    assert measured(bare(), tmp_path, 360)["width"] == 360
