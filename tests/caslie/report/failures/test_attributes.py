"""What texts name of a product."""

import pytest

from caslie.report.failures.attributes import conflicts, named, news


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A Gray and WHITE mug", {"colour": {"grey", "white"}}),
        ("Solid oak table", {"material": {"wood"}}),
        ("17 X 10 X 5 inches", {"number in inch": {"17", "10", "5"}}),
        ('a 6.50" blade', {"number in inch": {"6.5"}}),
        ("Pack of six", {"number in a pack": {"6"}}),
        ("a six-pack, 500ml each", {"number in a pack": {"6"}, "number in ml": {"500"}}),
        ("a red ball on a white background", {"colour": {"red"}}),
        ("1,000 ml, 1/2 inch, 2 in stock, model 5x", {}),
        ("scarred, goldfish, 5 incheses", {}),
        ("", {}),
    ],
)
def test_colours_materials_and_numbers_with_units_are_named(text: str, found: dict[str, set[str]]) -> None:
    assert named(text) == found


@pytest.mark.parametrize(
    ("caption", "title", "kinds"),
    [
        ("a red mug", "Blue mug", ["colour"]),
        ("a red and blue mug", "Blue mug", []),
        ("a red mug", "Mug", []),
        ("a steel and glass lamp", "Metal lamp", []),
        ("a 12 inch pan", "1 foot pan", []),
        ("a pack of four red pens", "Pen, 6 pack, blue", ["colour", "number in a pack"]),
    ],
)
def test_texts_conflict_where_they_share_no_value_of_a_kind(caption: str, title: str, kinds: list[str]) -> None:
    assert list(conflicts(caption, title)) == kinds


def test_news_are_words_that_the_text_has_not_in_singular_or_plural() -> None:
    assert news("The picture shows orange hammers labelled Brax.", "Striped hammer") == ["orange", "brax"]
    assert news("The picture shows striped hammers.", "Striped hammer") == []


def test_a_caption_that_sees_nothing_tells_nothing() -> None:
    assert news("The picture is too blurred to show anything.", "Mug") == []
