"""An eighth task is one Python file with one template: here it is, in a copy of the project.

The task asks for the brand of a product. Nothing else of the project is touched: the file is imported, and the recipe
names the task.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

ROOT = Path(__file__).parents[3]

TASK = '''
"""Brand identification (BI): who made the product?"""

from dataclasses import dataclass

from mmecinstruct.schema import Draft
from mmecinstruct.sources import Need
from mmecinstruct.tasks.base import TASKS, TaskSpec, candidate


@dataclass(frozen=True, slots=True)
class Options:
    """The shortest name of a brand."""

    shortest: int = 1


def needs(options, domain):
    return (Need("amazon_reviews_2023", "products"),)


def pool(pool, options):
    pool.sieve(
        "made",
        "SELECT * FROM preferred",
        {
            "no_brand": f"length(brand) >= {options.shortest}",
            "no_picture_address": "product_id IN (SELECT product_id FROM pictures)",
        },
    )
    pool.fill(f"SELECT product_id AS key, {pool.eighty_ten_ten('product_id')} AS split, product_id FROM made")


DETAILS = """
    SELECT s.rank, s.key, p AS product, v AS pictures FROM pool_slice s
    JOIN preferred p ON p.product_id = s.product_id JOIN pictures v ON v.product_id = s.product_id
"""


def draft(row):
    product = candidate("product", row["product"], row["pictures"])
    return Draft(row["key"], {}, (product,), product.item.brand, ())


TASKS.add(
    "brand_identification",
    TaskSpec("brand_identification", "bi", Options, False, needs, pool, DETAILS, draft),
    alias="bi",
)
'''
TEMPLATE = """
{% block instruction %}
Name the brand of the product.
{% endblock %}

{% block input %}
{"title": {{ items[0].title | json }}
{%- if items[0].caption %}, "image": {{ items[0].caption | json }}{% endif %}}
{% endblock %}

{% block options %}
{% endblock %}

{% block caption %}
Please generate an informative caption for the product in the image. Its title is {{ item.title }}.
{% endblock %}

{% block judge %}
The task needs to name the brand of {{ item.title }}. Does this help: {{ caption }}? Only output yes or no.
{% endblock %}
"""
RECIPE = (
    "name: brands\nsizes: {train: 20, validation: 5, test: 5}\nfetch: {enabled: false}\ntasks: {bi: {shortest: 2}}\n"
)
RUN = "import mmecinstruct.tasks.brand_identification, sys\nfrom mmecinstruct.cli import main\nmain()"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the two files."""
    root = tmp_path_factory.mktemp("project")
    for name in ("mmecinstruct", "templates", "recipes", "dataset_card"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "mmecinstruct" / "tasks" / "brand_identification.py").write_text(TASK)
    (root / "templates" / "brand_identification.jinja").write_text(TEMPLATE)
    (root / "brands.yaml").write_text(RECIPE)
    return root


@pytest.fixture(scope="module")
def run(project: Path, python: Callable[..., Any]) -> Callable[..., Any]:
    def ran(*arguments: object) -> Any:
        script = f"import sys\nsys.argv[1:] = {[str(one) for one in arguments]!r}\n{RUN}"
        return python(script, project, PYTHONPATH=str(project))

    return ran


@pytest.fixture(scope="module")
def out(project: Path, corpora: Path, run: Callable[..., Any]) -> Path:
    ran = run("build", "brands.yaml", "--sources", corpora, "--out", "out")
    assert ran.code == 0, ran.err
    return project / "out"


def test_it_is_built_and_loads_as_a_config_of_its_own(out: Path, tmp_path: Path) -> None:
    rows = load_dataset(str(out), "bi_ind", cache_dir=str(tmp_path))
    assert {split: part.num_rows for split, part in rows.items()} == {"train": 20, "validation": 5, "test": 5}
    row = rows["test"][0]
    assert row["instruction"] == "Name the brand of the product."
    assert json.loads(row["input"]) == {"title": row["items"][0]["title"]}
    assert row["output"] == row["items"][0]["brand"] != ""
    assert len(row["images"]) == 1


def test_what_it_leaves_out_is_counted(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["dropped"]["bi_ind"]["pool"]["no_brand"] > 0


def test_its_prompts_are_shown_and_its_rows_traced(out: Path, run: Callable[..., Any]) -> None:
    shown = json.loads(run("show", out, "bi_ind", "--json").out)
    assert "Its title is" in json.dumps(shown)
    traced = run("why", out, shown[0]["id"], "--json")
    assert json.loads(traced.out)["differs"] == {}, traced.err
