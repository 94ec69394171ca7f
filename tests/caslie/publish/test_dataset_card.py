"""The dataset's card: what it says, where that is from, that it loads, and that no value in it is ever obeyed."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from datasets import Image, get_dataset_config_names, load_dataset
from huggingface_hub import DatasetCard
from markdown_it import MarkdownIt

from caslie.errors import PushError
from caslie.publish.dataset_card import FIGURE, render_dataset_card, size_category
from caslie.publish.publication import Publication, read_publication, write_publication
from mmecinstruct.builder import Request, build
from mmecinstruct.builder.card import card_header
from mmecinstruct.builder.features import sample_features
from mmecinstruct.builder.folder import Folder
from mmecinstruct.config import load_recipe
from mmecinstruct.sample import write_sample

DECIDED = Publication("alice/mmecinstruct", "cc-by-4.0")
HOSTILE = (
    "<script>alert(1)</script>|{{7*7}} {% raw %}`x` **b** ![p](http://evil.example/p.png)\n---\nlicense: mit\n# big"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of two tasks of the sample; to read only."""
    folder = tmp_path_factory.mktemp("card")
    write_sample(folder / "corpora")
    build(load_recipe("sample"), Request(folder / "corpora", folder / "made", tasks=("ap", "prp"), limit=12))
    return folder / "made"


@pytest.fixture(scope="module")
def files(made: Path) -> dict[str, bytes]:
    """The files of its card."""
    return render_dataset_card(made, DECIDED)


