"""The review page: what a person sees, and what may never happen."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmecinstruct.builder.folder import Folder
from mmecinstruct.looking import write_review
from tests.pages import Page


def written(folder: Folder, path: Path, **how: Any) -> tuple[str, Page]:
    write_review(folder, path, **how)
    html = path.read_text(encoding="utf-8")
    return html, Page(html)


def pictures(html: str) -> list[str]:
    found = re.search(r'<script type="application/json" id="pictures">(.*?)</script>', html, re.DOTALL)
    assert found
    return list(json.loads(found[1]))


def test_every_row_of_a_small_build_is_on_the_page(small_build: Folder, tmp_path: Path) -> None:
    path = tmp_path / "review.html"
    assert write_review(small_build, path) == 24
    assert len(Page(path.read_text(encoding="utf-8")).named("article")) == 24


def test_the_draw_depends_on_the_seed_and_on_nothing_else(make_build: Callable[..., Folder], tmp_path: Path) -> None:
    folder = make_build(8)

    def drawn(seed: int) -> list[str | None]:
        return [one["id"] for one in written(folder, tmp_path / "review.html", n=10, seed=seed)[1].named("article")]

    assert drawn(1) == drawn(1) != drawn(2)
    assert len(drawn(1)) == 10


def test_a_larger_draw_holds_the_smaller(make_build: Callable[..., Folder], tmp_path: Path) -> None:
    folder = make_build(8)
    drawn = [
        {one["id"] for one in written(folder, tmp_path / "review.html", n=n)[1].named("article")} for n in (10, 20)
    ]
    assert drawn[0] < drawn[1]


def test_no_word_of_a_row_becomes_an_element(small_build: Folder, tmp_path: Path) -> None:
    html, page = written(small_build, tmp_path / "review.html")
    assert "<script>window.pwned" not in html
    assert [attributes.get("id") for attributes in page.named("script")] == ["pictures", None]
    said = "".join(page.said)
    assert "<script>window.pwned = 1</script>" in said
    assert "{{ 7 * 7 }} </script>" in said
    assert "[red]no markup[/red] [/]" in said
    assert "\u202e" not in said


def test_the_policy_allows_the_pages_own_script_and_style_and_nothing_else(
    small_build: Folder, tmp_path: Path
) -> None:
    html, page = written(small_build, tmp_path / "review.html")
    (policy,) = [one["content"] for one in page.named("meta") if one.get("http-equiv")]
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        text = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)[-1]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in str(policy)
    assert "default-src 'none'" in str(policy)
    assert "unsafe" not in str(policy)


def test_the_page_needs_nothing_from_elsewhere(small_build: Folder, tmp_path: Path) -> None:
    html, page = written(small_build, tmp_path / "review.html")
    assert "http://" not in html and "https://" not in html
    assert not any({"src", "href", "style", "onclick"} & set(attributes) for _, attributes in page.elements)


def test_a_picture_is_embedded_once_however_many_rows_show_it(small_build: Folder, tmp_path: Path) -> None:
    html, page = written(small_build, tmp_path / "review.html")
    embedded = pictures(html)
    places = [int(str(one["data-picture"])) for one in page.named("img")]
    assert len(set(embedded)) == len(embedded) == 11  # 8 small ones in SR, 3 large ones elsewhere
    assert sorted(set(places)) == list(range(11))
    assert len(places) == 52
    assert all(base64.b64decode(one).startswith(b"\xff\xd8\xff") for one in embedded)


def test_a_picture_that_does_not_open_is_said_to(make_build: Callable[..., Folder], tmp_path: Path) -> None:
    _, page = written(make_build(broken=True), tmp_path / "review.html")
    assert "does not open" in "".join(page.said)


def test_shared_pictures_give_the_same_page_but_for_the_build(
    make_build: Callable[..., Folder], tmp_path: Path
) -> None:
    pages = [
        written(make_build(name=name, shared=shared), tmp_path / "review.html")[1]
        for name, shared in (("inline", False), ("shared", True))
    ]
    assert pages[0].named("img") == pages[1].named("img")


def test_every_row_has_a_verdict_and_the_three_criteria(small_build: Folder, tmp_path: Path) -> None:
    _, page = written(small_build, tmp_path / "review.html")
    kinds = [(one.get("type"), one["value"]) for one in page.named("input")][:6]
    assert kinds == [
        *(("radio", verdict) for verdict in ("accept", "reject", "unsure")),
        *(("checkbox", criterion) for criterion in ("accuracy", "clarity", "relevance")),
    ]
    assert len(page.named("textarea")) == 24
