"""Which row of which of the paper's tables a system stands beside (Tables 4 to 6, A3, A4, A7 to A13)."""

from functools import cache
from pathlib import Path

import yaml

from caslie.paper.tables import numbers
from caslie.recipe import Recipe
from caslie.schema import Variant

Standing = dict[str, tuple[str, ...]]

SETTINGS: dict[Variant, str] = {"text": "uniM3", "uia": "UIA", "caslie": "CASLIE"}
IN_FULL: dict[Variant, str] = {"text": "uniM3", "uia": "EC3-uniM3", "caslie": "EC3-CQE-uniM3"}  # as A7 to A13 say it
# The same two rows of Table A7, as it heads them.
A7 = {
    ("CASLIE-S", "EC3-uniM3"): ("CASLIE-S", "CASLIE-S-UIA"),
    ("CASLIE-S", "EC3-CQE-uniM3"): ("CASLIE-S", "CASLIE-S-MV"),
}
BY_TASK = tuple(number for number in numbers() if number in ("A7", "A8", "A9", "A10", "A11", "A12", "A13"))
MAIN_LINEUP = "mv5"  # "majority voting ... of five models" (4.2)


def standing(recipe: Recipe | None) -> Standing:
    """Find the rows by a recipe's size, variant, captioner, lineup and tasks; none where nobody recorded them.

    A system may belong into a table and stand beside none of its rows, say with a captioner that the paper lacks.
    """
    if recipe is None or recipe.size is None:
        return {}
    if recipe.tasks:
        is_special = len(recipe.tasks) == 1 and recipe.variant == "caslie" and _is_main(recipe)
        return {"5": (f"-{recipe.size}", "T-spec.")} if is_special else {}
    return _whole(recipe) | (_ablations(recipe) if recipe.size == "M" else {})


def _is_main(recipe: Recipe) -> bool:
    """Whether the captioner is the main one and five judges vote, as far as the variant asks any."""
    captioner = recipe.variant == "text" or recipe.captioner == next(iter(recipe.captioners))
    return captioner and (recipe.variant != "caslie" or recipe.lineup == MAIN_LINEUP)


def _whole(recipe: Recipe) -> Standing:
    if not _is_main(recipe):
        return {}
    model, variant = f"CASLIE-{recipe.size}", recipe.variant
    found: Standing = {number: (model, IN_FULL[variant]) for number in BY_TASK}
    found["A7"] = A7.get((model, IN_FULL[variant]), found["A7"])
    found["6"] = (SETTINGS[variant], f"-{recipe.size}")
    if variant == "caslie":
        found |= {"4": (model,), "5": (f"-{recipe.size}", "Gen.")}
    return found


def _ablations(recipe: Recipe) -> Standing:
    """Tables A3 and A4, which are about CASLIE-M."""
    found: Standing = {}
    if recipe.variant == "text":
        found["A3"] = ("uniM3-M", "w/o caption", "-")
    elif recipe.variant == "caslie" and recipe.lineup == MAIN_LINEUP:
        found["A3"] = _labels("captioners", recipe.captioner)
    if recipe.captioner == next(iter(recipe.captioners)) and recipe.variant != "text":
        judges = recipe.judges_of(recipe.voting)
        found["A4"] = ("UIA", "-") if not judges else _lineup(judges)
    return found


def _lineup(judges: tuple[str, ...]) -> tuple[str, ...]:
    return ("MV", f"{len(judges)} models") if len(judges) > 1 else _labels("judges", judges[0])


def _labels(kind: str, name: str) -> tuple[str, ...]:
    return tuple(_names()[kind].get(name, ()))


@cache
def _names() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = yaml.safe_load(
        (Path(__file__).parent / "standing.yaml").read_text(encoding="utf-8")
    )
    return found
