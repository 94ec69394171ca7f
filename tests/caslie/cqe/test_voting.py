import pytest

from caslie.cqe.voting import parse


@pytest.mark.parametrize(
    ("text", "useful"),
    [
        ("yes", True),
        ("No.", False),
        (" YES, it will.", True),
        ('"no"', False),
        ("**Yes**", True),
        ("No, the caption is about another product.", False),
        ("yes and no", None),
        ("no... or yes", None),
        ("the", None),
        ("Yesterday", None),
        ("nope", None),
        ("Not at all", None),
        ("I would say yes", None),
        ("", None),
        ("是", None),
        ("1", None),
    ],
)
def test_only_a_plain_yes_or_no_is_a_vote(text, useful):
    assert parse(text) is useful
