"""All that a run made, and the measures as a Space."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub.errors import RepositoryNotFoundError

from caslie.errors import PushError
from caslie.publish.finding import artifacts_of

SPACE = "alice/mmecinstruct-metrics"
LICENSE = ("--license", "cc-by-4.0")

# What a stranger to this project runs.
COMPUTE = """
import json, sys
import evaluate
module = evaluate.load(sys.argv[1], "sr")
print(json.dumps(module.compute(references=["A", "B"], predictions=["A", None])))
"""

Run = Callable[..., Any]


def files(api: Any, repo: str, kind: str) -> set[str]:
    return set(api.list_repo_files(repo, repo_type=kind)) - {".gitattributes"}


@pytest.mark.slow
def test_all_of_a_run_is_published_and_loads_under_the_names_of_its_folders(
    server: Any, one_task: Path, tmp_path: Path, push: Run, process: Run
) -> None:
    shutil.copytree(one_task, tmp_path / "run" / "mmec-small")
    ran = push(server, "alice", "all", tmp_path / "run", "alice", *LICENSE, "--yes", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert [(one["repository"], one["repo_type"], one["tag"]) for one in ran.content] == [
        ("alice/mmec-small", "dataset", "r1"),
        (SPACE, "space", "r1"),
    ]
    api = server.client("alice")
    assert "README.md" in files(api, "alice/mmec-small", "dataset")
    assert files(api, SPACE, "space") == {"README.md", "index.html", "mmecinstruct-metrics.py", "scores.py"}
    again = push(server, "alice", "all", tmp_path / "run", "alice")
    assert (again.code, again.out.count("nothing was sent")) == (0, 2)
    assert re.fullmatch(r"\d+ measures loaded back with evaluate, equal", ran.content[1]["compared"])
    assert api.repo_info(SPACE, repo_type="space").private
    computed = process(server.environment("alice", tmp_path / "reader"), "-c", COMPUTE, SPACE)
    assert computed.code == 0, computed.err
    assert 0.5 in json.loads(computed.out).values()


def test_without_evaluate_the_measures_are_published_and_it_is_said(server: Any, process: Run, tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['evaluate'] = None; from caslie.push import main; main()"
    variables = server.environment("alice", tmp_path / "home")
    ran = process(variables, "-c", hidden, "metrics", SPACE, "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert "they were not run, since evaluate is not installed: pip install" in ran.out
    assert f'next: evaluate.load("{SPACE}", "sr", revision="r1")' in ran.out
    with pytest.raises(RepositoryNotFoundError):
        server.client("bob").repo_info(SPACE, repo_type="space")


def test_the_dry_run_of_a_run_plans_each(server: Any, one_task: Path, tmp_path: Path, push_here: Run) -> None:
    shutil.copytree(one_task, tmp_path / "run" / "mmec-small")
    arguments = ("all", tmp_path / "run", "alice", *LICENSE, "--dry-run", "--json")
    plans = push_here(server.address, server.tokens["alice"], *arguments).content
    assert [plan["repository"] for plan in plans] == ["alice/mmec-small", SPACE]
    assert not (tmp_path / "run" / "mmec-small" / "publication.json").exists()


def test_in_a_folder_of_runs_each_is_found_under_its_name(one_task: Path, adapter_dir: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for run in ("m", "s"):
        shutil.copytree(one_task, runs / run / "dataset")
        shutil.copytree(adapter_dir, runs / run / "adapter")
        (runs / run / "fused" / "adapter").mkdir(parents=True)
    found = [(repository, one.repo_type) for repository, one in artifacts_of(runs, "alice", "mit")]
    assert found == [
        *(("alice/m-dataset", "dataset"), ("alice/s-dataset", "dataset")),
        *(("alice/m", "model"), ("alice/s", "model"), (SPACE, "space")),
    ]


@pytest.mark.parametrize(("name", "said"), [("empty", "holds neither a build"), ("absent", "no such folder")])
def test_a_run_of_nothing_is_one_line(server: Any, tmp_path: Path, push_here: Run, name: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    ran = push_here(server.address, server.tokens["alice"], "all", tmp_path / name, "alice", "--yes")
    assert (ran.code, ran.out) == (1, "")
    assert re.fullmatch(rf"error: {tmp_path / name}: {said}.*\n", ran.err)


@pytest.mark.parametrize("namespace", ["a b", "a/b", "", ".."])
def test_a_namespace_that_no_hub_takes_is_refused(one_task: Path, namespace: str) -> None:
    with pytest.raises(PushError, match="is no name of a repository"):
        list(artifacts_of(one_task, namespace, "mit"))


def test_a_space_cannot_hold_a_dot(server: Any, push_here: Run) -> None:
    ran = push_here(server.address, server.tokens["alice"], "metrics", "alice/me.trics", "--yes")
    assert ran.code == 1
    assert "'alice/me.trics' cannot hold metrics: evaluate imports a module of the repository's name" in ran.err
