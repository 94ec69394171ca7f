"""A report with everything in it."""

import pytest

from caslie.report.schema import Report
from tests.caslie.report.reports import full


@pytest.fixture(scope="session")
def report() -> Report:
    return full()
