"""Which class the rules suggest, and why."""

import pytest

from caslie.report.failures.classes import CONFLICT, HARD, MISSING, UNHELPED, class_named, classes
from caslie.report.failures.suggesting import Item, suggest
from mmecinstruct.errors import UnknownNameError


def item(caption: str | None, words: str = "Striped mug", read: bool = True, right: bool = True) -> Item:
    return Item("product", words, "What colour is it?", caption, read, right)


@pytest.mark.parametrize(
    ("items", "name", "reason"),
    [
        ([item("A red mug.", read=False)], UNHELPED, "product: dropped, and tells red"),
        ([item(None, read=False)], UNHELPED, "product: no caption was written"),
        ([item("A red mug.", read=False), item("Brax.", right=False)], UNHELPED, "product: dropped, and tells red"),
        ([item("A striped mug.", read=False)], MISSING, "no caption that was read tells anything beyond the text"),
        ([item("A red mug.", "Blue mug", read=False)], MISSING, "no caption that was read tells anything"),
        ([item("A red mug.", "Blue mug")], CONFLICT, "product: colour red in its caption, blue in its words"),
        ([item("Two mugs.", "Mug")], HARD, "no other rule fits"),
        ([item("The picture shows striped mugs.")], MISSING, "no caption that was read tells anything"),
        ([item("A colour.")], MISSING, "no caption that was read tells anything"),
        ([item("A red mug.")], HARD, "no other rule fits"),
        ([item("A red mug."), item("A red cup.", "Blue cup", right=False)], CONFLICT, "red in its caption, blue"),
        ([item("A red mug.", read=False), item("A mug.")], MISSING, "no caption that was read tells anything"),
    ],
)
def test_each_rule_says_why(items: list[Item], name: str, reason: str) -> None:
    found = suggest(items)
    assert (found.name, reason in found.reason) == (name, True), found


def test_the_paper_s_shares_are_of_all_its_failures() -> None:
    assert [round(100 * one.printed) for one in classes()] == [18, 7, 31, 10, 34]
    assert all(one.quoted.endswith(".") for one in classes())


@pytest.mark.parametrize("text", ["Context_Conflict", " context  conflict ", "3", "(3)", "CONTEXT-CONFLICT."])
def test_a_label_is_read_as_people_write_it(text: str) -> None:
    assert class_named(text) == CONFLICT


def test_a_misspelt_label_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown label 'hard case'\. Did you mean 'hard cases'"):
        class_named("hard case")
