"""The YAML at the head of a card: found, read within bounds, and told in what JSON can hold."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

import yaml

HEAD = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)(?:^|\n)---[ \t]*(?:\r?\n|$)", re.DOTALL)

LONGEST_HEAD = 1 << 18
MOST_VALUES = 100_000
DEEPEST = 30


class BadCard(Exception):
    """A card whose YAML cannot be read; the message says why."""


class BadYaml(Exception):
    """Text of strangers that is no YAML, or YAML that would take too much to read; the message says why."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML without `<<`: nine lines of it stand for more pairs than there is memory, before one can be counted."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(None, None, "merge keys (<<) are not read", key.start_mark)
        super().flatten_mapping(node)


def read_yaml(text: str | bytes) -> object:
    """Read YAML of strangers, whose aliases may still stand for more values than can be counted.

    Raises:
        BadYaml: it cannot be read.
    """
    try:
        content: object = yaml.load(text, Loader=_Loader)
    except RecursionError as error:
        raise BadYaml("nested too deeply") from error
    # All that PyYAML raises: of `!!bool x`, `!!int ""` and 2024-99-99 it lets Python's own errors through.
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        raise BadYaml(" ".join(str(error).split())[:300]) from error
    return content


def read_metadata(card: str) -> dict[str, object] | None:
    """What the YAML at the head of a card says; None where there is none.

    Raises:
        BadCard: it is no YAML, no mapping, or more than a card has reason to hold.
    """
    found = HEAD.match(card)
    if not found or not found[1].strip():
        return None
    if len(found[1]) > LONGEST_HEAD:
        raise BadCard(f"the metadata is longer than {LONGEST_HEAD} characters")
    try:
        content = read_yaml(found[1])
    except BadYaml as error:
        raise BadCard(f"the metadata is no YAML: {error}") from error
    if not isinstance(content, dict):
        raise BadCard("the metadata must be a mapping of keys to values")
    return _mapping(content, iter(range(MOST_VALUES)), 0)


def _mapping(content: Mapping[object, object], budget: Iterator[int], depth: int) -> dict[str, object]:
    return {_text(key): _plain(value, budget, depth + 1) for key, value in content.items()}


def _plain(value: object, budget: Iterator[int], depth: int) -> object:
    """Copy what JSON can hold, and count: a few aliases can stand for more values than there is memory."""
    if next(budget, None) is None or depth > DEEPEST:
        raise BadCard(f"the metadata holds more than {MOST_VALUES} values, or is nested deeper than {DEEPEST}")
    if isinstance(value, Mapping):
        return _mapping(value, budget, depth)
    if isinstance(value, list | tuple | set):
        return [_plain(one, budget, depth + 1) for one in value]
    return value if isinstance(value, str | bool | None) else _scalar(value)


def _scalar(value: object) -> object:
    if isinstance(value, int) and abs(value) < 1 << 63:
        return value
    if isinstance(value, float) and value - value == 0:  # neither infinite nor no number
        return value
    if isinstance(value, date):
        return value.isoformat()
    raise BadCard("the metadata holds a value that is no text, number, date, list or mapping")


def _text(key: object) -> str:
    if isinstance(key, str | int | float | date) or key is None:
        return str(key)
    raise BadCard("the metadata has a key that is no text")
