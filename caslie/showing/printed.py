"""What the paper prints beside our own numbers (Tables 4 and A5), and how both are printed."""

from functools import cache
from pathlib import Path

import yaml


@cache
def printed(column: str) -> dict[str, float]:
    """A row of a table of the paper, as shares by config."""
    table = yaml.safe_load((Path(__file__).parent / "printed.yaml").read_text(encoding="utf-8"))
    return {config: round(percent / 100, 4) for config, percent in table[column].items()}


def percent(share: float | None) -> str:
    """A share for people; nothing where there is none."""
    return "" if share is None else f"{share:.1%}"
