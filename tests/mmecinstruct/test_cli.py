"""The command line: every command on the sample build, JSON that is nothing but JSON, and errors of one line."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mmecinstruct.builder.folder import Folder

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def row_id(built: Path) -> str:
    return next(row["id"] for row in Folder(built).rows("sr_ood", "test", ["id"]))


def test_sample_build_validate_and_show_are_the_way_from_nothing_to_a_dataset(cli: Run, tmp_path: Path) -> None:
    sources, out = tmp_path / "sources", tmp_path / "out"
    for command in (
        ("sample", sources),
        ("build", "sample", "--sources", sources, "--out", out, "--task", "sr", "--limit", 3),
        ("validate", out),
        ("show", out, "sr_ood", "-n", 2, "--png", tmp_path / "sheet.png"),
    ):
        ran = cli(*command)
        assert (ran.code, ran.err) == (0, ""), command
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")


def test_build_says_what_it_made_and_what_comes_next(cli: Run, corpora: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = cli("build", "sample", "--sources", corpora, "--out", out, "--task", "ap", "--limit", 3)
    assert ran.code == 0
    assert f'load_dataset("{out}", "ap_ind")' in ran.out
    assert f"next: mmecinstruct show {out} ap_ind" in ran.out
    assert "other_category" in ran.out


def test_tasks_and_limits_choose_what_is_built(cli: Run, corpora: Path, tmp_path: Path) -> None:
    command = ("--task", "sr", "--task", "product_relation_prediction", "--limit", 3, "--json")
    ran = cli("build", "sample", "--sources", corpora, "--out", tmp_path / "out", *command)
    configs = json.loads(ran.out)["configs"]
    assert list(configs) == ["prp_ind", "prp_ood", "sr_ind", "sr_ood"]
    assert all(split["rows"] == 3 for config in configs.values() for split in config["splits"].values())


def test_a_unit_may_be_kept_apart_by_name(cli: Run, corpora: Path, tmp_path: Path) -> None:
    command = ("--task", "prp", "--disjoint", "product", "--json")
    ran = cli("build", "sample", "--sources", corpora, "--out", tmp_path / "out", *command)
    manifest = json.loads(ran.out)
    assert manifest["recipe"]["disjoint"] == ["product"]
    assert manifest["leakage"]["product"] == 0
    assert "product_in_train" in manifest["dropped"]["prp_ind"]["test"]


def test_validate_finds_nothing_wrong_with_the_sample_build(cli: Run, built: Path) -> None:
    ran = cli("validate", built)
    assert (ran.code, ran.err) == (0, "")
    assert "no problem found" in ran.out


def test_validate_fails_where_a_file_was_changed(cli: Run, built: Path, tmp_path: Path) -> None:
    out = shutil.copytree(built, tmp_path / "out")
    path = next((out / "data" / "ap_ood").iterdir())
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    ran = cli("validate", out, "--json")
    assert ran.code == 1
    assert json.loads(ran.out)
    assert ran.err.startswith(f"error: {out}")
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "command",
    [
        ("validate", "{built}", "--json"),
        ("stats", "{built}", "--png", "{tmp}/figure.png", "--json"),
        ("show", "{built}", "sr_ood", "--json"),
        ("show", "{built}", "ap_ind", "-n", "2", "--split", "train", "--png", "{tmp}/sheet.png", "--json"),
        ("why", "{built}", "{row}", "--json"),
        ("review", "{built}", "--html", "{tmp}/page.html", "-n", "5", "--json"),
        ("sources", "{corpora}", "--json"),
        ("sources", "{tmp}", "--recipe", "sample", "--json"),
        ("tasks", "--json"),
    ],
    ids=lambda command: " ".join(command[:3]),
)
def test_json_is_all_that_is_on_standard_output(
    cli: Run, built: Path, corpora: Path, tmp_path: Path, row_id: str, command: tuple[str, ...]
) -> None:
    ran = cli(*(part.format(built=built, corpora=corpora, tmp=tmp_path, row=row_id) for part in command))
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) is not None


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("stats", "{built}", "--png", "{tmp}/figure.png"), "figure: {tmp}/figure.png"),
        (("show", "{built}", "sr_ood"), "sr_ood-test-"),
        (("why", "{built}", "{row}"), "amazon_reviews_2023/Sports_and_Outdoors.jsonl"),
        (("review", "{built}", "--html", "{tmp}/page.html", "-n", "5"), "page.html: 5 rows"),
        (("sources", "{corpora}"), "amazon_reviews_2023"),
        (("tasks",), "sequential_recommendation"),
    ],
    ids=lambda part: part[0] if isinstance(part, tuple) else "",
)
def test_people_read_words(
    cli: Run, built: Path, corpora: Path, tmp_path: Path, row_id: str, command: tuple[str, ...], said: str
) -> None:
    names = {"built": built, "corpora": corpora, "tmp": tmp_path, "row": row_id}
    ran = cli(*(part.format(**names) for part in command))
    assert (ran.code, ran.err) == (0, "")
    assert said.format(**names).replace("\n", "") in ran.out.replace("\n", "")


def test_tasks_are_listed_with_their_short_names(cli: Run) -> None:
    listed = json.loads(cli("tasks", "--json").out)
    assert [one["abbr"] for one in listed] == ["ap", "cc", "prp", "psi", "mpc", "sa", "sr"]


def test_sources_tells_what_is_missing_and_where_it_comes_from(cli: Run, tmp_path: Path) -> None:
    ran = cli("sources", tmp_path, "--recipe", "sample")
    assert "train-qar.jsonl" in ran.out or "*-qar.jsonl" in ran.out
    assert "https://" in ran.out


ERRORS = {
    "an unknown task": (
        ("build", "sample", "--sources", "{corpora}", "--out", "{tmp}/o", "--task", "answerability_predicton"),
        r"Unknown task 'answerability_predicton'. Did you mean 'answerability_prediction'?",
    ),
    "no such folder": (
        ("build", "sample", "--sources", "{tmp}/none", "--out", "{tmp}/o"),
        "none: no such folder. `mmecinstruct sample {tmp}/none` writes a small one to try",
    ),
    "no corpora": (("build", "sample", "--sources", "{tmp}", "--out", "{tmp}/o"), "ap needs amazonqa/"),
    "no such recipe": (("build", "papr", "--sources", "{corpora}", "--out", "{tmp}/o"), "Bundled: paper, sample"),
    "a misspelt key": (
        ("build", "{tmp}/misspelt.yaml", "--sources", "{corpora}", "--out", "{tmp}/o"),
        "misspelt.yaml: unknown ['sed'], missing []",
    ),
    "not YAML": (("build", "{tmp}/torn.yaml", "--sources", "{corpora}", "--out", "{tmp}/o"), "torn.yaml: not YAML"),
    "a wrong type": (
        ("build", "{tmp}/typed.yaml", "--sources", "{corpora}", "--out", "{tmp}/o"),
        "typed.yaml: seed: expected int, found 'one'",
    ),
    "a task that there is not": (
        ("build", "{tmp}/task.yaml", "--sources", "{corpora}", "--out", "{tmp}/o"),
        "Unknown task 'spp'",
    ),
    "a task option that there is not": (
        ("build", "{tmp}/option.yaml", "--sources", "{corpora}", "--out", "{tmp}/o"),
        "tasks: ap: unknown ['in'], missing []",
    ),
    "an unknown unit": (
        ("build", "sample", "--sources", "{corpora}", "--out", "{tmp}/o", "--disjoint", "users"),
        "'users'. Did you mean 'user'?",
    ),
    "an output that is not ours": (
        ("build", "sample", "--sources", "{corpora}", "--out", "{corpora}"),
        "exists and is no build of mmecinstruct",
    ),
    "validating what is no build": (("validate", "{tmp}"), "{tmp}: no build of mmecinstruct"),
    "statistics of what is no build": (("stats", "{tmp}"), "{tmp}: no build of mmecinstruct"),
    "showing what is no build": (("show", "{tmp}", "sr_ood"), "{tmp}: no build of mmecinstruct"),
    "an unknown config": (("show", "{built}", "sr_odd"), "Unknown config 'sr_odd'. Did you mean 'sr_ood'?"),
    "an unknown split": (("show", "{built}", "sr_ood", "--split", "train"), "Unknown split of sr_ood 'train'"),
    "an unknown row": (("why", "{built}", "sr_ood-test-0"), "Unknown row 'sr_ood-test-0'"),
    "no verdicts": (("review", "{built}", "--verdicts", "{tmp}/none.json"), "none.json"),
    "a sample over something else": (("sample", "{tmp}"), "it is not a sample"),
    "a release that is not there": (("import", "{tmp}/none.json", "--out", "{tmp}/o"), "none.json"),
    "an output in a file": (
        ("build", "sample", "--sources", "{corpora}", "--out", "{tmp}/torn.yaml/o"),
        "torn.yaml",
    ),
    "a sheet in a file": (("show", "{built}", "sr_ood", "--png", "{tmp}/torn.yaml/x.png"), "torn.yaml"),
    "a page in a file": (("review", "{built}", "--html", "{tmp}/torn.yaml/x.html"), "torn.yaml"),
    "a sample in a file": (("sample", "{tmp}/torn.yaml/x"), "torn.yaml"),
}
RECIPES = {
    "misspelt": "name: x\nsed: 1\n",
    "torn": "name: [x\n",
    "typed": "name: x\nseed: one\n",
    "task": "name: x\ntasks: {spp: {}}\n",
    "option": "name: x\ntasks: {ap: {in: []}}\n",
}


@pytest.mark.parametrize("mistake", ERRORS)
def test_a_mistake_is_one_line_and_exit_code_one(
    cli: Run, built: Path, corpora: Path, tmp_path: Path, mistake: str
) -> None:
    for name, text in RECIPES.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    command, said = ERRORS[mistake]
    ran = cli(*(part.format(built=built, corpora=corpora, tmp=tmp_path) for part in command))
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    assert said.replace("{tmp}", str(tmp_path)) in ran.err
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("command", [("show", "ap_ood"), ("stats",), ("review",)])
@pytest.mark.parametrize("harm", ["gone", "cut"])
def test_a_damaged_build_is_one_line(
    cli: Run, built: Path, tmp_path: Path, command: tuple[str, ...], harm: str
) -> None:
    out = shutil.copytree(built, tmp_path / "damaged", copy_function=os.link)
    path = next((out / "data" / "ap_ood").iterdir())
    data = path.read_bytes()
    path.unlink()
    if harm == "cut":
        path.write_bytes(data[: len(data) // 2])
    ran = cli(command[0], out, *command[1:])
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"error: {path}: cannot be read; `mmecinstruct validate` tells what else is wrong\n"


@pytest.mark.parametrize(
    "command",
    [("biuld",), ("build", "sample"), ("build", "sample", "--limit", "0"), ("show", "x"), ("tasks", "--jsn")],
)
def test_a_command_that_is_typed_wrong_exits_two(cli: Run, command: tuple[str, ...]) -> None:
    ran = cli(*command)
    assert ran.code == 2
    assert "Usage: mmecinstruct" in ran.err


def test_an_error_in_a_process_of_its_own_has_no_traceback(start: Run, tmp_path: Path) -> None:
    with start("validate", tmp_path) as process:
        out, err = process.communicate()
    assert (process.returncode, out, err.count("\n")) == (1, "", 1)


def test_a_reader_that_hangs_up_is_no_error(start: Run, built: Path) -> None:
    with start("show", built, "sr_ood", "-n", "40", "--json") as process:
        process.stdout.read(10)
        process.stdout.close()
        err = process.stderr.read()
        process.wait()
    assert "Traceback" not in err
