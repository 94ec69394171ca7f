"""The paper as printed, and all that is found in it."""

import pytest

from caslie.paper.checking import Checked, check
from caslie.paper.paper import Paper, printed_paper


@pytest.fixture(scope="session")
def paper() -> Paper:
    return printed_paper()


@pytest.fixture(scope="session")
def checked(paper: Paper) -> Checked:
    return check(paper)
