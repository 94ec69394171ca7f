"""Which printed row a recipe stands beside; every recipe that is made for a table's row must find it."""

from dataclasses import replace

import pytest

from caslie.paper.tables import table
from caslie.recipe import load_recipe
from caslie.report.standing import standing
from mmecinstruct.config import recipes_folder

ABLATIONS = sorted(path.stem for path in (recipes_folder() / "ablations").glob("*.yaml"))
MODELS = ["caslie-s", "caslie-m", "caslie-l", "pocket-s", "pocket-m", "pocket-l"]


@pytest.mark.parametrize("name", [*MODELS, *ABLATIONS])
def test_every_row_that_a_recipe_stands_beside_is_printed(name: str) -> None:
    recipe = load_recipe(f"ablations/{name}" if name in ABLATIONS else name)
    found = standing(recipe)
    assert found
    for number, labels in found.items():
        assert table(number).row(labels)


@pytest.mark.parametrize("name", ABLATIONS)
def test_an_ablation_stands_in_the_table_that_it_is_named_after(name: str) -> None:
    number = name.split("-")[0].removeprefix("table") or name.split("-")[1].upper()
    assert number in standing(load_recipe(f"ablations/{name}"))


def test_the_three_variants_of_a_size_stand_in_three_rows() -> None:
    recipe = load_recipe("pocket-s")
    assert standing(recipe)["6"] == ("CASLIE", "-S")
    assert standing(replace(recipe, variant="uia"))["6"] == ("UIA", "-S")
    assert standing(replace(recipe, variant="text"))["6"] == ("uniM3", "-S")
    assert "4" not in standing(replace(recipe, variant="text"))
    assert standing(recipe)["A7"] == ("CASLIE-S", "CASLIE-S-MV")  # as Table A7 alone heads it


def test_another_captioner_or_lineup_is_no_caslie_of_the_main_tables() -> None:
    recipe = load_recipe("caslie-m")
    other = standing(replace(recipe, captioner="llava"))
    assert other == {"A3": ("CASLIE-M", "w/ context & caption", "LLaVA-1.5-7B")}
    assert standing(replace(recipe, lineup="mv3")) == {"A4": ("MV", "3 models")}
    assert standing(replace(recipe, lineup="single"))["A4"] == ("Single", "Llama-3.2-Vision-Instruct")


def test_what_nobody_recorded_stands_beside_nothing() -> None:
    assert standing(None) == {}
    assert standing(replace(load_recipe("caslie-m"), size=None)) == {}
