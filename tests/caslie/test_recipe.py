"""Recipes that stand on others, and those that come with the package."""

from pathlib import Path

import pytest

from caslie.recipe import TARGETS, load_recipe
from mmecinstruct.config import recipes_folder
from mmecinstruct.errors import RecipeError

BUNDLED = sorted(
    path.relative_to(recipes_folder()).with_suffix("").as_posix()
    for pattern in ("*.yaml", "ablations/*.yaml")
    for path in recipes_folder().glob(pattern)
)
BELOW = """
name: below
dataset: mmecinstruct
captioner: a
captioners: {a: {model: {uri: echo/a}}}
lineups: {mv5: [one], alone: [one]}
judges: {one: {uri: echo/hash}}
train: {learning_rate: 1.0e-4, seed: 1}
"""


@pytest.fixture
def below(tmp_path: Path) -> Path:
    path = tmp_path / "below.yaml"
    path.write_text(BELOW)
    return path


def extend(below: Path, text: str, name: str = "above") -> str:
    path = below.with_name(f"{name}.yaml")
    path.write_text(text)
    return str(path)


def test_what_a_recipe_does_not_say_is_said_below_key_by_key(below: Path) -> None:
    recipe = load_recipe(extend(below, "extends: below\nname: above\nlineup: alone\ntrain: {seed: 2}\n"))
    assert (recipe.name, recipe.lineup, recipe.dataset) == ("above", "alone", "mmecinstruct")
    assert recipe.train == {"learning_rate": 1e-4, "seed": 2}


def test_a_recipe_of_the_package_can_be_extended_from_anywhere(below: Path) -> None:
    recipe = load_recipe(extend(below, "extends: caslie-m\nname: mine\ndataset: user/mine\n"))
    assert recipe.tuned.model.uri == "transformers/mistralai/Mistral-7B-Instruct-v0.3"
    assert (recipe.dataset, recipe.batch) == ("user/mine", 128)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("extends: belov\nname: above\n", "belov: no such recipe"),
        ("extends: above\nname: above\n", "extends itself"),
        ("extends: [below]\nname: above\n", "extends: expected the name of a recipe, found list"),
        ("extends: below\nnam: above\n", "Did you mean 'name'"),
        ("extends: below\ntasks: [srr]\n", "Unknown task 'srr'. Did you mean 'sr'"),
        ("extends: below\nvariant: caption\n", "variant: expected one of caslie, text, uia"),
        ("extends: below\nbatch: 0\n", "batch must be 1 or more"),
        ("extends: below\nlora: {r: 0}\n", "lora: r and alpha must be 1 or more"),
        ("extends: below\nlora: {rank: 8}\n", "unknown ['rank']"),
        ("extends: below\ntrain: {max_length: long}\n", "max_length must be a number of tokens, not 'long'"),
        ("extends: below\nbase: {model: {uri: echo/a, dtyp: float32}}\n", "Did you mean 'dtype'"),
    ],
)
def test_what_cannot_stand_is_told(below: Path, text: str, told: str) -> None:
    with pytest.raises(RecipeError) as refused:
        load_recipe(extend(below, text))
    assert told in str(refused.value)


def test_two_recipes_that_extend_each_other_are_told(below: Path) -> None:
    extend(below, "extends: two\n", "one")
    with pytest.raises(RecipeError, match="extends itself, by way of"):
        load_recipe(extend(below, "extends: one\n", "two"))


@pytest.mark.parametrize("name", BUNDLED)
def test_every_recipe_of_the_package_is_whole_and_named_as_its_file(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == Path(name).name
    if name.startswith(("ablations/", "caslie-")):
        assert recipe.tuned.model.uri.startswith("transformers/")
        assert recipe.answers == "runs/paper"
        assert (recipe.batch, recipe.lora.r, recipe.lora.alpha) == (128, 16, 16)
        assert recipe.lora.targets == TARGETS
        assert (recipe.train["learning_rate"], recipe.train["num_train_epochs"]) == (1e-4, 3)


def test_every_row_of_the_ablation_tables_has_its_recipe() -> None:
    named = {name.removeprefix("ablations/") for name in BUNDLED if name.startswith("ablations/")}
    table_5 = {f"table5-{size}-{task}" for size in "sml" for task in ("ap", "cc", "prp", "psi", "mpc", "sa", "sr")}
    table_6 = {f"table6-{size}-{variant}" for size in "sml" for variant in ("text", "uia")}
    captioners = ("no-caption", "blip-2", "llama-vision-without-context", "llava", "llava-next")
    lineups = ("uia", "llama-3b", "phi", "mistral", "llama-8b", "llama-vision", "mv3", "mv5", "mv7")
    assert named == table_5 | table_6 | {f"table-a3-{one}" for one in captioners} | {
        f"table-a4-{one}" for one in lineups
    }


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("table5-l-sr", ("tasks", ("sr",))),
        ("table6-s-text", ("variant", "text")),
        ("table6-m-uia", ("voting", "uia")),
        ("table-a3-blip-2", ("captioner", "blip-2")),
        ("table-a4-mv3", ("lineup", "mv3")),
        ("table-a4-uia", ("voting", "uia")),
    ],
)
def test_an_ablation_changes_what_its_row_says(name: str, what: tuple[str, object]) -> None:
    assert getattr(load_recipe(f"ablations/{name}"), what[0]) == what[1]


def test_a_single_judge_decides_alone() -> None:
    recipe = load_recipe("ablations/table-a4-phi")
    assert recipe.judges_of(recipe.voting) == ("phi",)
