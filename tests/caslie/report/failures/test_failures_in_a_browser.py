"""The page of failures in headless Chromium: what is left to be seen, and what it complains about."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from caslie.report.failures import PAGE, sample_failures
from mmecinstruct.builder.folder import Folder

CHROMIUM = shutil.which("chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom"),
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


def test_the_page_filters_and_complains_about_nothing(
    folder: Folder, predict: Callable[..., Path], tmp_path: Path
) -> None:
    run = predict()
    sample_failures(folder, run)
    address = f"{(run / PAGE).as_uri()}#task=product_relation_prediction"
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path / 'browser'}", address]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "CONSOLE" not in ran.stderr
    n_shown = sum(1 for _ in folder.rows("prp_ind", "test"))
    n_all = sum(1 for config in ("ap_ind", "prp_ind", "sr_ood") for _ in folder.rows(config, "test"))
    assert f"{n_shown} of {n_all} samples" in ran.stdout
    assert len(re.findall(r"<article[^>]* hidden", ran.stdout)) == n_all - n_shown
