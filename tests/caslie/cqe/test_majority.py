from itertools import product

import pytest

from caslie.cqe import decide, settle
from caslie.schema import Vote

ANSWERS = (True, False, None)


def votes(*answers):
    return [Vote(f"judge {number}", answer) for number, answer in enumerate(answers)]


@pytest.mark.parametrize("n_judges", [1, 3, 5, 7])
def test_stopping_early_never_changes_the_verdict(n_judges):
    for answers in product(ANSWERS, repeat=n_judges):
        given = votes(*answers)
        assert settle(given, early_stop=True).keep == settle(given, early_stop=False).keep


@pytest.mark.parametrize("n_judges", [1, 3, 5, 7])
def test_the_verdict_is_certain_as_soon_as_it_is_given_and_not_before(n_judges):
    for n_given in range(n_judges + 1):
        for answers in product(ANSWERS, repeat=n_given):
            ends = {
                decide(votes(*answers, *rest), n_judges).keep for rest in product(ANSWERS, repeat=n_judges - n_given)
            }
            assert decide(votes(*answers), n_judges).keep == (ends.pop() if len(ends) == 1 else None)


@pytest.mark.parametrize(
    ("answers", "keep"),
    [
        ((True, True, True, False, False), True),
        ((True, True, False, False, None), False),
        ((True, True, None, None, None), False),
        ((None,) * 5, False),
        ((True, False), False),
        ((True, None), False),
    ],
)
def test_a_caption_is_kept_if_more_than_half_of_all_judges_say_yes(answers, keep):
    assert decide(votes(*answers), len(answers)).keep is keep


def test_without_judges_every_caption_is_kept():
    assert settle([], early_stop=True).keep is True


def test_votes_behind_the_deciding_one_are_left_out_even_if_they_are_at_hand():
    assert len(settle(votes(True, True, True, False, False), early_stop=True).votes) == 3
    assert len(settle(votes(True, True, True, False, False), early_stop=False).votes) == 5


def test_a_missing_vote_leaves_open_what_it_could_decide():
    given = votes(True, True, False, False)
    assert settle([None, *given], early_stop=True).keep is None
    assert settle([None, *votes(True, True, True, False)], early_stop=True).keep is True
