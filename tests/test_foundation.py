"""What the project promises as a whole: its wheel, its imports, its sizes, its pins and its corpora's terms."""

import ast
import os
import re
import socket
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from packaging.requirements import Requirement
from pytest_socket import SocketConnectBlockedError

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCES = yaml.safe_load((ROOT / "dataset_card" / "sources.yaml").read_text(encoding="utf-8"))
MODULES = sorted(path for package in ("mmecinstruct", "caslie") for path in (ROOT / package).rglob("*.py"))
SHIPPED = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
REQUIREMENTS = [Requirement(line) for line in sum(EXTRAS.values(), PROJECT["project"]["dependencies"])]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def imported_by(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def loaded_by(statement: str, *watched: str) -> str:
    """Run a statement in a fresh interpreter; return which of the watched packages it drew in."""
    script = (
        f"import contextlib, io, sys\n"
        f"with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n    {statement}\n"
        f"print(*sorted(set({watched!r}) & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return run.stdout.strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every name in the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    with ZipFile(next(folder.glob("*.whl"))) as archive:
        return set(archive.namelist())


def test_wheel_holds_every_file_of_the_packages(wheel: set[str]) -> None:
    files = {path for package in ("mmecinstruct", "caslie") for path in files_in(ROOT / package)}
    assert set(MODULES) < files
    assert {str(path.relative_to(ROOT)) for path in files} <= wheel


@pytest.mark.parametrize(("folder", "inside"), SHIPPED.items())
def test_wheel_holds_the_words_the_card_and_the_recipes(wheel: set[str], folder: str, inside: str) -> None:
    here = {f"{inside}/{path.relative_to(ROOT / folder)}" for path in files_in(ROOT / folder)}
    assert here, f"{folder} is empty"
    assert here <= wheel


def test_wheel_says_that_it_is_typed(wheel: set[str]) -> None:
    assert {"mmecinstruct/py.typed", "caslie/py.typed"} <= wheel


def test_wheel_holds_nothing_but_the_two_packages(wheel: set[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel}
    assert tops == {"mmecinstruct", "caslie", f"mmecinstruct-{PROJECT['project']['version']}.dist-info"}


def test_help_loads_nothing_heavy() -> None:
    call = "sys.argv = ['mmecinstruct', '--help']; from mmecinstruct.cli import main; main()"
    assert loaded_by(call, "torch", "datasets", "pandas", "pyarrow", "duckdb", "matplotlib", "PIL") == ""


def test_importing_the_package_loads_no_model_library() -> None:
    assert loaded_by("import mmecinstruct", "torch", "transformers", "trl", "caslie", "pandas", "matplotlib") == ""


def test_no_module_is_named_as_datasets_names_a_loading_script() -> None:
    assert not (ROOT / "mmecinstruct" / "mmecinstruct.py").exists()
    assert not list(ROOT.glob("*.py"))


def test_every_module_stays_small() -> None:
    long = {path.name: n for path in MODULES if (n := len(path.read_text(encoding="utf-8").splitlines())) > 300}
    assert long == {}


def test_every_function_stays_small() -> None:
    functions = [
        (path.name, node.name, node.end_lineno - node.lineno + 1)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]
    assert [found for found in functions if found[2] > 55] == []


def test_every_library_that_is_imported_is_declared() -> None:
    declared = {normal(requirement.name) for requirement in REQUIREMENTS}
    installed = packages_distributions()
    imported = set().union(*map(imported_by, MODULES)) - sys.stdlib_module_names - {"mmecinstruct", "caslie"}
    missing = {name for name in imported if not declared & {normal(dist) for dist in installed.get(name, [name])}}
    assert missing == set()


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_every_dependency_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {normal(pin.partition("==")[0]): pin.partition("==")[2] for pin in lines if "==" in pin}
    assert requirement.specifier.contains(pins[normal(requirement.name)])


@pytest.mark.parametrize("corpus", SOURCES)
def test_every_corpus_states_its_terms(corpus: str) -> None:
    terms = SOURCES[corpus]
    assert set(terms) == {"name", "licence", "licence_from", "homepage", "citation", "files", "get"}
    assert terms["homepage"].startswith("https://")
    assert all(terms.values())


@pytest.mark.parametrize("corpus", SOURCES)
def test_the_files_of_a_corpus_lie_in_a_folder_of_its_name(corpus: str) -> None:
    assert all(name.startswith(f"{corpus}/") and ".." not in name for name in SOURCES[corpus]["files"])


def test_tests_cannot_leave_this_machine() -> None:
    with socket.socket() as connection, pytest.raises(SocketConnectBlockedError, match=r"192\.0\.2\.1"):
        connection.connect(("192.0.2.1", 80))


@pytest.mark.parametrize("name", ["HF_HOME", "HF_DATASETS_CACHE", "MMECINSTRUCT_CACHE"])
def test_tests_keep_their_caches_to_themselves(name: str) -> None:
    assert "mmecinstruct-tests-" in os.environ[name]


def test_the_local_ci_and_the_remote_one_run_the_same_words() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["test"]["steps"][-1]["run"] == ".ci/run"
    assert "exec make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
