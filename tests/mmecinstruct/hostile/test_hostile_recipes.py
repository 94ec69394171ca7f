"""Recipes that no build can obey: one line that says so, exit code 1, and never a traceback or a wait."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.mmecinstruct.hostile.world import write_world

LAUGHS = ", ".join(["&l0 [ha]", *(f"&l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 12))])
HEAD = "name: hostile\ntasks: {ap: {}}\n"

RECIPES = {
    "empty": "",
    "of spaces": "   \n\n",
    "of a comment": "# nothing\n",
    "a word": "hostile",
    "a list": "- name: hostile",
    "null": "~",
    "two documents": HEAD + "---\n" + HEAD,
    "no YAML": "{name: [",
    "a tab": "name:\n\thostile",
    "random bytes": "\x00\x01\x02",
    "an unknown anchor": "name: *nobody",
    "an anchor of itself": "name: &a [*a]",
    "a key that is a list": "? [a]\n: b",
    "deep lists": "[" * 20_000,
    "deep objects": "{a: " * 20_000,
    "a Python object": HEAD + "box: !!python/object/apply:os.system ['true']",
    "a Python name": HEAD + "box: !!python/name:os.system",
    "a Python module": HEAD + "box: !!python/module:antigravity",
    "an unknown tag": HEAD + "box: !secret 5",
    "a date that is none": HEAD + "box: 2024-13-45",
    "a laugh in a name": f"name: [{LAUGHS}]",
    "a laugh in a task": f"name: hostile\ntasks: {{ap: {{ind: [{LAUGHS}]}}}}",
    "a laugh as a recipe": f"[{LAUGHS}]",
    "a laugh as a task": f"name: hostile\ntasks: [{LAUGHS}]",
    "a laugh as an option": f"name: hostile\ntasks: {{ap: {{nope: [{LAUGHS}]}}}}",
    "a laugh in the origins": HEAD + f"fetch: {{origins: {{a: [{LAUGHS}]}}}}",
    "an unknown key": HEAD + "sise: 5",
    "an unknown key with a new line": HEAD + '"a\\nb": 5',
    "an unknown number as a key": HEAD + "5: 5",
    "a number of 5000 digits as a key": HEAD + f"0x{'f' * 5000}: 5",
    "a task of 5000 digits": f"name: hostile\ntasks: {{0x{'f' * 5000}: {{}}}}",
    "a key of a million letters": HEAD + "? " + "x" * 1_000_000 + "\n: 5",
    "no name": "tasks: {ap: {}}",
    "a name that is a number": "name: 5\ntasks: {ap: {}}",
    "an unknown task": "name: hostile\ntasks: {nope: {}}",
    "an unknown task with a new line": 'name: hostile\ntasks: {"a\\nb": {}}',
    "a task with a new line that is null": 'name: hostile\ntasks: {"a\\nb": ~}',
    "tasks as a list": "name: hostile\ntasks: [ap]",
    "a task as a list": "name: hostile\ntasks: {ap: [1]}",
    "an unknown option": "name: hostile\ntasks: {ap: {inn: [a]}}",
    "an option of a wrong type": "name: hostile\ntasks: {ap: {ind: 5}}",
    "a category that is a number": "name: hostile\ntasks: {ap: {ind: [5]}}",
    "a category that is nowhere": 'name: hostile\ntasks: {ap: {ind: ["it\'s; DROP TABLE"], ood: [x]}}',
    "a locale of SQL": "name: hostile\ntasks: {psi: {locale: \"us' OR '1'='1\"}}",
    "a corpus that is unknown": 'name: hostile\ntasks: {sa: {corpus: "x\' OR 1=1"}}',
    "a corpus without reviews": "name: hostile\ntasks: {sa: {corpus: mave}}",
    "a category that climbs": "name: hostile\ntasks: {sa: {ind: [../../etc/passwd]}}",
    "one rank": "name: hostile\ntasks: {cc: {ind_ranks: [1]}}",
    "ranks in words": "name: hostile\ntasks: {cc: {ind_ranks: [one, two]}}",
    "ranks the wrong way round": "name: hostile\ntasks: {cc: {ind_ranks: [5, 1]}}",
    "one option": "name: hostile\ntasks: {cc: {n_options: 1}}",
    "no core": "name: hostile\ntasks: {sr: {core: 0}}",
    "a negative history": "name: hostile\ntasks: {sr: {longest: -3}}",
    "a history of 30 digits": f"name: hostile\ntasks: {{sr: {{longest: {10**30}}}}}",
    "a billion stand-ins": "name: hostile\ntasks: {sr: {n_spare: 1000000000}}",
    "a seed in words": HEAD + "seed: one",
    "a seed that is true": HEAD + "seed: true",
    "a seed with a point": HEAD + "seed: 1.5",
    "a seed of 30 digits": HEAD + f"seed: {10**30}",
    "a seed of 5000 digits": HEAD + f"seed: {'9' * 5000}",
    "a seed of 5000 hexadecimal digits": HEAD + f"seed: 0x{'f' * 5000}",
    "a negative size": HEAD + "sizes: {train: -1}",
    "a size with a point": HEAD + "sizes: {train: 1.5}",
    "sizes that are a number": HEAD + "sizes: 5",
    "no rows at all": HEAD + "sizes: {train: 0, validation: 0, test: 0, ood: 0}",
    "pictures of an unknown kind": HEAD + "pictures: none",
    "no box": HEAD + "box: 0",
    "a negative box": HEAD + "box: -500",
    "memory in words": HEAD + "memory: a lot",
    "memory of SQL": HEAD + 'memory: "1GB\'; DROP TABLE staged; --"',
    "an unknown unit": HEAD + "disjoint: [everything]",
    "a negative wait": HEAD + "fetch: {timeout_s: -1}",
    "an infinite pace": HEAD + "fetch: {per_second: .nan}",
    "hosts that are a word": HEAD + "fetch: {hosts: m.media-amazon.com}",
    "an origin that is a number": HEAD + "fetch: {origins: {a: 5}}",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    for task in ("ap", "cc", "psi", "sa", "sr"):
        write_world(task, folder)
    return folder


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", RECIPES.values(), ids=list(RECIPES))
def test_a_hostile_recipe_is_one_line(text: str, world: Path, cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(text)
    ran = cli("build", tmp_path / "recipe.yaml", "--sources", world, "--out", tmp_path / "out")
    assert ran.code == 1
    assert ran.err.startswith("error: ")
    assert len(ran.err.splitlines()) == 1
    assert len(ran.err) < 2000
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["nowhere.yaml", ".", "nope", "../../etc"])
def test_a_recipe_that_is_not_there_is_one_line(
    name: str, world: Path, cli: Callable[..., Any], tmp_path: Path
) -> None:
    ran = cli("build", name, "--sources", world, "--out", tmp_path / "out")
    assert (ran.code, ran.err.startswith("error: "), len(ran.err.splitlines())) == (1, True, 1)


def test_a_recipe_that_is_no_text_is_one_line(world: Path, cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_bytes(b"name: \xff\xfe")
    ran = cli("build", tmp_path / "recipe.yaml", "--sources", world, "--out", tmp_path / "out")
    assert (ran.code, ran.err.startswith("error: "), len(ran.err.splitlines())) == (1, True, 1)
