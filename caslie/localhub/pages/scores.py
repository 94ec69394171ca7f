"""The scores a model's card states (`model-index`), and those in its `.eval_results` files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from caslie.localhub.cards import BadYaml, read_yaml
from caslie.localhub.pages.errors import Unshowable
from caslie.localhub.pages.snapshot import Snapshot
from caslie.localhub.pages.text import short, words
from caslie.localhub.storage.git import Entry

FOLDER = ".eval_results/"
LARGEST = 1 << 18
MOST = 500


@dataclass(frozen=True, slots=True)
class Score:
    """One number as it was stated; `exact` has every digit of it."""

    of: str
    metric: str
    value: str
    exact: str
    interval: str
    notes: str


def stated_scores(header: Mapping[object, object]) -> list[Score]:
    """The scores of a card's `model-index`.

    Raises:
        Unshowable: it has another shape than the real Hub takes.
    """
    index = header.get("model-index")
    if not index:
        return []
    try:
        # Counted, for a few lines of YAML can refer to each other for millions.
        return list(islice(_of_models(index), MOST))
    except TypeError as error:
        raise Unshowable(f"its model-index is not as it should be: {error}") from error


def measured_scores(snapshot: Snapshot, entry: Entry) -> list[Score]:
    """The scores of a file in `.eval_results`.

    Raises:
        Unshowable: it is no such file, or too large for one.
    """
    if entry.size > LARGEST:
        raise Unshowable(f"it is larger than {LARGEST:,} bytes")
    try:
        content = read_yaml(snapshot.start_of(entry, LARGEST))
        return [_measured(one) for one in _list(content)[:MOST]]
    except (BadYaml, TypeError) as error:
        raise Unshowable(f"it is not as it should be: {error}") from error


def _of_models(index: object) -> Iterator[Score]:
    for model in _list(index):
        for result in _list(_at(model, "results")):
            yield from _result(result)


def _result(result: object) -> Iterator[Score]:
    dataset = _at(result, "dataset")
    of = _joined(_at(dataset, "type") or _at(dataset, "name"), _at(dataset, "config"), _at(dataset, "split"))
    for metric in _list(_at(result, "metrics")):
        arguments = _at(metric, "args") or {}
        value = _at(metric, "value")
        name = _joined(_at(metric, "name") or _at(metric, "type"))
        yield Score(of, name, _rounded(value), _joined(value), _interval(arguments), _notes(arguments))


def _measured(one: object) -> Score:
    dataset, value = _at(one, "dataset"), _at(one, "value")
    of = _joined(_at(dataset, "id"), _at(dataset, "task_id"))
    return Score(of, "", _rounded(value), _joined(value), "", _joined(_at(one, "notes")))


def _interval(arguments: object) -> str:
    interval = _at(arguments, "interval") if isinstance(arguments, Mapping) else None
    return " to ".join(_rounded(end) for end in interval[:2]) if isinstance(interval, list) else ""


def _notes(arguments: object) -> str:
    if not isinstance(arguments, Mapping):
        return ""
    return ", ".join(f"{_joined(key)}: {_joined(value)}" for key, value in arguments.items() if key != "interval")


def _rounded(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else _joined(value)


def _joined(*values: object) -> str:
    return " · ".join(word for value in values for word in words(value))


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"a list is missing, where {short(str(type(value).__name__))} is")
    return value


def _at(value: object, key: str) -> object:
    if not isinstance(value, Mapping):
        raise TypeError(f"a mapping with {key!r} is missing, where {type(value).__name__} is")
    return value.get(key)
