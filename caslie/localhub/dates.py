"""How a Hub writes a moment: the one form that every client reads."""

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """Write a moment, with its fraction even where that is 0: clients refuse a date without one."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now() -> str:
    """Write this moment."""
    return stamp(datetime.now(UTC))
