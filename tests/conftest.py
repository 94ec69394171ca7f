"""The world every test runs in: caches of its own, no Hub, no way out of this machine."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

HOME = tempfile.mkdtemp(prefix="mmecinstruct-tests-")
PROVING = os.environ.get("MMEC_PROVE") == "1"


# A fixture would come too late: huggingface_hub reads its variables when a conftest or a test module is imported.
os.environ |= {
    "HF_HOME": f"{HOME}/hf",
    "HF_DATASETS_CACHE": f"{HOME}/hf/datasets",
    "HF_HUB_CACHE": f"{HOME}/hf/hub",
    "MMECINSTRUCT_CACHE": f"{HOME}/mmecinstruct",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "NO_COLOR": "1",
    "TERM": "dumb",
    "COLUMNS": "120",
    "_TYPER_FORCE_DISABLE_TERMINAL": "1",  # typer colours whatever runs on GitHub Actions
}
for name in ("HF_ENDPOINT", "HF_TOKEN", "MMECINSTRUCT_SOURCES"):
    os.environ.pop(name, None)


def pytest_unconfigure() -> None:
    shutil.rmtree(HOME, ignore_errors=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("prove") and not PROVING:
        pytest.skip("a long harness: run `make prove`")


@pytest.fixture(scope="session")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled sample corpora; to read only."""
    from mmecinstruct.sample import write_sample

    folder = tmp_path_factory.mktemp("sample") / "corpora"
    write_sample(folder)
    return folder
