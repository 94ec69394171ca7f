"""The method end to end with the models that come with the package: true captions, votes that drop what misleads."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

from caslie.backends import Model, find
from caslie.pocket.measuring import PANEL, packaged
from caslie.recipe import load_recipe
from caslie.showing import against_truth
from mmecinstruct.builder.folder import Folder

pytestmark = pytest.mark.slow
RECIPES = sorted((Path(__file__).parents[3] / "recipes").glob("*.yaml"))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_of_the_package_can_be_read(recipe):
    read = load_recipe(str(recipe))
    assert read == load_recipe(recipe.stem)
    for lineup in read.lineups:
        assert read.judges_of(lineup)


def test_every_model_of_the_pocket_recipe_comes_with_the_package():
    recipe = load_recipe("pocket")
    for model in (recipe.ec3.model, *recipe.judges.values()):
        assert find(model).identity.startswith("pocket/")


def test_the_models_are_small_enough_to_come_with_the_package():
    assert sum(path.stat().st_size for path in packaged().rglob("*") if path.is_file()) < 25 * 2**20


@pytest.fixture(scope="module")
def judged(tmp_path_factory, request):
    """Caption and judge a small build by the pocket recipe, every judge asked."""
    from dataclasses import replace

    from caslie.stages import caption_all, judge_all

    root = tmp_path_factory.mktemp("pocket")
    recipe = replace(
        load_recipe("pocket"), dataset=str(request.getfixturevalue("larger")), run=str(root / "run"), early_stop=False
    )
    caption_all(recipe, lambda what, done, total: None)
    judge_all(recipe, root / "out", lambda what, done, total: None)
    return root / "out"


def test_captions_say_what_the_pictures_show(judged, corpora):
    truths = [json.loads(line) for line in (corpora / "truth.jsonl").read_text().splitlines()]
    kinds = {product["asin"]: product["picture"] for truth in truths for product in truth["products"]}
    folder, right = Folder(judged), []
    for row in folder.rows("cc_ind", "train", ["items", "captions"]):
        shown = kinds[row["items"][0]["product_id"]]["shows"]
        caption = row["captions"][0]
        right.append(
            caption == f"The picture shows {shown['pattern']} {shown['kind']}s." if shown else "blurred" in caption
        )
    assert sum(right) >= 0.95 * len(right)


def test_the_majority_keeps_what_informs_and_drops_what_misleads(judged, corpora):
    found = {(one.task, one.voter): one for one in against_truth(Folder(judged), corpora)}
    majority = found["all", "majority"]
    assert majority.precision >= 0.95
    assert majority.recall >= 0.95
    assert majority.accuracy >= max(one.accuracy for (task, _), one in found.items() if task == "all") - 0.005
    assert found["all", "uia"].precision < 0.7
    assert yaml.safe_load(json.dumps(asdict(majority)))["unknown"] == 0


@pytest.mark.parametrize("name", PANEL)
def test_votes_are_equal_in_batches_of_1_7_and_64_and_in_any_order(name, judged):
    from caslie.backends import Question
    from caslie.pocket.judge_scores import own_hearings

    questions = [Question(each.prompt) for each in list(own_hearings([3]))[::6]]
    with find(Model(f"pocket/judges/{name}")).open() as backend:
        tables = []
        for size in (1, 7, 64):
            parts = [questions[start : start + size] for start in range(0, len(questions), size)]
            tables.append([weight for part in parts for weight in backend.weigh(part)])
        back = backend.weigh(questions[::-1])[::-1]
    assert tables[0] == tables[1] == tables[2] == back