@pytest.fixture(scope="module")
def card(files: dict[str, bytes]) -> str:
    return files["README.md"].decode()


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """A build of the test's own."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


def text_of(out: Path, publication: Publication = DECIDED) -> str:
    return render_dataset_card(out, publication)["README.md"].decode()


def body_of(text: str) -> str:
    return text.split("\n---\n", 1)[1]


def change(path: Path, edit: Callable[[dict[str, Any]], Any]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def change_items(out: Path, **values: str) -> None:
    """Give every item of one Parquet file these values."""
    path = next(out.glob("data/ap_ind/train-*.parquet"))
    table = pq.read_table(path)
    items = [[item | values for item in items] for items in table["items"].to_pylist()]
    place = table.schema.get_field_index("items")
    pq.write_table(table.set_column(place, "items", pa.array(items, table.schema.field("items").type)), path)


def test_the_card_loads_every_config_as_the_builders_own_does(
    copy: Path, files: dict[str, bytes], tmp_path: Path
) -> None:
    names = get_dataset_config_names(str(copy))
    for name, content in files.items():
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_bytes(content)
    loaded = load_dataset(str(copy), "prp_ind", cache_dir=str(tmp_path / "cache"))
    rows = json.loads((copy / "manifest.json").read_text())["configs"]["prp_ind"]["splits"]
    assert get_dataset_config_names(str(copy)) == names
    assert {split: len(one) for split, one in loaded.items()} == {split: one["rows"] for split, one in rows.items()}
    assert isinstance(loaded["train"].features["images"].feature, Image)


def test_the_hub_reads_what_the_header_says(card: str, made: Path) -> None:
    data = DatasetCard(card).data.to_dict()
    kept = yaml.safe_load(card_header(Folder(made).manifest))
    assert data["license"] == "cc-by-4.0"
    assert data["language"] == ["en"]
    assert data["size_categories"] == ["n<1K"]
    assert "visual-question-answering" in data["task_categories"]
    assert {key: data[key] for key in ("configs", "dataset_info")} == kept


def test_a_card_that_nobody_publishes_decides_nothing(made: Path) -> None:
    card = (made / "README.md").read_text(encoding="utf-8")
    assert "is for whoever publishes them to decide" in card
    assert "The publisher's decision" not in card
    assert set(DatasetCard(card).data.to_dict()) == {"configs", "dataset_info"}


@pytest.mark.parametrize(
    ("rows", "word"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (74_000, "10K<n<100K"), (10**7, "10M<n<100M")]
)
def test_sizes_are_told_in_the_hubs_words(rows: int, word: str) -> None:
    assert size_category(rows) == word


def test_nothing_is_left_to_fill_in(card: str) -> None:
    assert "More Information Needed" not in card
    assert "{{" not in card
    assert "{%" not in card


def test_the_same_build_gives_the_same_bytes(made: Path, files: dict[str, bytes]) -> None:
    assert render_dataset_card(made, DECIDED) == files


def test_the_figure_is_part_of_the_card(files: dict[str, bytes], card: str) -> None:
    assert files[FIGURE].startswith(b"\x89PNG")
    assert f"]({FIGURE})" in card


@pytest.mark.parametrize("with_pictures", [True, False])
def test_every_column_is_explained(card: str, copy: Path, with_pictures: bool) -> None:
    if not with_pictures:
        change(copy / "manifest.json", lambda one: one["recipe"].update(pictures="shared"))
        card = text_of(copy)
    explained = re.findall(r"^\| `(\w+)` \| (?:string|list of)", card, re.MULTILINE)
    assert explained == list(sample_features(with_pictures))


def test_every_table_says_which_file_its_numbers_are_from(card: str) -> None:
    sections = re.split(r"^#+ ", body_of(card), flags=re.MULTILINE)[1:]
    silent = [
        one.splitlines()[0]
        for one in sections
        if "--:|" in one and not re.search("manifest.json|leakage.json|Parquet", one)
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("file", "edit"),
    [
        ("manifest.json", lambda one: one["configs"]["ap_ind"]["splits"]["train"].update(rows=13)),
        ("manifest.json", lambda one: one["dropped"]["prp_ind"]["pool"].update(same_product=25)),
        ("manifest.json", lambda one: one["recipe"]["fetch"].update(retries=4)),
        ("manifest.json", lambda one: one["leakage"].update(product=7)),
        ("leakage.json", lambda one: one["splits"]["ap_ind/test"].update(rows=13)),
        ("leakage.json", lambda one: one["settings"].update(examples=21)),
    ],
)
def test_another_number_in_an_artifact_gives_another_card(
    copy: Path, card: str, file: str, edit: Callable[[dict[str, Any]], Any]
) -> None:
    change(copy / file, edit)
    assert text_of(copy) != card


def test_another_category_in_the_rows_gives_another_table(copy: Path, card: str) -> None:
    change_items(copy, category="Office_Products")
    assert "| Office Products | 12 | " in text_of(copy)
    assert "Office Products" not in card


def test_a_card_without_a_licence_is_refused_with_the_reason(made: Path) -> None:
    with pytest.raises(PushError, match=r"AmazonQA, .*Amazon Review Data \(2018\) state no licence.* --license other"):
        render_dataset_card(made, Publication("alice/mmecinstruct", None))


def test_rows_of_the_sample_are_not_passed_off_as_amazons(card: str) -> None:
    assert "These rows are no Amazon data" in card
    assert DatasetCard(card).data.to_dict()["source_datasets"] == ["original"]


def test_rows_with_a_brand_from_elsewhere_are_said_to_be_collected(copy: Path) -> None:
    change_items(copy, brand="Makita")
    card = text_of(copy)
    assert "Drawn" not in card
    assert "AmazonQA" in card.partition("It is not the word of the sources")[2].partition("\n")[0]
    assert "open a discussion in the Community tab" in card
    assert DatasetCard(card).data.to_dict()["annotations_creators"] == ["found"]


def test_the_licence_other_comes_with_the_terms_of_each_source(copy: Path) -> None:
    change_items(copy, brand="Makita")
    files = render_dataset_card(copy, Publication("alice/mmecinstruct", "other"))
    data = DatasetCard(files["README.md"].decode()).data.to_dict()
    assert (data["license"], data["license_name"], data["license_link"]) == (
        "other",
        "terms-of-the-sources",
        "LICENSE",
    )
    assert "AmazonQA (https://github.com/amazonqa/amazonqa): Not Specified" in files["LICENSE"].decode()


def test_an_imported_release_has_a_card_too(copy: Path) -> None:
    def imported(manifest: dict[str, Any]) -> None:
        del manifest["code"]
        manifest["corpora"] = [{"file": "dataset.json", "table": "release", "lines": 3, "sha256": "0" * 64}]

    change(copy / "manifest.json", imported)
    assert "MMECInstruct, as its authors published it" in text_of(copy)


def test_a_hostile_category_comes_out_as_text(copy: Path) -> None:
    change_items(copy, category=HOSTILE)
    assert_inert(card := text_of(copy))
    tokens = MarkdownIt("commonmark").enable("table").parse(body_of(card))
    cells = ["".join(child.content for child in token.children or []) for token in tokens]
    assert "<script>alert(1)</script>|{{7*7}} {% raw %}`x` **b**" in " ".join(cells)


@pytest.mark.parametrize(
    "edit",
    [
        lambda one: one["recipe"].update(name=HOSTILE),
        lambda one: one["recipe"]["tasks"].update({HOSTILE: {HOSTILE: [HOSTILE]}}),
        lambda one: one["corpora"].append({"file": HOSTILE, "table": HOSTILE, "lines": 1, "sha256": HOSTILE}),
        lambda one: one["dropped"].update({HOSTILE: {HOSTILE: {HOSTILE: 1}}}),
        lambda one: one["skipped"].update({HOSTILE: {HOSTILE: 1}}),
        lambda one: one["pictures"]["failed"].update({HOSTILE: 1}),
        lambda one: one["libraries"].update({HOSTILE: HOSTILE}),
        lambda one: one.update(code="`<script>`{{7*7}}"),
        lambda one: one["configs"]["ap_ind"].update(task=HOSTILE),
    ],
)
def test_a_hostile_manifest_comes_out_as_text(copy: Path, edit: Callable[[dict[str, Any]], Any]) -> None:
    change(copy / "manifest.json", edit)
    assert_inert(text_of(copy))


def assert_inert(card: str) -> None:
    """The header is as it was, and a renderer that lets HTML through finds none, nor a picture or a heading."""
    body = body_of(card)
    assert DatasetCard(card).data.to_dict()["license"] == "cc-by-4.0"
    assert "{{" not in body
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(body)
    inner = [one for token in tokens for one in [token, *(token.children or [])]]
    assert [one for one in inner if one.type in ("html_block", "html_inline")] == []
    assert not any("evil.example" in str(one.attrs) for one in inner)
    assert not any(one.content == "big" for one in inner)


def test_a_damaged_leakage_report_is_told_in_one_line(copy: Path) -> None:
    (copy / "leakage.json").write_text("{")
    with pytest.raises(PushError, match=r"leakage.json: cannot be read .*build again"):
        render_dataset_card(copy, DECIDED)


def test_a_leakage_report_that_lacks_a_part_is_told_in_one_line(copy: Path) -> None:
    (copy / "leakage.json").write_text("{}")
    with pytest.raises(PushError, match=r"lacks what the card tells: .*splits"):
        render_dataset_card(copy, DECIDED)


def test_a_manifest_that_lacks_a_part_is_told_in_one_line(copy: Path) -> None:
    change(copy / "manifest.json", lambda one: one.pop("corpora"))
    with pytest.raises(PushError, match=r"manifest.json: lacks corpora, which the card tells; build again"):
        render_dataset_card(copy, DECIDED)


def test_a_decision_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_publication(tmp_path) is None
    write_publication(tmp_path, DECIDED)
    write_publication(tmp_path, undecided := Publication("alice/other", None))
    assert read_publication(tmp_path) == undecided
    assert [path.name for path in tmp_path.iterdir()] == ["publication.json"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "cannot be read"),
        ("[]", "expected the keys license, repository"),
        ('{"repository": "alice/x"}', "expected the keys license, repository"),
        ('{"repository": "alice", "license": null}', "must be namespace/name"),
        ('{"repository": 3, "license": null}', "must be namespace/name"),
        ('{"repository": "alice/x", "license": ["mit"]}', "no licence that the Hub knows"),
    ],
)
def test_a_damaged_decision_is_told_in_one_line(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "publication.json").write_text(text)
    with pytest.raises(PushError, match=f"^{re.escape(str(tmp_path))}/publication.json: .*{reason}") as told:
        read_publication(tmp_path)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "name", ["x", "", "a/b/c", "alice/", "alice/x.git", "alice/a--b", "../x", "alice/x y", "-a/b"]
)
def test_a_repository_is_a_namespace_and_a_name(name: str) -> None:
    with pytest.raises(PushError, match="is no name of a repository"):
        Publication(name, None)


def test_a_misspelt_licence_comes_with_the_nearest_one() -> None:
    with pytest.raises(PushError, match=r"'CC-BY-4.0' is no licence that the Hub knows. Did you mean 'cc-by-4.0'\?"):
        Publication("alice/x", "CC-BY-4.0")
