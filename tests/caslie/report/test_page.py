"""The page of a report: what a person sees, and what may never happen."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from caslie.report.page import render_page
from caslie.report.schema import Report
from tests.caslie.report.reports import DRAWN, HOSTILE, OURS, bare
from tests.pages import Page

VOID = {"meta", "img", "link", "br"}


class Balanced(HTMLParser):
    """The elements that are open, which must close in their order; all ids and headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def html(report: Report) -> str:
    return render_page(report)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_the_head_tells_what_the_report_is_about(page: Page) -> None:
    assert "user/data, commit c0ffeec0ffee, split test: 1,204 rows in 2 test sets" in page.text
    assert "mode generate (what the models wrote, read as an answer by grammar), seed 7" in page.text


def test_every_section_is_in_the_contents_and_in_order(page: Page) -> None:
    sections = [one["id"] for one in page.named("section")]
    assert " ".join(map(str, sections)) == "systems verdict tables captions figures cases failures costs modes about"
    links = [one["href"] for one in page.named("a")]
    assert [f"#{id}" for id in sections] == [link for link in links if link not in ("#main", links[-1])]


def test_elements_close_and_headings_do_not_skip(html: str) -> None:
    balanced = Balanced(html)
    assert balanced.open == []
    assert balanced.headings[0] == 1 and balanced.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(balanced.headings, balanced.headings[1:], strict=False))


def test_ids_are_unique_and_labels_point_at_them(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    named = {attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes}
    assert named <= set(ids)


def test_ours_stand_below_the_printed_lines_and_say_so(page: Page) -> None:
    assert [one.get("class") for one in page.named("tr")].count("ours") == 2 * len(OURS) + 2
    assert "ours small\u20130.500 0.400\u20130.6000.250 0.125\u20130.500" in page.text


def test_only_the_best_is_bold(html: str) -> None:
    assert len(re.findall(r"<td><b title[^>]*>0\.500</b> <small>", html)) == 2
    assert html.count("told apart by paired tests") == 2


def test_counts_are_whole_and_a_missing_number_says_why(html: str, page: Page) -> None:
    assert "ours small\u20130.500 0.400\u20130.6003" in page.text
    assert '<abbr title="not measured">\u2013</abbr>' in html
    assert '<abbr title="no captions">\u2013</abbr>' in html


def test_a_table_without_ours_is_folded(html: str) -> None:
    folded = re.findall(r"<summary>(Not run here[^<]*)</summary>", html)
    assert folded == ["Not run here: Tables 5, 6, A3, A4, A8, A9, A10, A11, A12, A13"]


def test_the_verdict_names_its_test_and_p(page: Page) -> None:
    assert "betteron 2 of 2 at p < 0.05: AP OOD +0.250 (p = 0.004); SR IND" in page.text
    assert "agrees on AP OOD (p = 0.010); does not on SR IND (p = 0.300)." in page.text
    assert "worseon 1 of 2 at p < 0.05: AP OOD -0.500 (p < 0.001)." in page.text
    assert "agrees on AP OOD (p < 0.001); finds besides SR IND (p = 0.020)." in page.text


def test_the_verdict_corrects_for_many_tests(page: Page) -> None:
    assert "of the 2, what stays decided when all are taken together: AP OOD, SR IND." in page.text
    assert "of the 2, what stays decided when all are taken together: AP OOD." in page.text


def test_right_and_wrong_are_told_in_words(page: Page) -> None:
    assert "small-text✗ wrongA: " in page.text
    assert "✗ cannot be read" in page.text
    assert "small✓ rightB: Blue hammerThe answer is B" in page.text
    assert "option B ✓ right" in page.text and "option A ✗ small-text" in page.text


def test_cases_say_how_many_rows_there_are_of_each_kind(page: Page) -> None:
    assert (
        "2 of 1,200 rows. All rows by kind: captions help 3, captions hurt 0, all wrong 0, all right 1,197"
        in page.text
    )
    assert "3 more items of this row are not shown." in page.text


def test_a_row_without_captions_shows_its_pictures_alone(report: Report) -> None:
    text = Page(render_page(replace(report, cases=report.cases[1:]))).text
    assert "no caption" not in text.partition("Case studies")[2].partition("Errors")[0].replace("no captions", "")


def test_labels_and_suggestions_stand_apart(page: Page) -> None:
    assert "attribute missing4100.0% 51.0\u2013100.0%18.0%5" in page.text
    assert "attribute missing0\u201318.0%5" in page.text
    assert "suggestion and label are the same on 25.0% of 4 labelled rows, kappa 0.12." in page.text


def test_what_is_not_labelled_says_how_to_label(page: Page) -> None:
    assert "caslie failures 'runs/\"'\"'\"'><img" in page.text
    assert "caslie failures runs/small " not in page.text
    assert "none: this system reads no captions, and the classes are about captions." in page.text


def test_costs_and_modes_are_told(page: Page) -> None:
    assert "training" in page.text and "2 h 5 min" in page.text and "4.2 s" in page.text
    assert "87.5% 0.750/0.500" in page.text
    assert "of 4 to 9 rows each" in page.text


def test_figures_are_in_the_page_with_their_sentences(page: Page) -> None:
    drawn = [one for one in page.named("img") if str(one["src"]).startswith("data:image/svg+xml;base64,")]
    names = [re.findall(rb"<!--(\w+)-->", base64.b64decode(str(one["src"]).partition(",")[2])) for one in drawn]
    assert sorted(name for found in names for name in found) == sorted(name.encode() for name in DRAWN)
    assert all(one["alt"] for one in page.named("img"))


def test_no_word_becomes_an_element(html: str, page: Page) -> None:
    assert "<img src=x" not in html and page.named("script") == []
    assert "\u202e" not in html and "\ufffd" in html
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert not any("style" in attributes for _, attributes in page.elements)
    assert HOSTILE[:60] in page.text


def test_the_page_can_be_written_though_an_answer_ends_amid_a_sign(html: str) -> None:
    assert "half of a sign ?" in html
    html.encode()


def test_the_policy_allows_the_pages_own_style_and_nothing_else(html: str, page: Page) -> None:
    (policy,) = [str(one["content"]) for one in page.named("meta") if one.get("http-equiv")]
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy


def test_nothing_is_fetched(page: Page) -> None:
    assert page.named("link") == []
    assert {str(one["src"])[:11] for one in page.named("img")} == {"data:image/"}
    away = [one["href"] for one in page.named("a") if not str(one["href"]).startswith("#")]
    assert away == ["https://arxiv.org/abs/2410.17337"]


def test_tables_have_captions_and_scopes(page: Page) -> None:
    assert len(page.named("caption")) == len(page.named("table"))
    assert {one.get("scope") for one in page.named("th")} == {"col", "colgroup", "row"}


def test_the_page_depends_on_the_report_alone(report: Report, html: str) -> None:
    assert render_page(report) == html


def test_a_report_with_the_least_says_what_it_lacks() -> None:
    page = Page(render_page(bare()))
    assert [one["id"] for one in page.named("section")] == ["systems", "verdict", "about"]
    assert "Only one system is here" in page.text
    assert "agreement of the two modesnot here: no system was asked in both modes" in page.text
    assert "captions usednot here: no dataset at hand has captions" in page.text
    assert "digest d1d1d1d1d1d1" in page.text and "none: the dataset lay in a folder" in page.text


def test_one_system_alone_is_in_the_title() -> None:
    assert Page(render_page(bare())).text.count("Report on alone") == 2
