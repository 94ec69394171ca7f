"""The page of captions: what a person sees, and what may never happen."""

import base64
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from caslie.showing import write_page
from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import OutputError
from mmecinstruct.schema import Captioned, Sample
from tests.caslie.showing.votes import HOSTILE, alike, kept_by_two, mixed, vote
from tests.pages import Page

Make = Callable[..., Folder]


def written(folder: Folder, path: Path, **how: Any) -> tuple[str, Page]:
    write_page(folder, path, **how)
    html = path.read_text(encoding="utf-8")
    return html, Page(html)


def cards(page: Page) -> list[dict[str, str | None]]:
    return [one for one in page.named("li") if "data-verdict" in one]


def rare(sample: Sample) -> Captioned:
    """By their ids, some samples in a hundred are dropped, some are disputed, and some have no caption."""
    place = int(sample.id[-2:], 16)
    if place < 24:
        return alike(sample, None, (), False)
    if place < 48:
        return alike(sample, "Dropped.", (vote(0, False), vote(1, None), vote(2, False)), False)
    if place < 72:
        return alike(sample, "Disputed.", (vote(0, True), vote(1, False), vote(2, True)), True)
    return kept_by_two(sample)


def test_a_card_says_what_became_of_its_caption(make: Make, tmp_path: Path) -> None:
    _, page = written(make(mixed), tmp_path / "page.html")
    of_prp = cards(page)[4:6]
    assert of_prp == [
        {"data-verdict": "kept", "data-judges": "disagree"},
        {"data-verdict": "dropped", "data-judges": "agree"},
    ]
    assert "yes first no second yes <b>third\ufffd" in page.text


def test_margins_and_judges_that_were_not_asked_are_shown(make: Make, tmp_path: Path) -> None:
    _, page = written(make(), tmp_path / "page.html")
    assert "yes first +1.25 yes second +0.50 not asked" in page.text


def test_a_missing_caption_says_why(make: Make, tmp_path: Path) -> None:
    def none(sample: Sample) -> Captioned:
        return alike(sample, None, (), False)

    _, page = written(make(none, problems={"ap_ind": {"no_answer": 4}}), tmp_path / "page.html")
    assert "The captioner gave none." in page.text
    assert "Captions missing in the whole build: ap_ind no answer 4." in page.text
    assert {one["data-judges"] for one in cards(page)} == {""}


def test_a_picture_that_does_not_open_is_said_to(make: Make, tmp_path: Path) -> None:
    _, page = written(make(broken=True), tmp_path / "page.html")
    assert "does not open" in page.text
    assert page.named("img") == []


def test_pictures_are_small_and_in_the_page(make: Make, tmp_path: Path) -> None:
    _, page = written(make(), tmp_path / "page.html")
    heads = {str(one["src"]).partition(",")[0] for one in page.named("img")}
    assert heads == {"data:image/jpeg;base64"}
    assert max(len(str(one["src"])) for one in page.named("img")) < 12_000


def test_a_sample_of_thirty_items_shows_eight_and_says_so(make: Make, tmp_path: Path) -> None:
    _, page = written(make(n=1), tmp_path / "page.html")
    assert len(page.named("article")) == 8
    assert len(cards(page)) == 2 * (1 + 2 + 1 + 8)
    assert "2 more items of this sample are not shown." in page.text


def test_everything_that_is_rare_is_there(make: Make, tmp_path: Path) -> None:
    _, page = written(make(rare, n=60), tmp_path / "page.html", per_config=10)
    assert len(page.named("article")) == 40
    tasks = [one["data-task"] for one in page.named("article")]
    assert {tasks.count(task) for task in tasks} == {10}
    found = {(one["data-verdict"], one["data-judges"]) for one in cards(page)}
    assert found == {("kept", "agree"), ("kept", "disagree"), ("dropped", "agree"), ("none", "")}


def test_the_page_depends_on_the_build_and_on_nothing_else(make: Make, tmp_path: Path) -> None:
    folder = make(rare, n=20)
    first, _ = written(folder, tmp_path / "one.html", per_config=5)
    assert written(folder, tmp_path / "two.html", per_config=5)[0] == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.html", "out", "two.html"]


def test_no_word_of_a_row_or_a_caption_or_a_judge_becomes_an_element(make: Make, tmp_path: Path) -> None:
    html, page = written(make(lambda sample: alike(sample, HOSTILE, (vote(2, True),), True)), tmp_path / "page.html")
    assert "<img src=x" not in html
    assert len(page.named("script")) == 1
    assert {str(one["src"])[:22] for one in page.named("img")} == {"data:image/jpeg;base64"}
    assert page.text.count(HOSTILE.replace("\u202e", "\ufffd")) > 20
    assert "\u202e" not in html
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


def test_the_policy_allows_the_pages_own_script_and_style_and_nothing_else(make: Make, tmp_path: Path) -> None:
    html, page = written(make(), tmp_path / "page.html")
    (policy,) = [str(one["content"]) for one in page.named("meta") if one.get("http-equiv")]
    for tag in ("script", "style"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "http://" not in html and "https://" not in html
    assert not any({"href", "style"} & set(attributes) for _, attributes in page.elements)


def test_use_rates_of_the_whole_build_are_on_the_page(make: Make, tmp_path: Path) -> None:
    _, page = written(make(mixed, n=20), tmp_path / "page.html", per_config=1)
    assert "prp_ind40402050.0%35.2% to 64.8%50.5%" in page.text


def test_progress_is_told(make: Make, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    write_page(make(), tmp_path / "page.html", progress=lambda *what: told.append(what))
    assert told[-1] == ("draw rows", 4, 4)


def test_a_build_without_captions_is_refused_and_nothing_is_written(make: Make, tmp_path: Path) -> None:
    folder = make()
    del folder.manifest["captions"]
    with pytest.raises(OutputError, match="has no captions"):
        write_page(folder, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
