"""A release made by hand: rows of all seven tasks as the authors write them, and drawn pictures by image id."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from mmecinstruct.importing import import_release

Row = dict[str, Any]
Import = Callable[..., dict[str, Any]]
Told = Callable[..., Row]

N_PICTURES = 40

PRP_OPTIONS = [
    "A: Users who buy product 1 may also buy product 2.",
    "B: Users who view product 1 may also view product 2.",
    "C: The product 1 is similar with the product 2.",
]
MPC_OPTIONS = [
    "A: The product is relevant to the query and satisfies all the query specifications.",
    "B: The product is somewhat relevant. It fails to fulfill some aspects of the query, but the product can be used"
    " as a functional substitute.",
    "C: The product does not fulfill the query but could be used in combination with a product exactly matching the"
    " query.",
    "D: The product is irrelevant to the query.",
]
SA_OPTIONS = ["A: Very positive", "B: Positive", "C: Neutral", "D: Negative", "E: Very negative"]


def address(i: int) -> str:
    return f"https://m.media-amazon.com/images/I/41drawn{i:02d}.jpg"


def row(task: str, told: Any, options: Any, output: Any, *pictures: int) -> Row:
    """One row, its columns JSON inside JSON as the authors have them."""
    return {
        "instruction": "Do it.",
        "input": json.dumps(told),
        "options": json.dumps(options),
        "output": output,
        "task": task,
        "split": "train",
        "images": json.dumps([address(i) for i in pictures]),
        "caption_info": json.dumps([f"caption {i}" for i in pictures]),
    }


def ap(n: int) -> Row:
    told = {"question": f"Does it fit {n}?", "document": ["It fits.", "It does not."]}
    return row("answerability_prediction", told, None, "yes", n % N_PICTURES)


def cc(n: int) -> Row:
    options = ["A: Guitar Strings", "B: Drills", "C: Wall Clocks"]
    return row("category_classification", {"title": f"Drill {n}"}, options, "B", n % N_PICTURES)


def prp(n: int) -> Row:
    told = {"product 1": f"Saw {n}", "product 2": f"Blade {n}"}
    return row("product_relation_prediction", told, PRP_OPTIONS, "A", 0, 1)


def psi(n: int) -> Row:
    told = {"query": "saw", "product title": f"Hammer {n}"}
    return row("product_substitute_identification", told, [], "no", n % N_PICTURES)


def mpc(n: int) -> Row:
    told = {"query": "saw", "product title": f"Hammer {n}"}
    return row("multiclass_product_classification", told, MPC_OPTIONS, "D", n % N_PICTURES)


def sa(n: int) -> Row:
    return row("sentiment_analysis", {"review": f"Broke on day {n}"}, SA_OPTIONS, "E", n % N_PICTURES)


def sr(n: int) -> Row:
    history = [f"1st: Paint {n}. Tools.", "2nd: Brush. Tools."]
    options = ["A: Ladder. Tools.", "B: Roller. Tools.", "C: Clock. Home."]
    return row("sequential_recommendation", history, options, "B", 0, 1, 2, 3, 4)


MAKERS = {"ap": ap, "cc": cc, "prp": prp, "psi": psi, "mpc": mpc, "sa": sa, "sr": sr}


@pytest.fixture(scope="session")
def told() -> Told:
    """Make one row of a task: `told("sr", 3, split="OOD")`; rows of other numbers differ."""

    def make(task: str, n: int = 0, **changes: Any) -> Row:
        return MAKERS[task](n) | changes

    return make


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of small pictures, no two alike."""
    folder = tmp_path_factory.mktemp("images")
    for i in range(N_PICTURES):
        image = Image.new("RGB", (64, 48), "white")
        ImageDraw.Draw(image).rectangle((i, 4, i + 12, 40), fill=(5 * i, 60, 200 - 5 * i))
        file = io.BytesIO()
        image.save(file, "JPEG")
        (folder / f"41drawn{i:02d}.jpg").write_bytes(file.getvalue())
    return folder


@pytest.fixture
def imported(tmp_path: Path, drawn: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Import rows (or the very text of a file) to `tmp_path/out`, and return the manifest."""
    monkeypatch.setenv("MMECINSTRUCT_CACHE", str(tmp_path / "cache"))

    def run(rows: object, **settings: Any) -> dict[str, Any]:
        path = tmp_path / "dataset.json"
        path.write_text(rows if isinstance(rows, str) else json.dumps(rows), encoding="utf-8")
        return import_release(path, tmp_path / "out", images=[drawn], **settings)

    return run
